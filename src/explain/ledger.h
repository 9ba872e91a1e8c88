// ledger.h: the account of a belt: how much of what each past step put on it is left.
//
// Where to start: ledger(). A belt is a state with next = coefficient ⊙ old + Σ terms, found in the graph by
// its algebra (graph/belt.h). So C_t = Σ_s (Π_{u>s} f_u) ⊙ Σ terms_s + (Π_{u≤t} f_u) ⊙ C_start, unit by unit,
// with the values that the run itself had. What always holds: the entries of a unit sum to its value but for
// rounding.
#pragma once

#include <string>
#include <vector>

#include "explain/trace.h"

namespace cellwright {

struct LedgerEntry {
  int step = 0;
  double kept = 0;             ///< Π of the coefficients since: the share of it that is left
  std::vector<double> put;     ///< per term: what was put on the belt then
  std::vector<double> amount;  ///< per term: what is left of it, kept · put
};

/// Of one unit of one belt, after step `step`, in one lane.
struct Ledger {
  int layer = 0, unit = 0, step = 0;
  std::string state;                 ///< "C"
  std::string coefficient;           ///< "f", "1 - z"
  std::vector<std::string> terms;    ///< "i ⊙ C̃"
  double start = 0;                  ///< of the value before step 0
  double start_kept = 0;             ///< its share
  std::vector<LedgerEntry> entries;  ///< steps 0 … step
  double value = 0;                  ///< of the state after `step`, as the run had it

  double sum() const;  ///< of all amounts and of what is left of the start
};

/// `trace` with its belts. SpecError: no such unit or step.
template <class T>
Ledger ledger(const Trace<T>& trace, const TracedBelt& belt, int unit, int step, int lane = 0);

/// Sums of |kept · put| over the units of the belt, by age: how much of what is on it after `step` was put
/// there `age` steps ago.
template <class T>
std::vector<double> belt_ages(const Trace<T>& trace, const TracedBelt& belt, int step, int lane = 0);

}  // namespace cellwright
