// scores.cpp: see scores.h.
#include "forecast/scores.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "cellwright/error.h"

namespace cellwright {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double over(double sum, std::int64_t count) { return count > 0 ? sum / static_cast<double>(count) : kNone; }

}  // namespace

double naive_error(const std::vector<double>& y, int train, int season) {
  double sum = 0;
  std::int64_t count = 0;
  for (auto t = static_cast<std::size_t>(season); t < static_cast<std::size_t>(train); ++t) {
    const double error = std::abs(y[t] - y[t - static_cast<std::size_t>(season)]);
    if (std::isnan(error)) continue;
    sum += error;
    ++count;
  }
  return count > 0 ? sum / static_cast<double>(count) : 0;
}

void Scores::add(double actual, double forecast, double scale) { add(actual, forecast, scale, kNone, kNone); }

void Scores::add(double actual, double forecast, double scale, double low, double high) {
  if (std::isnan(actual)) return;
  const double error = actual - forecast;
  ++count_;
  absolute_ += std::abs(error);
  squares_ += error * error;
  if (scale > 0) {
    relative_ += std::abs(error) / scale;
    ++scaled_;
  }
  if (std::isnan(low) || std::isnan(high)) return;
  ++intervals_;
  within_ += low <= actual && actual <= high;
}

void Scores::add(const Scores& other) {
  count_ += other.count_;
  intervals_ += other.intervals_;
  within_ += other.within_;
  scaled_ += other.scaled_;
  absolute_ += other.absolute_;
  squares_ += other.squares_;
  relative_ += other.relative_;
}

double Scores::mae() const { return over(absolute_, count_); }
double Scores::mse() const { return over(squares_, count_); }
double Scores::rmse() const { return std::sqrt(mse()); }
double Scores::mase() const { return scaled_ == count_ ? over(relative_, scaled_) : kNone; }
double Scores::coverage() const { return over(static_cast<double>(within_), intervals_); }

std::vector<int> origins(int first, int rows, int horizon, int stride) {
  std::vector<int> all;
  for (int o = first; o + horizon <= rows; o += stride) all.push_back(o);
  return all;
}

std::vector<int> fold_origins(int rows, int horizon, int folds, int least) {
  const std::int64_t first = rows - static_cast<std::int64_t>(folds) * horizon;
  if (folds < 1 || first < least)
    throw SpecError(
        fmt::format("{} folds of {} steps leave {} of {} rows before the first, and it needs {}; take fewer "
                    "folds or a shorter "
                    "horizon",
                    folds, horizon, std::max<std::int64_t>(0, first), rows, least));
  std::vector<int> all;
  for (int k = 0; k < folds; ++k) all.push_back(static_cast<int>(first) + k * horizon);
  return all;
}

}  // namespace cellwright
