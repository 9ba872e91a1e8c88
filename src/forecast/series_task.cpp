// series_task.cpp: see series_task.h.
#include "forecast/series_task.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/json_whole.h"
#include "cellwright/error.h"
#include "forecast/baselines.h"
#include "forecast/scores.h"

namespace cellwright {
namespace {

struct Moments {
  double mean = 0, deviation = 0;
  int count = 0;
};

Moments moments(const std::vector<double>& values, int end) {
  Moments m;
  for (int t = 0; t < end; ++t) {
    const double v = values[static_cast<std::size_t>(t)];
    if (std::isnan(v)) continue;
    m.mean += v;
    ++m.count;
  }
  if (m.count > 0) m.mean /= m.count;
  for (int t = 0; t < end; ++t) {
    const double d = values[static_cast<std::size_t>(t)] - m.mean;
    if (!std::isnan(d)) m.deviation += d * d;
  }
  m.deviation = m.count > 0 ? std::sqrt(m.deviation / m.count) : 0;
  return m;
}

/// A column as the model has it before scaling.
std::vector<double> taken(const SeriesTask& task, const SeriesTable& table, const OneSeries& s,
                          std::size_t column) {
  std::vector<double> values = s.values[column];
  if (!task.log || column >= task.targets()) return values;
  for (std::size_t t = 0; t < values.size(); ++t) {
    if (values[t] <= 0)
      throw SpecError(fmt::format("{}: '{}' is {} at {}{}, which has no logarithm; leave the logarithm out",
                                  table.name, task.columns.targets[column], values[t],
                                  table.time_text(s, static_cast<int>(t)),
                                  s.name.empty() ? "" : " of series '" + s.name + "'"));
    values[t] = std::log(values[t]);
  }
  return values;
}

void fit_differences(SeriesTask& task, const SeriesTable& table, const std::vector<int>& train_end) {
  task.difference.assign(task.targets(), 1);
  if (task.relative == Relative::none) return;
  for (std::size_t k = 0; k < task.targets(); ++k) {
    double sum = 0;
    std::int64_t count = 0;
    for (std::size_t i = 0; i < table.series.size(); ++i) {
      const PreparedSeries p = prepare(task, table, table.series[i]);
      const SeriesView view{&p, train_end[i], nullptr};
      for (int origin = task.season; origin < train_end[i]; ++origin) {
        for (int h = 1; h <= task.steps() && origin + h <= train_end[i]; ++h) {
          const double d = p.z[k][static_cast<std::size_t>(origin + h - 1)] - base(task, view, k, origin, h);
          if (std::isnan(d)) continue;
          sum += d * d;
          ++count;
        }
      }
    }
    if (count > 0 && sum > 0)
      task.difference[k] = std::max(1e-3, std::sqrt(sum / static_cast<double>(count)));
  }
}

}  // namespace

int SeriesTask::inputs() const {
  const std::size_t known = columns.known_future.size();
  std::size_t n = at_once() * (relative == Relative::none ? 1 : 2) + columns.inputs.size();
  n += flags();
  if (calendar) n += calendar_names(frequency).size();
  return static_cast<int>(n + known * static_cast<std::size_t>(steps()));
}

std::size_t SeriesTask::flags() const {
  std::size_t of_targets = 0, others = 0;
  for (std::size_t c = 0; c < gaps.size(); ++c) (c < targets() ? of_targets : others) += gaps[c] ? 1 : 0;
  return (independent ? std::min<std::size_t>(1, of_targets) : of_targets) + others;
}

const SeriesScale& SeriesTask::scale(const std::string& series) const {
  const auto found = scales.find(series);
  if (found != scales.end()) return found->second;
  std::string names;
  int shown = 0;
  for (const auto& [name, scale] : scales) {
    if (++shown > 8) break;
    names += (names.empty() ? "" : ", ") + ("'" + name + "'");
  }
  throw SpecError(fmt::format("series '{}' is not one that the model was trained on; it knows {}{}", series,
                              names, scales.size() > 8 ? ", …" : ""));
}

void fit_scales(SeriesTask& task, const SeriesTable& table, const std::vector<int>& train_end) {
  task.gaps.assign(task.columns.count(), 0);
  task.scales.clear();
  for (std::size_t i = 0; i < table.series.size(); ++i) {
    const OneSeries& s = table.series[i];
    SeriesScale scale;
    for (std::size_t c = 0; c < task.columns.count(); ++c) {
      const Moments m = moments(taken(task, table, s, c), train_end[i]);
      const bool target = c < task.targets();
      if (target && m.count < 2)
        throw SpecError(fmt::format("{}: '{}' has {} number{} in the {} rows to train on{}; it needs two",
                                    table.name, task.columns.targets[c], m.count, m.count == 1 ? "" : "s",
                                    train_end[i], s.name.empty() ? "" : " of series '" + s.name + "'"));
      scale.mean.push_back(m.mean);
      scale.deviation.push_back(m.deviation > 0 ? m.deviation : 1);  // what never changes stays 0
      if (m.count < train_end[i] && c < task.targets() + task.columns.inputs.size()) task.gaps[c] = 1;
      if (!target) continue;
      const double spread = moments(s.values[c], train_end[i]).deviation;
      scale.spread.push_back(spread > 0 ? spread : 1);
      scale.naive.push_back(naive_error(s.values[c], train_end[i], task.season));
    }
    scale.until = table.time(s, train_end[i]);
    task.scales[s.name] = std::move(scale);
  }
  fit_differences(task, table, train_end);
}

PreparedSeries prepare(const SeriesTask& task, const SeriesTable& table, const OneSeries& series) {
  PreparedSeries p;
  p.table = &table;
  p.series = &series;
  p.scale = &task.scale(series.name);
  for (std::size_t c = 0; c < task.columns.count(); ++c) {
    p.z.push_back(taken(task, table, series, c));
    p.filled.emplace_back();
    double last = 0;
    for (double& v : p.z.back()) {
      v = (v - p.scale->mean[c]) / p.scale->deviation[c];
      if (!std::isnan(v)) last = v;
      p.filled.back().push_back(last);
    }
  }
  return p;
}

double unscaled(const SeriesTask& task, const SeriesScale& scale, std::size_t column, double z) {
  const double v = z * scale.deviation[column] + scale.mean[column];
  return task.log && column < task.targets() ? std::exp(v) : v;
}

double scaled(const SeriesTask& task, const SeriesScale& scale, std::size_t column, double value) {
  const double v = task.log && column < task.targets() ? std::log(value) : value;
  return (v - scale.mean[column]) / scale.deviation[column];
}

double SeriesView::target(std::size_t k, int row) const {
  return row < known ? of->filled[k][static_cast<std::size_t>(row)]
                     : (*more)[k][static_cast<std::size_t>(row - known)];
}

double base(const SeriesTask& task, const SeriesView& view, std::size_t target, int origin, int h) {
  switch (task.relative) {
    case Relative::none:
      return 0;
    case Relative::last:
      return view.target(target, origin - 1);
    case Relative::season:
      return view.target(target, season_before(origin, h, task.season));
    case Relative::mean:
      break;
  }
  const int rows = std::min(origin, task.season > 1 ? task.season : task.context);
  double sum = 0;
  for (int row = origin - rows; row < origin; ++row) sum += view.target(target, row);
  return sum / rows;
}

void input_row(const SeriesTask& task, const SeriesView& view, int row, std::size_t first, float* to) {
  const PreparedSeries& p = *view.of;
  const auto put = [&](double v) { *to++ = static_cast<float>(v); };
  const std::size_t targets = task.targets(), past = targets + task.columns.inputs.size();
  const std::size_t last = first + task.at_once();
  for (std::size_t k = first; k < last; ++k) put(view.target(k, row));
  for (std::size_t k = first; k < last && task.relative != Relative::none; ++k)
    put(row > 0 ? (view.target(k, row) - base(task, view, k, row, 1)) / task.difference[k] : 0);
  for (std::size_t c = targets; c < past; ++c) put(p.filled[c][static_cast<std::size_t>(row)]);
  // Of one target at a time there is a flag for all or for none, so that they read alike.
  const auto targets_end = task.gaps.begin() + static_cast<std::ptrdiff_t>(targets);
  const bool flagged = task.independent && std::find(task.gaps.begin(), targets_end, 1) != targets_end;
  for (std::size_t c = 0; c < past; ++c) {
    const bool flag = c >= targets || !task.independent ? task.gaps[c] != 0 : c == first && flagged;
    if (flag) put(row < view.known && std::isnan(p.z[c][static_cast<std::size_t>(row)]) ? 1 : 0);
  }
  if (task.calendar) {
    calendar_features(p.table->time(*p.series, row + 1), task.frequency, to);
    to += calendar_names(task.frequency).size();
  }
  for (std::size_t c = past; c < task.columns.count(); ++c) {
    for (int h = 1; h <= task.steps(); ++h) {
      const auto at = static_cast<std::size_t>(row + h);
      put(at < p.filled[c].size() ? p.filled[c][at] : 0);
    }
  }
}

const char* name_of(Relative relative) {
  switch (relative) {
    case Relative::none:
      return "none";
    case Relative::last:
      return "last";
    case Relative::season:
      return "season";
    case Relative::mean:
      break;
  }
  return "mean";
}

Relative relative_of(const std::string& word) {
  for (const Relative r : {Relative::none, Relative::last, Relative::season, Relative::mean}) {
    if (word == name_of(r)) return r;
  }
  throw SpecError(
      fmt::format("'{}' is no way to take differences; there are none, last, season, mean", word));
}

nlohmann::json to_json(const SeriesTask& task) {
  nlohmann::json scales = nlohmann::json::object();
  for (const auto& [name, s] : task.scales)
    scales[name] = {{"mean", s.mean},
                    {"deviation", s.deviation},
                    {"spread", s.spread},
                    {"naive", s.naive},
                    {"until", s.until}};
  return {{"kind", "series"},
          {"targets", task.columns.targets},
          {"inputs", task.columns.inputs},
          {"known_future", task.columns.known_future},
          {"time", task.columns.time},
          {"group", task.columns.group},
          {"frequency", word_of(task.frequency)},
          {"horizon", task.horizon},
          {"recursive", task.recursive},
          {"context", task.context},
          {"season", task.season},
          {"relative", name_of(task.relative)},
          {"independent", task.independent},
          {"log", task.log},
          {"calendar", task.calendar},
          {"gaps", std::vector<int>(task.gaps.begin(), task.gaps.end())},
          {"scales", scales},
          {"difference", task.difference},
          {"measured", {{"low", task.low}, {"high", task.high}}}};
}

SeriesTask series_task_from_json(const nlohmann::json& json) {
  SeriesTask task;
  SeriesColumns& c = task.columns;
  json.at("targets").get_to(c.targets);
  json.at("inputs").get_to(c.inputs);
  json.at("known_future").get_to(c.known_future);
  json.at("time").get_to(c.time);
  json.at("group").get_to(c.group);
  task.frequency = frequency_of(json.at("frequency").get<std::string>());
  c.frequency = c.time.empty() ? "" : word_of(task.frequency);
  task.horizon = whole<int>(json.at("horizon"));
  json.at("recursive").get_to(task.recursive);
  task.context = whole<int>(json.at("context"));
  task.season = whole<int>(json.at("season"));
  task.relative = relative_of(json.at("relative").get<std::string>());
  task.independent = json.value("independent", false);
  json.at("log").get_to(task.log);
  json.at("calendar").get_to(task.calendar);
  for (const auto& gap : json.at("gaps")) task.gaps.push_back(static_cast<char>(whole<int>(gap) != 0));
  for (const auto& [name, s] : json.at("scales").items()) {
    SeriesScale scale;
    s.at("mean").get_to(scale.mean);
    s.at("deviation").get_to(scale.deviation);
    s.at("spread").get_to(scale.spread);
    s.at("naive").get_to(scale.naive);
    s.at("until").get_to(scale.until);
    if (scale.mean.size() != c.count() || scale.deviation.size() != c.count() ||
        scale.spread.size() != c.targets.size() || scale.naive.size() != c.targets.size())
      throw FormatError(fmt::format("the scale of series '{}' is not one of {} columns", name, c.count()));
    task.scales[name] = std::move(scale);
  }
  json.at("difference").get_to(task.difference);
  json.at("measured").at("low").get_to(task.low);
  json.at("measured").at("high").get_to(task.high);
  constexpr int kMost = 1'000'000;
  const auto within = [](int v) { return v >= 1 && v <= kMost; };
  // As wide as any model may be; and no width below overflows.
  constexpr std::size_t kWidest = std::size_t{1} << 20;
  const auto steps = static_cast<std::size_t>(std::max(1, task.steps()));
  const bool narrow =
      c.count() <= kWidest && c.targets.size() * steps <= kWidest && c.known_future.size() * steps <= kWidest;
  const std::size_t said = c.targets.size() * static_cast<std::size_t>(std::max(0, task.horizon));
  const bool fits = narrow && !c.targets.empty() && within(task.horizon) && within(task.context) &&
                    within(task.season) && task.gaps.size() == c.count() &&
                    task.difference.size() == c.targets.size() && task.low.size() == task.high.size() &&
                    (task.low.empty() || task.low.size() == said);
  if (!fits) throw FormatError("what it says about its series does not fit together");
  return task;
}

}  // namespace cellwright
