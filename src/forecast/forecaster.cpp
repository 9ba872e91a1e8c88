// forecaster.cpp: see forecaster.h. Start at Forecaster::forecast.
#include "forecast/forecaster.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "cellwright/error.h"
#include "forecast/baselines.h"

namespace cellwright {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kLow = 0.1, kHigh = 0.9;
constexpr std::size_t kMostLanes = 256;  // forecasts side by side

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

/// The number below which a mixture of Gaussians has the share q, by halving.
double mixture_quantile(const std::vector<double>& weights, const std::vector<double>& means,
                        const std::vector<double>& spreads, double q) {
  double low = 0, high = 0;
  for (std::size_t i = 0; i < means.size(); ++i) {
    const double a = means[i] - 10 * spreads[i], b = means[i] + 10 * spreads[i];
    low = i == 0 ? a : std::min(low, a);
    high = i == 0 ? b : std::max(high, b);
  }
  for (int step = 0; step < 80; ++step) {
    const double middle = (low + high) / 2;
    double below = 0;
    for (std::size_t i = 0; i < means.size(); ++i)
      below += weights[i] * normal_cdf((middle - means[i]) / spreads[i]);
    (below < q ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

bool fits(const SequenceSpec& model, const SeriesTask& task) {
  bool numbers = false;
  for (const char* kind : {"mse", "mae", "huber", "quantile", "mixture"})
    numbers = numbers || model.loss.kind == kind;
  return numbers && model.reading == Reading::each && model.inputs == task.inputs() &&
         model.loss.outputs == task.outputs();
}

std::vector<Forecaster::Said> Forecaster::say(const float* outputs) const {
  const LossSpec& loss = model_.spec().loss;
  const auto n = static_cast<std::size_t>(loss.outputs);
  std::vector<double> prediction(static_cast<std::size_t>(model_.loss().prediction_width()));
  model_.loss().predict(outputs, prediction.data());
  std::vector<Said> said(n, {0, kNone, kNone});
  if (loss.kind == "quantile") {
    const auto& q = loss.quantiles;
    const auto nearest = [&](double wanted) {
      return static_cast<std::size_t>(
          std::min_element(q.begin(), q.end(),
                           [&](double a, double b) { return std::abs(a - wanted) < std::abs(b - wanted); }) -
          q.begin());
    };
    const std::size_t low = nearest(kLow), high = nearest(kHigh);
    const bool interval = std::abs(q[low] - kLow) < 1e-9 && std::abs(q[high] - kHigh) < 1e-9;
    for (std::size_t i = 0; i < n; ++i) {
      const double* row = prediction.data() + i * q.size();
      said[i].point = row[nearest(0.5)];
      if (!interval) continue;
      said[i].low = std::min(row[low], row[high]);  // quantiles of a network may cross
      said[i].high = std::max(row[low], row[high]);
    }
    return said;
  }
  for (std::size_t i = 0; i < n; ++i) said[i].point = prediction[i];
  if (loss.kind != "mixture") return said;
  // Outputs are weights' logits, means, deviations, as loss/mixture.cpp has them.
  const auto components = static_cast<std::size_t>(loss.components);
  std::vector<double> weights(outputs, outputs + components);
  const double most = *std::max_element(weights.begin(), weights.end());
  double sum = 0;
  for (double& w : weights) sum += w = std::exp(w - most);
  for (double& w : weights) w /= sum;
  for (std::size_t i = 0; i < n; ++i) {
    std::vector<double> means, spreads;
    for (std::size_t c = 0; c < components; ++c) {
      means.push_back(outputs[components + c * n + i]);
      const double r = outputs[components * (1 + n) + c * n + i];
      spreads.push_back(std::max(r, 0.0) + std::log1p(std::exp(-std::abs(r))) + 1e-3);
    }
    said[i].low = mixture_quantile(weights, means, spreads, kLow);
    said[i].high = mixture_quantile(weights, means, spreads, kHigh);
  }
  return said;
}

/// Origins that are read up to by equally many rows. `z` becomes points and intervals in deviations. A lane
/// is an origin, or with task.independent an origin and a target.
void Forecaster::run(const PreparedSeries& series, const std::vector<int>& origins, int horizon,
                     std::vector<SeriesForecast>& z) {
  const std::size_t targets = task_.targets(), shares = targets / task_.at_once(),
                    lanes = origins.size() * shares, in = static_cast<std::size_t>(task_.inputs()),
                    out = static_cast<std::size_t>(model_.loss().width());
  const int read = std::min(task_.context, origins[0]), said_steps = task_.steps();
  std::vector<std::vector<std::vector<double>>> more(origins.size(),
                                                     std::vector<std::vector<double>>(targets));
  std::vector<float> inputs(static_cast<std::size_t>(read) * lanes * in);
  StackState<float> state = model_.make_state(static_cast<int>(lanes));
  for (int said = 0; said < horizon; said += said_steps) {
    const int rows = said == 0 ? read : said_steps;  // then only what was forecast is read
    for (int t = 0; t < rows; ++t) {
      for (std::size_t l = 0; l < lanes; ++l) {
        const std::size_t o = l / shares;
        const SeriesView view{&series, origins[o], &more[o]};
        const int row = origins[o] + said - rows + t;
        input_row(task_, view, row, l % shares * task_.at_once(),
                  inputs.data() + (static_cast<std::size_t>(t) * lanes + l) * in);
      }
    }
    SequenceWindow<float> window;
    window.steps = rows;
    window.lanes = static_cast<int>(lanes);
    window.inputs = inputs.data();
    model_.evaluate(window, state);
    for (std::size_t l = 0; l < lanes; ++l) {
      const std::vector<Said> all =
          say(model_.outputs() + (static_cast<std::size_t>(rows - 1) * lanes + l) * out);
      const std::size_t o = l / shares, first = l % shares * task_.at_once();
      const SeriesView view{&series, origins[o], &more[o]};
      std::vector<double> next;
      for (std::size_t i = 0; i < task_.at_once(); ++i) {
        const std::size_t k = first + i;
        for (int h = 1; h <= said_steps && said + h <= horizon; ++h) {
          const Said& s = all[i * static_cast<std::size_t>(said_steps) + static_cast<std::size_t>(h - 1)];
          const double from = base(task_, view, k, origins[o] + said, h), unit = task_.difference[k];
          const std::size_t at =
              k * static_cast<std::size_t>(horizon) + static_cast<std::size_t>(said + h - 1);
          z[o].point[at] = from + unit * s.point;
          double low = s.low, high = s.high;
          // Behind the first step of a recursive forecast the model's own interval is too narrow.
          const auto calibrated =
              k * static_cast<std::size_t>(task_.horizon) + static_cast<std::size_t>(said + h - 1);
          if ((task_.recursive || std::isnan(low)) && said + h <= task_.horizon && !task_.low.empty()) {
            low = s.point + task_.low[calibrated];
            high = s.point + task_.high[calibrated];
          } else if (task_.recursive) {
            low = high = kNone;
          }
          z[o].low[at] = from + unit * low;
          z[o].high[at] = from + unit * high;
          if (task_.recursive) next.push_back(z[o].point[at]);
        }
      }
      for (std::size_t i = 0; i < next.size(); ++i) more[o][first + i].push_back(next[i]);
    }
  }
}

std::vector<SeriesForecast> Forecaster::forecast(const PreparedSeries& series,
                                                 const std::vector<int>& origins, int horizon) {
  if (horizon < 1 || (!task_.recursive && horizon > task_.horizon))
    throw SpecError(
        fmt::format("a forecast of {} steps: the model says 1 to {} at once; train one with a longer "
                    "horizon, or a recursive one",
                    horizon, task_.horizon));
  const std::size_t size = task_.targets() * static_cast<std::size_t>(horizon);
  SeriesForecast empty;
  empty.point.assign(size, 0.0);
  empty.low.assign(size, kNone);
  empty.high.assign(size, kNone);
  std::vector<SeriesForecast> all(origins.size(), empty);
  std::map<int, std::vector<std::size_t>> by_rows;
  for (std::size_t i = 0; i < origins.size(); ++i) {
    if (origins[i] < 1 || origins[i] > series.series->rows)
      throw SpecError(
          fmt::format("a forecast behind {} rows: the series has {}", origins[i], series.series->rows));
    by_rows[std::min(task_.context, origins[i])].push_back(i);
  }
  for (const auto& [rows, which] : by_rows) {
    const std::size_t side_by_side = std::max<std::size_t>(1, kMostLanes * task_.at_once() / task_.targets());
    for (std::size_t at = 0; at < which.size(); at += side_by_side) {
      std::vector<int> some;
      const std::size_t end = std::min(which.size(), at + side_by_side);
      for (std::size_t i = at; i < end; ++i) some.push_back(origins[which[i]]);
      std::vector<SeriesForecast> z(some.size(), empty);
      run(series, some, horizon, z);
      for (std::size_t i = at; i < end; ++i) all[which[i]] = std::move(z[i - at]);
    }
  }
  for (SeriesForecast& f : all) {
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t k = i / static_cast<std::size_t>(horizon);
      for (double* v : {&f.point[i], &f.low[i], &f.high[i]}) *v = unscaled(task_, *series.scale, k, *v);
    }
  }
  return all;
}

bool Forecaster::says_interval() const {
  const LossSpec& loss = model_.spec().loss;
  const auto& q = loss.quantiles;
  const auto has = [&](double wanted) {
    return std::any_of(q.begin(), q.end(), [&](double v) { return std::abs(v - wanted) < 1e-9; });
  };
  if (task_.recursive) return false;
  return loss.kind == "mixture" || (loss.kind == "quantile" && has(kLow) && has(kHigh));
}

/// NaN where the number is not there.
double Forecaster::error(const PreparedSeries& series, const SeriesForecast& forecast, std::size_t target,
                         int origin, std::size_t step) const {
  const std::size_t row = static_cast<std::size_t>(origin) + step,
                    steps = forecast.point.size() / task_.targets();
  if (row >= series.z[target].size()) return kNone;
  const double point = scaled(task_, *series.scale, target, forecast.point[target * steps + step]);
  return (series.z[target][row] - point) / task_.difference[target];
}

void Forecaster::errors(const PreparedSeries& series, const std::vector<int>& origins, int last,
                        ConformalInterval& into) {
  const std::vector<SeriesForecast> all = forecast(series, origins, task_.horizon);
  for (std::size_t o = 0; o < all.size(); ++o) {
    for (int h = 0; h < task_.horizon && origins[o] + h < last; ++h) {
      const auto step = static_cast<std::size_t>(h);
      for (std::size_t k = 0; k < task_.targets(); ++k)
        into.add(k, step, error(series, all[o], k, origins[o], step));
    }
  }
}

void Forecaster::calibrate(const ConformalInterval& errors, SeriesTask& task) const {
  std::vector<double> low, high;
  for (std::size_t k = 0; k < task_.targets(); ++k) {
    for (std::size_t h = 0; h < static_cast<std::size_t>(task_.horizon); ++h) {
      const auto [below, above] = errors.ends(k, h);
      if (std::isnan(below)) return;
      low.push_back(below);
      high.push_back(above);
    }
  }
  task.low = std::move(low);
  task.high = std::move(high);
}

void Forecaster::follow(const PreparedSeries& series, const std::vector<int>& origins,
                        ConformalInterval errors, std::vector<SeriesForecast>& forecasts) const {
  if (says_interval() || forecasts.empty()) return;
  const std::size_t steps =
      std::min(forecasts[0].point.size() / task_.targets(), static_cast<std::size_t>(task_.horizon));
  std::vector<std::size_t> known(forecasts.size(), 0);  // steps of each forecast whose errors are in
  std::size_t open = 0;                                 // the first forecast with more to come
  for (std::size_t o = 0; o < forecasts.size(); ++o) {
    for (std::size_t i = open; i < o; ++i) {
      for (; known[i] < steps && origins[i] + static_cast<int>(known[i]) < origins[o]; ++known[i]) {
        for (std::size_t k = 0; k < task_.targets(); ++k)
          errors.add(k, known[i], error(series, forecasts[i], k, origins[i], known[i]));
      }
    }
    while (open < o && known[open] == steps) ++open;
    for (std::size_t k = 0; k < task_.targets(); ++k) {
      for (std::size_t h = 0; h < steps; ++h) {
        const std::size_t at = k * (forecasts[o].point.size() / task_.targets()) + h;
        const auto [low, high] = errors.ends(k, h);
        const double point = scaled(task_, *series.scale, k, forecasts[o].point[at]);
        forecasts[o].low[at] = unscaled(task_, *series.scale, k, point + task_.difference[k] * low);
        forecasts[o].high[at] = unscaled(task_, *series.scale, k, point + task_.difference[k] * high);
      }
    }
  }
}

std::vector<std::string> Comparison::better() const {
  std::vector<std::string> names_of;
  for (std::size_t i = 1; i < names.size(); ++i) {
    if (scores[i].mae() < scores[0].mae()) names_of.push_back(names[i]);
  }
  return names_of;
}

void compare(Forecaster& forecaster, const SeriesTask& task, const PreparedSeries& series, int train,
             const std::vector<int>& origins, int horizon, const ConformalInterval& errors,
             Comparison& into) {
  const auto others = baselines(task.season);
  if (into.names.empty()) {
    into.names.push_back("model");
    for (const auto& b : others) into.names.push_back(b->name());
    into.scores.resize(into.names.size());
  }
  std::vector<SeriesForecast> said = forecaster.forecast(series, origins, horizon);
  forecaster.follow(series, origins, errors, said);
  const auto h = static_cast<std::size_t>(horizon);
  for (std::size_t k = 0; k < task.targets(); ++k) {
    const std::vector<double>& y = series.series->values[k];
    const std::vector<double> filled = without_gaps(y);
    const double unit = task.targets() == 1 ? 1 : series.scale->spread[k],
                 scale = series.scale->naive[k] / unit;
    const auto actual = [&](int origin, std::size_t step) {
      const auto row = static_cast<std::size_t>(origin) + step;
      return row < y.size() ? y[row] / unit : kNone;
    };
    for (std::size_t o = 0; o < origins.size(); ++o) {
      for (std::size_t s = 0; s < h; ++s)
        into.scores[0].add(actual(origins[o], s), said[o].point[k * h + s] / unit, scale,
                           said[o].low[k * h + s] / unit, said[o].high[k * h + s] / unit);
    }
    for (std::size_t b = 0; b < others.size(); ++b) {
      others[b]->read(filled, train, task.season);
      std::vector<double> f(h);
      for (const int origin : origins) {
        others[b]->forecast(origin, horizon, f.data());
        for (std::size_t s = 0; s < h; ++s) into.scores[b + 1].add(actual(origin, s), f[s] / unit, scale);
      }
    }
  }
}

}  // namespace cellwright
