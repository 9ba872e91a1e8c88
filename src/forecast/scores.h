// scores.h: how far forecasts are off: MAE, RMSE, MASE, and how often an 80 % interval holds the number.
//
// Start at Scores. Always holds: numbers that are missing do not count; MASE (Hyndman & Koehler 2006) is the
// MAE over that of the seasonal naive forecast one step ahead within the training part.
#pragma once

#include <cstdint>
#include <vector>

namespace cellwright {

/// Mean of |y[t] - y[t - season]| over y[0, train) where both are there; 0 where there are none.
double naive_error(const std::vector<double>& y, int train, int season);

class Scores {
 public:
  /// scale: naive_error() of the number's series, 0: none. An interval of NaN does not count.
  void add(double actual, double forecast, double scale, double low, double high);
  void add(double actual, double forecast, double scale);
  void add(const Scores& other);

  std::int64_t count() const { return count_; }
  double mae() const;
  double mse() const;
  double rmse() const;
  double mase() const;      ///< NaN where a scale is none
  double coverage() const;  ///< share of the numbers that lie within; NaN without intervals

 private:
  std::int64_t count_ = 0, intervals_ = 0, within_ = 0, scaled_ = 0;
  double absolute_ = 0, squares_ = 0, relative_ = 0;
};

/// Where a forecast of `horizon` steps may begin within rows [first, rows), every `stride` rows: as many rows
/// lie before it.
std::vector<int> origins(int first, int rows, int horizon, int stride);

/// Origins of `folds` forecasts that end with the series and do not overlap. SpecError: too few rows for one
/// before which `least` rows are left.
std::vector<int> fold_origins(int rows, int horizon, int folds, int least);

}  // namespace cellwright
