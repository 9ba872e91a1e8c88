// plot_check.cpp: what a plot must hold before it is drawn. Start at check_plot().
#include <fmt/format.h>

#include <cmath>

#include "cellwright/error.h"
#include "draw/plot_frame.h"

namespace cellwright::draw {
namespace {

constexpr std::size_t kMostSeries = 100;
constexpr std::size_t kMostFields = 4000000;
constexpr double kLargest = 1e300;  // differences and sums of such numbers are still finite

std::string told(const std::string& what, const std::string& name, std::size_t i) {
  return name.empty() ? fmt::format("{} {}", what, i + 1) : fmt::format("{} '{}'", what, name);
}

void check_number(double v, bool log, const std::string& where, const char* axis) {
  if (!std::isfinite(v) || std::abs(v) > kLargest)
    throw SpecError(fmt::format("{} holds {}, which no plot can show; leave it empty for a gap", where, v));
  if (log && v < 1e-300)
    throw SpecError(
        fmt::format("{} holds {:g}, which a logarithmic {} axis cannot show; leave it empty or use a "
                    "linear axis",
                    where, v, axis));
}

void check_values(const std::vector<Value>& values, bool log, const std::string& where, const char* axis) {
  for (const Value& v : values) {
    if (v) check_number(*v, log, where, axis);
  }
}

void check_series(const Plot& plot, std::size_t i) {
  const Series& s = plot.series[i];
  const std::string where = told("series", s.name, i);
  const bool line = plot.kind == PlotKind::kLine;
  const std::size_t wanted = line ? s.x.size() : plot.categories.size();
  if (s.y.size() != wanted)
    throw SpecError(fmt::format("{} has {} y for {} {}; give as many", where, s.y.size(), wanted,
                                line ? "x" : "categories"));
  if (!line && !s.x.empty()) throw SpecError(where + " of a bar plot has x; its places are the categories");
  for (const auto& [end, name] : {std::pair{&s.low, "low"}, std::pair{&s.high, "high"}}) {
    if (s.low.empty() && s.high.empty()) break;
    if (end->size() != s.y.size())
      throw SpecError(fmt::format("{} has {} {} for {} y; give as many of low and high as of y, or neither",
                                  where, end->size(), name, s.y.size()));
  }
  for (const double x : s.x) check_number(x, plot.x.log, where + " in x", "x");
  check_values(s.y, plot.y.log, where, "y");
  check_values(s.low, plot.y.log, where + " in low", "y");
  check_values(s.high, plot.y.log, where + " in high", "y");
  for (std::size_t k = 0; k < s.low.size(); ++k) {
    if (s.low[k] && s.high[k] && *s.low[k] > *s.high[k])
      throw SpecError(
          fmt::format("{} has a low of {:g} above its high of {:g}", where, *s.low[k], *s.high[k]));
  }
}

void check_all_series(const Plot& plot) {
  if (plot.series.empty()) throw SpecError("the plot has no series; give at least one");
  if (plot.series.size() > kMostSeries)
    throw SpecError(fmt::format("the plot has {} series, and more than {} cannot be told apart; plot fewer",
                                plot.series.size(), kMostSeries));
  if (plot.kind == PlotKind::kBar) {
    if (plot.categories.empty()) throw SpecError("the bar plot has no categories; give at least one");
    if (plot.x.log)
      throw SpecError("the x axis of a bar plot has names and no numbers; it cannot be logarithmic");
    if (plot.categories.size() * plot.series.size() > 2000)
      throw SpecError(fmt::format("the bar plot would have {} bars, more than 2000; plot fewer",
                                  plot.categories.size() * plot.series.size()));
  }
  bool any = false;
  for (std::size_t i = 0; i < plot.series.size(); ++i) {
    check_series(plot, i);
    for (const Value& v : plot.series[i].y) any = any || v;
  }
  if (!any) throw SpecError("the plot has no values: every series is empty");
  for (const Mark& m : plot.marks) {
    if (m.at_x && plot.kind != PlotKind::kLine) throw SpecError("a mark at an x needs a line plot");
    check_number(m.value, m.at_x ? plot.x.log : plot.y.log, told("mark", m.label, 0), m.at_x ? "x" : "y");
  }
}

void check_heat(const Plot& plot) {
  const Heat& heat = plot.heat;
  if (heat.values.empty() || heat.values[0].empty())
    throw SpecError("the heat map has no values; give at least one row of at least one");
  const std::size_t columns = heat.values[0].size();
  if (heat.values.size() * columns > kMostFields)
    throw SpecError(fmt::format("the heat map has {} × {} fields, more than {}; show fewer",
                                heat.values.size(), columns, kMostFields));
  for (std::size_t r = 0; r < heat.values.size(); ++r) {
    if (heat.values[r].size() != columns)
      throw SpecError(fmt::format("row {} of the heat map has {} values and the first {}; give as many",
                                  r + 1, heat.values[r].size(), columns));
    check_values(heat.values[r], heat.scale.log, fmt::format("row {} of the heat map", r + 1), "colour");
  }
  bool any = false;
  for (const auto& row : heat.values) {
    for (const Value& v : row) any = any || v;
  }
  if (!any) throw SpecError("the heat map has no values: every field is empty");
  if (!heat.rows.empty() && heat.rows.size() != heat.values.size())
    throw SpecError(
        fmt::format("the heat map has {} rows and names for {}", heat.values.size(), heat.rows.size()));
  if (!heat.columns.empty() && heat.columns.size() != columns)
    throw SpecError(
        fmt::format("the heat map has {} columns and names for {}", columns, heat.columns.size()));
  if (heat.balanced && heat.scale.log)
    throw SpecError("colours on both sides of 0 cannot be logarithmic; choose one");
  if (plot.x.log || plot.y.log)
    throw SpecError("the axes of a heat map have names; they cannot be logarithmic");
}

}  // namespace

void check_plot(const Plot& plot) {
  theme(plot.theme);
  if (plot.width < 200 || plot.width > 4000)
    throw SpecError(fmt::format("a plot's width lies in 200 … 4000, found {}", plot.width));
  if (plot.height != 0 && (plot.height < 120 || plot.height > 4000))
    throw SpecError(fmt::format("a plot's height lies in 120 … 4000, found {}", plot.height));
  if (plot.kind == PlotKind::kHeat) {
    check_heat(plot);
  } else {
    check_all_series(plot);
  }
}

}  // namespace cellwright::draw
