// gradient_groups.h: the gradients of a plan's parameters, grouped by the rows of `d` that they share, so
// that these are read once for all of them.
#pragma once

#include <vector>

#include "compile/plan.h"

namespace cellwright {

/// Matrices, and at most one bias, that receive Σ d ⊗ operand over the same rows of d.
struct GradientGroup {
  Place d;
  int d_size = 0, d_offset = 0;
  int rows = 0;    ///< of the matrices: units of d
  int period = 1;  ///< `d` is 0 at all other steps
  std::vector<WeightGradientTask> weights;
  int bias_piece = -1;  ///< gets Σ d; -1: none
};

struct GradientGroups {
  std::vector<GradientGroup> groups;
  std::vector<VectorGradientTask> sums;  ///< what belongs to no group
  /// Of parameters that the cell shares, which several tasks add to: to be gone through step by step, all
  /// tasks of a step in this order, or the bits would depend on how a sequence is cut into stretches and
  /// windows.
  std::vector<GradientGroup> shared_groups;
  std::vector<VectorGradientTask> shared_sums;
};

/// Panels [first, last) of a group that a thread of a team makes.
struct PanelRange {
  int first = 0, last = 0;
};

/// The threads' shares of all groups together, as even as multiply-adds can be split by `wide` panels of
/// `panel` columns, which a tile takes side by side: a group of few panels then belongs to one thread.
/// [threads][groups].
std::vector<std::vector<PanelRange>> split_panels(const std::vector<GradientGroup>& groups, const Plan& plan,
                                                  int threads, int panel, int wide);

/// Every task of the plan once. A list's order is the plan's.
GradientGroups group_gradients(const Plan& plan);

}  // namespace cellwright
