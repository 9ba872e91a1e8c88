// split.h: how many threads take lanes of a loop, and how many share the same lanes by units: a model of what
// each way costs, and the cheapest.
//
// Where to start: estimate_splits(). Lanes do not see each other, so threads that split them never wait; that
// is the way where there are enough. Few lanes starve it: with one, one thread works; with a handful, each
// thread reads all weights for the sake of two rows. Then threads share a group of lanes by units, and meet
// at a barrier before each product. What always holds: a split changes no bit, so the model may be wrong.
#pragma once

#include <vector>

#include "compile/plan.h"
#include "run/unit_shares.h"

namespace cellwright {

/// Threads a loop is run by: thread p·units + q takes part p of the lanes, and of these part q of the units.
struct Split {
  int lanes = 1, units = 1;
  int team() const { return lanes * units; }
};

/// Nanoseconds, on the machine of docs/performance.md (AVX-512); what decides is their ratios. Products and
/// pointwise work as `bench/run micro` measures them, barrier and team as two threads with nothing else to do
/// measured, doubled, for they come with work of unequal length.
struct SplitCosts {
  /// A line of 64 bytes of packed weights times one row, many rows at once: 32 operations at 0.95 of the
  /// peak.
  double row = 0.29;
  /// Fetching the line, which few rows wait for: a product of one row reaches 0.38 of the peak.
  double line = 0.73;
  double number = 0.03;     ///< one op of pointwise work, a number
  double activation = 0.2;  ///< σ, tanh and their like, a number
  double call = 6;          ///< of an op, for a tile
  double barrier = 300;     ///< a barrier: 150 ns when nobody is late
  double team = 1500;       ///< starting a team and waiting for its end, a stretch of a window: 720 ns
};

/// Rows, over steps and lanes, of a stretch (Runner): the loop runs once for each.
inline constexpr int kStretchRows = 512;

struct SplitEstimate {
  Split split;
  int waits = 0;           ///< barriers a step
  double nanoseconds = 0;  ///< a window
};

/// A loop, divided by units in as many ways as were asked for so far.
class LoopShares {
 public:
  /// Keeps a reference to the plan. `panel`: columns of a packed panel. `reverse`: the backward loop.
  LoopShares(const Plan& plan, bool reverse, int panel);

  const std::vector<InstructionShares>& of(int units);
  const Plan& plan() const { return plan_; }
  const Program& loop() const { return reverse_ ? plan_.backward_loop : plan_.forward_loop; }
  int panel() const { return panel_; }

 private:
  const Plan& plan_;
  const bool reverse_;
  const int panel_;
  std::vector<std::vector<InstructionShares>> by_units_;  ///< [units - 1]; empty: not made yet
};

/// One thread, all threads over lanes, and every way between, for `steps` steps of so many lanes. Never
/// empty; the first is one thread.
std::vector<SplitEstimate> estimate_splits(LoopShares& shares, int steps, int lanes, int threads,
                                           const SplitCosts& costs = {});

/// The cheapest; of equal ones the first.
Split cheapest(const std::vector<SplitEstimate>& estimates);

}  // namespace cellwright
