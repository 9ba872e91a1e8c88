// baselines.cpp: see baselines.h.
#include "forecast/baselines.h"

#include <cmath>
#include <optional>

#include "forecast/exponential_smoothing.h"

namespace cellwright {
namespace {

class Kept : public Baseline {
 public:
  void read(const std::vector<double>& y, int, int season) override {
    y_ = &y;
    season_ = season;
  }

 protected:
  double at(int i) const { return (*y_)[static_cast<std::size_t>(i)]; }
  const std::vector<double>* y_ = nullptr;
  int season_ = 1;
};

class Naive : public Kept {
 public:
  std::string name() const override { return "naive"; }
  void forecast(int origin, int horizon, double* to) const override {
    for (int h = 0; h < horizon; ++h) to[h] = at(origin - 1);
  }
};

class SeasonalNaive : public Kept {
 public:
  std::string name() const override { return "seasonal naive"; }
  void forecast(int origin, int horizon, double* to) const override {
    for (int h = 1; h <= horizon; ++h) to[h - 1] = at(season_before(origin, h, season_));
  }
};

class Drift : public Kept {
 public:
  std::string name() const override { return "drift"; }
  void forecast(int origin, int horizon, double* to) const override {
    const double slope = origin > 1 ? (at(origin - 1) - at(0)) / (origin - 1) : 0;
    for (int h = 1; h <= horizon; ++h) to[h - 1] = at(origin - 1) + h * slope;
  }
};

class Smoothing : public Baseline {
 public:
  std::string name() const override { return "exponential smoothing"; }
  void read(const std::vector<double>& y, int train, int season) override {
    fitted_.emplace(y, train, season);
  }
  void forecast(int origin, int horizon, double* to) const override {
    fitted_->forecast(origin, horizon, to);
  }

 private:
  std::optional<ExponentialSmoothing> fitted_;
};

}  // namespace

std::vector<std::unique_ptr<Baseline>> baselines(int season) {
  std::vector<std::unique_ptr<Baseline>> all;
  all.push_back(std::make_unique<Naive>());
  if (season > 1) all.push_back(std::make_unique<SeasonalNaive>());
  all.push_back(std::make_unique<Drift>());
  all.push_back(std::make_unique<Smoothing>());
  return all;
}

int season_before(int origin, int h, int season) {
  const int back = origin - season + (h - 1) % season;
  return back >= 0 ? back : origin - 1;
}

std::vector<double> without_gaps(const std::vector<double>& y) {
  std::vector<double> filled = y;
  double last = 0;
  for (const double v : y) {
    if (std::isnan(v)) continue;
    last = v;
    break;
  }
  for (double& v : filled) {
    if (std::isnan(v)) v = last;
    last = v;
  }
  return filled;
}

}  // namespace cellwright
