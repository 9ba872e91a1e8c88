// shapes.h: the shapes of a cell's parameters as formulas: H × (H + I), for every size of a layer at once.
//
// Where to start: shapes_of(). Always holds: the formulas are found by making the cell once with sizes that
// no product of small numbers confuses, so they say what lowering does and cannot drift from it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "language/lower.h"

namespace cellwright {

/// A sum of terms factor / divisor · letters; the letters in the order of CellShapes::letters, as "H", "H",
/// "I".
struct Formula {
  struct Term {
    std::int64_t factor = 1;
    std::int64_t divisor = 1;  ///< in lowest terms
    std::vector<int> letters;  ///< indices into CellShapes::letters, ascending
  };
  std::vector<Term> terms;

  Formula& operator+=(const Formula& other);
  Formula operator*(const Formula& other) const;
  Formula scaled(std::int64_t factor, std::int64_t divisor) const;
  double value(const std::vector<double>& letters) const;
};

struct Letter {
  std::string latex;    ///< H for units, I for the input, else what the cell calls the size
  std::string meaning;  ///< "units", "numbers of x", "by `--size cells`"
};

struct ParameterShape {
  std::string name;
  bool matrix = false;
  Formula rows, columns;  ///< columns of a vector: 1
  Formula count;          ///< entries that exist and are trained
};

struct CellShapes {
  std::vector<Letter> letters;  ///< units first
  std::vector<ParameterShape> parameters;
  Formula total;
};

/// With the optional inputs absent or present, and options at their defaults. nullopt where no layer of such
/// sizes can be made: constants with one number a unit, constructs that do not run yet.
std::optional<CellShapes> shapes_of(const syntax::Cell& cell, bool optional_inputs);

/// "4H^2 + 4HI + 4H"; `grouped`: with parentheses around a sum.
std::string latex_formula(const Formula& formula, const std::vector<Letter>& letters, bool grouped = false);

}  // namespace cellwright
