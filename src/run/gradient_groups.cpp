// gradient_groups.cpp: see gradient_groups.h.
#include "run/gradient_groups.h"

#include <algorithm>

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

}  // namespace

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
