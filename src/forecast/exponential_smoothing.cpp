// exponential_smoothing.cpp: see exponential_smoothing.h. Start at ExponentialSmoothing::fit.
#include "forecast/exponential_smoothing.h"

#include <algorithm>
#include <array>
#include <functional>
#include <limits>

namespace cellwright {
namespace {

using Form = ExponentialSmoothing::Form;

struct Start {
  double level = 0, trend = 0;
  std::vector<double> figure;  // one season
};

/// Of the first two seasons: R's decompose(), and the straight line through its trend.
Start decompose(const std::vector<double>& y, int m, bool ratio) {
  std::vector<double> trend, left;
  const int half = m / 2;
  // The centred mean over a season; of an even one the ends count half.
  const int first = half, last = 2 * m - half;
  for (int t = first; t < last; ++t) {
    double sum = 0;
    for (int k = -half; k <= half; ++k) {
      const double weight = m % 2 == 0 && (k == -half || k == half) ? 0.5 : 1;
      const int at = t + k;
      if (at < 0 || at >= 2 * m) continue;
      sum += weight * y[static_cast<std::size_t>(at)];
    }
    trend.push_back(sum / m);
  }
  std::vector<double> sums(static_cast<std::size_t>(m), 0.0), counts(sums);
  for (std::size_t i = 0; i < trend.size(); ++i) {
    const std::size_t t = i + static_cast<std::size_t>(first), place = t % static_cast<std::size_t>(m);
    sums[place] += ratio ? y[t] / trend[i] : y[t] - trend[i];
    counts[place] += 1;
  }
  Start start;
  double mean = 0;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    start.figure.push_back(counts[i] > 0 ? sums[i] / counts[i] : ratio ? 1 : 0);
    mean += start.figure[i] / m;
  }
  for (double& f : start.figure) f = ratio ? f / mean : f - mean;
  const auto n = static_cast<double>(trend.size());
  double mx = (n + 1) / 2, my = 0, xx = 0, xy = 0;
  for (const double v : trend) my += v / n;
  for (std::size_t i = 0; i < trend.size(); ++i) {
    const double x = static_cast<double>(i) + 1 - mx;
    xx += x * x;
    xy += x * (trend[i] - my);
  }
  start.trend = xx > 0 ? xy / xx : 0;
  start.level = my - start.trend * mx;
  return start;
}

/// The sum of squared one-step errors over y[0, count); states are kept where `keep` is given.
struct States {
  std::vector<double>*levels, *trends, *figure;
};

double holt_winters(const std::vector<double>& y, int count, const Start& start, bool ratio,
                    const std::vector<double>& c, const States* keep) {
  const std::size_t m = start.figure.size();
  double level = start.level, trend = start.trend, sum = 0;
  std::vector<double> figure = start.figure;
  for (std::size_t t = m; t < static_cast<std::size_t>(count); ++t) {
    double& s = figure[t % m];
    const double error = y[t] - (ratio ? (level + trend) * s : level + trend + s);
    sum += error * error;
    const double before = level;
    level = c[0] * (ratio ? y[t] / s : y[t] - s) + (1 - c[0]) * (level + trend);
    trend = c[1] * (level - before) + (1 - c[1]) * trend;
    s = c[2] * (ratio ? y[t] / level : y[t] - level) + (1 - c[2]) * s;
    if (keep == nullptr) continue;
    (*keep->levels)[t + 1] = level;
    (*keep->trends)[t + 1] = trend;
    (*keep->figure)[t + m] = s;
  }
  return sum;
}

double simple(const std::vector<double>& y, int count, double alpha, double first,
              std::vector<double>* levels) {
  double level = first, sum = 0;
  for (std::size_t t = 0; t < static_cast<std::size_t>(count); ++t) {
    const double error = y[t] - level;
    sum += error * error;
    level += alpha * error;
    if (levels != nullptr) (*levels)[t + 1] = level;
  }
  return sum;
}

/// The first level of least squares: the level at t is a + b·first.
double best_first(const std::vector<double>& y, int count, double alpha) {
  double a = 0, b = 1, top = 0, bottom = 0;
  for (int t = 0; t < count; ++t) {
    const double v = y[static_cast<std::size_t>(t)];
    top += b * (v - a);
    bottom += b * b;
    a += alpha * (v - a);
    b *= 1 - alpha;
  }
  return top / bottom;
}

/// The constants in [0, 1] of the least value: grid, then steps.
std::vector<double> least(std::size_t count, const std::function<double(const std::vector<double>&)>& value) {
  constexpr std::array<double, 6> kGrid = {0.05, 0.2, 0.4, 0.6, 0.8, 0.95};
  std::vector<double> best(count, kGrid[0]);
  double best_value = std::numeric_limits<double>::infinity();
  std::vector<std::size_t> at(count, 0);
  for (bool more = true; more;) {
    std::vector<double> point;
    for (const std::size_t i : at) point.push_back(kGrid[i]);
    const double v = value(point);
    if (v < best_value) {
      best_value = v;
      best = point;
    }
    more = false;
    for (std::size_t i = 0; i < count && !more; ++i) {
      more = ++at[i] < kGrid.size();
      if (!more) at[i] = 0;
    }
  }
  for (double step = 0.1; step > 1e-6; step /= 2) {
    for (bool better = true; better;) {
      better = false;
      for (std::size_t i = 0; i < count; ++i) {
        for (const double sign : {-1.0, 1.0}) {
          std::vector<double> point = best;
          point[i] = std::clamp(point[i] + sign * step, 0.0, 1.0);
          const double v = value(point);
          if (!(v < best_value)) continue;
          best_value = v;
          best = point;
          better = true;
        }
      }
    }
  }
  return best;
}

}  // namespace

ExponentialSmoothing::ExponentialSmoothing(const std::vector<double>& y, int train, int season) {
  const bool seasonal = season > 1 && train >= 2 * season + 2;
  if (!seasonal) {
    fit(y, train, Form::kSimple, 1);
    return;
  }
  fit(y, train, Form::kAdditive, season);
  if (*std::min_element(y.begin(), y.end()) > 0) {
    ExponentialSmoothing other(*this);
    other.fit(y, train, Form::kMultiplicative, season);
    if (other.squares_ < squares_) *this = other;
  }
}

void ExponentialSmoothing::fit(const std::vector<double>& y, int train, Form form, int season) {
  form_ = form;
  season_ = season;
  const auto n = static_cast<int>(y.size());
  levels_.assign(y.size() + 1, 0.0);
  trends_.assign(y.size() + 1, 0.0);
  if (form == Form::kSimple) {
    constants_ = least(1, [&](const std::vector<double>& c) {
      return simple(y, train, c[0], best_first(y, train, c[0]), nullptr);
    });
    const double first = best_first(y, train, constants_[0]);
    squares_ = simple(y, train, constants_[0], first, nullptr);
    levels_[0] = first;
    simple(y, n, constants_[0], first, &levels_);
    return;
  }
  const bool ratio = form == Form::kMultiplicative;
  const Start start = decompose(y, season, ratio);
  constants_ = least(
      3, [&](const std::vector<double>& c) { return holt_winters(y, train, start, ratio, c, nullptr); });
  squares_ = holt_winters(y, train, start, ratio, constants_, nullptr);
  // Before the second season the start's figure and line stand.
  figure_.assign(y.size() + static_cast<std::size_t>(season), 0.0);
  for (std::size_t i = 0; i < 2 * static_cast<std::size_t>(season) && i < figure_.size(); ++i)
    figure_[i] = start.figure[i % static_cast<std::size_t>(season)];
  std::fill_n(levels_.begin(), season + 1, start.level);
  std::fill_n(trends_.begin(), season + 1, start.trend);
  const States keep{&levels_, &trends_, &figure_};
  holt_winters(y, n, start, ratio, constants_, &keep);
}

void ExponentialSmoothing::forecast(int origin, int horizon, double* to) const {
  const auto o = static_cast<std::size_t>(origin), m = static_cast<std::size_t>(season_);
  for (int h = 1; h <= horizon; ++h) {
    double& f = to[h - 1];
    f = levels_[o] + h * trends_[o];
    if (form_ == Form::kSimple) continue;
    // The latest figure of that place in the season: of number origin - m + (h - 1) mod m.
    const double s = figure_[o + static_cast<std::size_t>(h - 1) % m];
    f = form_ == Form::kMultiplicative ? f * s : f + s;
  }
}

}  // namespace cellwright
