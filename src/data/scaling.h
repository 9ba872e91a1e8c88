// scaling.h: numbers brought to mean 0 and deviation 1, column by column, as training data are.
//
// Where to start: scaling_of, scaled. What always holds: a missing number (NaN) counts for nothing, and
// scaled it is 0, its column's mean; a deviation is never 0.
#pragma once

#include <vector>

namespace cellwright {

/// What every column is shifted and divided by; a deviation of 0 (a column that is always the same) is 1.
struct Scaling {
  std::vector<double> mean, deviation;
};

/// Whether it scales `width` columns: one read from a file may not.
bool fits(const Scaling& scaling, int width);

/// Over all rows of several arrays, each [rows, width].
Scaling scaling_of(int width, const std::vector<const std::vector<float>*>& arrays);

/// [rows, width of the scaling] likewise.
std::vector<float> scaled(const std::vector<float>& values, const Scaling& scaling);

}  // namespace cellwright
