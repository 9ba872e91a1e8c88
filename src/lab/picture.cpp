// picture.cpp: see picture.h.
#include "lab/picture.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace cellwright::lab {
namespace {

/// Points of one variant, from the shortest: indices into Task::points().
std::vector<std::vector<std::size_t>> by_variant(const std::vector<Point>& points) {
  std::vector<int> variants;
  std::vector<std::vector<std::size_t>> all;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto at = std::find(variants.begin(), variants.end(), points[i].variant);
    if (at == variants.end()) all.emplace_back();
    const auto v = at - variants.begin();
    if (at == variants.end()) variants.push_back(points[i].variant);
    all[static_cast<std::size_t>(v)].push_back(i);
  }
  for (auto& list : all)
    std::stable_sort(list.begin(), list.end(),
                     [&](std::size_t a, std::size_t b) { return points[a].length < points[b].length; });
  return all;
}

void add(draw::Series& series, const Summary::Spread& s) {
  series.y.push_back(s.mean);
  series.low.push_back(s.low);
  series.high.push_back(s.high);
}

/// What each cell's first run made beside what it should, where the task keeps that ("inside").
bool add_waves(const std::vector<Summary>& summaries, draw::Plot& plot) {
  const auto wave = [&](const std::string& name, const nlohmann::ordered_json& values) {
    draw::Series series;
    series.name = name;
    for (const double y : values.get<std::vector<double>>()) {
      series.x.push_back(static_cast<double>(series.x.size()));
      series.y.push_back(y);
    }
    plot.series.push_back(std::move(series));
  };
  for (const Summary& s : summaries) {
    if (s.runs.empty() || !s.runs[0]->inside.is_object()) continue;
    const auto& inside = s.runs[0]->inside;
    if (!inside.contains("target") || !inside.contains("generated")) continue;
    if (plot.series.empty()) wave("target", inside["target"]);
    wave(s.cell, inside["generated"]);
  }
  return !plot.series.empty();
}

}  // namespace

draw::Plot study_plot(const Task& task, const std::vector<Summary>& summaries, const std::string& theme) {
  const std::vector<Point> points = task.points();
  const auto variants = by_variant(points);
  std::set<int> lengths;
  for (const Point& p : points) lengths.insert(p.length);
  draw::Plot plot;
  plot.theme = theme;
  plot.language = task.language();
  plot.rtl = task.language() == "ar";
  plot.title = task.name();
  if (add_waves(summaries, plot)) {
    plot.x.label = "step";
    return plot;
  }
  plot.title.clear();
  plot.y.label = task.accuracy_name();
  plot.y.min = 0;
  plot.y.max = 1;
  plot.marks.push_back({false, task.chance(points.back()), task.chance_name()});
  if (lengths.size() < 2) {
    plot.kind = draw::PlotKind::kBar;
    plot.title = task.name();
    for (const Point& p : points) plot.categories.push_back(p.label);
    for (const Summary& s : summaries) {
      draw::Series series;
      series.name = s.cell;
      for (const auto& spread : s.accuracy) add(series, spread);
      plot.series.push_back(std::move(series));
    }
    return plot;
  }
  plot.x.label = task.length_name();
  plot.x.log = *lengths.begin() > 0 && *lengths.rbegin() >= 10 * *lengths.begin();
  for (const auto& list : variants) {
    for (const Summary& s : summaries) {
      draw::Series series;
      series.name = variants.size() == 1 ? s.cell : s.cell + (plot.rtl ? "، " : ", ") + points[list[0]].label;
      for (const std::size_t i : list) {
        series.x.push_back(points[i].length);
        add(series, s.accuracy[i]);
      }
      plot.series.push_back(std::move(series));
    }
  }
  return plot;
}

}  // namespace cellwright::lab
