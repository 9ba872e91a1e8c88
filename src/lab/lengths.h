// lengths.h: the lengths a task is measured at, and how those of training are drawn between them.
#pragma once

#include <vector>

#include "lab/random_draw.h"
#include "lab/task.h"

namespace cellwright::lab {

/// The lengths asked for, or the task's own, ascending, each once. SpecError for one outside [least, most].
std::vector<int> lengths_or(const std::vector<int>& asked, const std::vector<int>& own, int least, int most);

/// A point a length, those above `longest_trained` beyond training.
std::vector<Point> points_at(const std::vector<int>& lengths, int longest_trained);

/// From [low, high], with equal chance for each factor (log-uniform): short ones often, because what is
/// learned on them helps with the long ones, and because they cost little.
int draw_length(int low, int high, RandomDraw& draw);

}  // namespace cellwright::lab
