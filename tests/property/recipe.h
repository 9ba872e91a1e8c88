// recipe.h: a cell as typed trees, before it is text: what the generator makes and the shrinker cuts.
//
// Where to start: CellRecipe, then recipe_text(). What a text needs beside its equations (param, size, share,
// const, option lines) follows from what the equations use, so a shrunk recipe drops it by itself.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "language/lower.h"

namespace cellwright {

/// Which size a value has: `times` pieces of size class `cls`; class 0 is units, -1 a single number.
struct SizeType {
  int cls = -1;
  int times = 1;

  bool scalar() const { return cls < 0; }
  bool operator==(const SizeType& o) const { return cls == o.cls && times == o.times; }
};

struct Term {
  enum class Kind : std::uint8_t {
    kNumber,
    kName,   ///< a line or an input, `delay` steps ago
    kParam,  ///< a vector parameter
    kConst,  ///< a constant, a number a unit; the numbers follow from its name
    kNormal,
    kCall,   ///< `text` in ASCII
    kEvery,  ///< args: new, old; `text` names an option
    kNegate,
    kBinary,   ///< + - * /
    kProduct,  ///< `text`·args[0]
    kList,
    kAlternative,  ///< (args[0] | args[1])
  };
  Kind kind = Kind::kNumber;
  std::string text;  ///< name, function or operator; the number as written
  int delay = 0;
  SizeType type;
  double bound = 0;  ///< about how large it gets: keeps values where differences mean something
  std::vector<Term> args;
};

struct Line {
  std::vector<std::string> names;  ///< several: split(value)
  SizeType type;                   ///< of each name
  Term value;
  bool loss = false;
};

struct InputPort {
  std::string name;
  int cls = 0;
  bool optional = false;
  bool present = true;
};

/// A line of the text that is neither equation nor follows from one. `names` holds what it speaks of; it is
/// left out of the text when one of them is not used any more.
struct Remark {
  enum class Kind : std::uint8_t {
    kStart,
    kStartList,
    kStartParam,
    kInit,
    kBlocks,
    kBlocksOption,
    kUpper,
    kZone
  };
  Kind kind = Kind::kInit;
  std::vector<std::string> names;
  std::string text;  ///< kStart, kInit: what stands right of '='; kStartParam: the parameter
  int blocks = 2;    ///< wanted; fewer where the sizes do not divide
  SizeType rows, columns;
};

struct CellRecipe {
  std::uint64_t seed = 0;
  std::vector<InputPort> inputs;
  std::vector<Line> lines;
  std::vector<std::string> outputs;
  std::vector<Remark> remarks;
  std::vector<int> sizes;                           ///< number of each class
  std::map<std::string, std::vector<int>> periods;  ///< options that every() names
  bool ascii = false;
  bool declare_sizes = false;  ///< a `size` line for every line, whether inference finds it or not
  int steps = 5;
  int lanes = 2;
  bool differences = true;
};

/// Cell in the language. Deterministic.
std::string recipe_text(const CellRecipe& recipe);

CellBinding recipe_binding(const CellRecipe& recipe);

/// Calls f(term) for a tree and all its parts.
template <class F>
void each_term(const Term& term, const F& f) {
  f(term);
  for (const Term& part : term.args) each_term(part, f);
}

/// Number of terms of all lines.
int term_count(const CellRecipe& recipe);

}  // namespace cellwright
