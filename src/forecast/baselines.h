// baselines.h: what a forecast must beat: naive (the last number), seasonal naive (that of a season before),
// drift (the straight line from the first number to the last), exponential smoothing.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace cellwright {

class Baseline {
 public:
  virtual ~Baseline() = default;
  virtual std::string name() const = 0;
  /// y: a series without gaps, which is kept by reference; y[0, train) may be fitted to.
  virtual void read(const std::vector<double>& y, int train, int season) = 0;
  /// The `horizon` numbers behind y[0, origin), from those alone. origin ≥ 1.
  virtual void forecast(int origin, int horizon, double* to) const = 0;
};

/// Of a series with a season of `season` steps; 1: none, and then no seasonal naive one.
std::vector<std::unique_ptr<Baseline>> baselines(int season);

/// The number that the seasonal naive forecast repeats for step `h` (from 1) behind `origin` numbers; where
/// there is less than a season, the last.
int season_before(int origin, int h, int season);

/// Gaps carried forward; leading ones take the first number that is there (0 where there is none).
std::vector<double> without_gaps(const std::vector<double>& y);

}  // namespace cellwright
