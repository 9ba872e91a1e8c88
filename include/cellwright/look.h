// look.h: what a text model shows of its inside. Start at TextModel::trace and TextModel::ledger
// (text_model.h); the command line has more (docs/explain.md). Values are those of the run itself, never
// computed again.
#pragma once

#include <string>
#include <vector>

namespace cellwright {

/// One line of one layer's cell at every step.
struct LineValues {
  int layer = 0;     ///< from 0
  std::string line;  ///< "f"
  int units = 0;
  std::vector<float> values;  ///< [tokens, units], row major
};

struct TextTrace {
  std::vector<std::string> pieces;  ///< the text of each token
  std::vector<LineValues> lines;
};

/// Which unit of which belt: a state with next = coefficient ⊙ old + Σ terms, found in the cell by its
/// algebra.
struct LedgerQuestion {
  int layer = 0;
  std::string state = "";  ///< "": the layer's first
  int unit = 0;
  int step = -1;  ///< after which step of the text, from 0; -1: the last
};

struct BeltEntry {
  int step = 0;
  double kept = 0;           ///< share of it that is left: the product of the coefficients since
  std::vector<double> put;   ///< per term: what the step put on the belt
  std::vector<double> left;  ///< per term: kept · put
};

/// value = start_kept · start + Σ left, but for rounding.
struct BeltAccount {
  std::string state, coefficient;  ///< "C", "f"
  std::vector<std::string> terms;  ///< "i ⊙ C̃"
  double start = 0, start_kept = 0;
  std::vector<BeltEntry> entries;  ///< steps 0 … step
  double value = 0;
};

}  // namespace cellwright
