// lengths.h: the lengths a task is measured at, and how those of training are drawn between them.
#pragma once

#include <vector>

#include "lab/random_draw.h"

namespace cellwright::lab {

/// The lengths asked for, or the task's own, ascending, each once. SpecError for one outside [least, most].
std::vector<int> lengths_or(const std::vector<int>& asked, const std::vector<int>& own, int least, int most);

/// From [low, high], with equal chance for each factor (log-uniform): short ones often, because what is
/// learned on them helps with the long ones, and because they cost little.
int draw_length(int low, int high, RandomDraw& draw);

}  // namespace cellwright::lab
