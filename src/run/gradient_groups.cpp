// gradient_groups.cpp: see gradient_groups.h.
#include "run/gradient_groups.h"

#include <algorithm>
#include <cmath>

namespace cellwright {
namespace {

template <class Task>
GradientGroup* find(std::vector<GradientGroup>& groups, const Plan& plan, const Task& task) {
  const int rows = plan.pieces[static_cast<std::size_t>(task.piece)].rows;
  const auto found = std::find_if(groups.begin(), groups.end(), [&](const GradientGroup& g) {
    return g.d.buffer == task.d.buffer && g.d.shift == task.d.shift && g.d_offset == task.d_offset &&
           g.d_size == task.d_size && g.period == task.period && g.rows == rows;
  });
  return found == groups.end() ? nullptr : &*found;
}

/// Multiply-adds of a panel and row of d, on average over the steps.
double cost_of(const GradientGroup& group, const Plan& plan) {
  double columns = group.bias_piece >= 0 ? 1 : 0;
  for (const WeightGradientTask& task : group.weights)
    columns += plan.pieces[static_cast<std::size_t>(task.piece)].columns;
  return columns / group.period;
}

}  // namespace

std::vector<std::vector<PanelRange>> split_panels(const std::vector<GradientGroup>& groups, const Plan& plan,
                                                  int threads, int panel, int wide) {
  double total = 0;
  for (const GradientGroup& g : groups) total += cost_of(g, plan) * ((g.rows + panel - 1) / panel);
  std::vector<std::vector<PanelRange>> split(static_cast<std::size_t>(threads));
  for (int thread = 0; thread < threads; ++thread) {
    double before = 0;  // cost of the groups before
    for (const GradientGroup& g : groups) {
      const int panels = (g.rows + panel - 1) / panel;
      // Where the first `part` of all work ends within this group, to whole tiles.
      const auto border = [&](int part) {
        const double at = (total * part / threads - before) / cost_of(g, plan);
        const double whole = std::clamp(std::floor(at / wide + 0.5) * wide, 0.0, static_cast<double>(panels));
        // The group's own end may be nearer than the last whole tile's.
        return static_cast<int>(std::abs(at - panels) < std::abs(at - whole) ? panels : whole);
      };
      const int last = thread + 1 == threads ? panels : border(thread + 1);
      split[static_cast<std::size_t>(thread)].push_back({border(thread), last});
      before += cost_of(g, plan) * panels;
    }
  }
  return split;
}

GradientGroups group_gradients(const Plan& plan) {
  std::vector<int> tasks(plan.pieces.size(), 0);
  for (const WeightGradientTask& task : plan.weight_gradients) ++tasks[static_cast<std::size_t>(task.piece)];
  for (const VectorGradientTask& task : plan.vector_gradients) ++tasks[static_cast<std::size_t>(task.piece)];
  const auto shared = [&](int piece) { return tasks[static_cast<std::size_t>(piece)] > 1; };
  GradientGroups result;
  for (const WeightGradientTask& task : plan.weight_gradients) {
    const GradientGroup alone{task.d,
                              task.d_size,
                              task.d_offset,
                              plan.pieces[static_cast<std::size_t>(task.piece)].rows,
                              task.period,
                              {task},
                              -1};
    if (shared(task.piece)) {
      result.shared_groups.push_back(alone);
    } else if (GradientGroup* group = find(result.groups, plan, task)) {
      group->weights.push_back(task);
    } else {
      result.groups.push_back(alone);
    }
  }
  for (const VectorGradientTask& task : plan.vector_gradients) {
    if (shared(task.piece)) {
      result.shared_sums.push_back(task);
      continue;
    }
    GradientGroup* group = task.times.buffer < 0 ? find(result.groups, plan, task) : nullptr;
    if (group != nullptr && group->bias_piece < 0) {
      group->bias_piece = task.piece;
    } else {
      result.sums.push_back(task);
    }
  }
  return result;
}

}  // namespace cellwright
