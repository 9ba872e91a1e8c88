// plot_describe.cpp: a plot in words, for those who do not see it. Start at describe().
#include <fmt/format.h>

#include <algorithm>

#include "draw/plot_frame.h"

namespace cellwright::draw {
namespace {

constexpr std::size_t kMostTold = 12;  // series or categories, each with its numbers

std::string or_else(const std::string& text, const char* otherwise) {
  return text.empty() ? otherwise : text;
}

std::string text_of(double v) { return number_text(v, 4); }

std::string told_line(const Series& s, std::size_t i) {
  std::string out = s.name.empty() ? fmt::format("Series {}", i + 1) : s.name;
  std::size_t first = s.y.size(), last = 0, lowest = 0, highest = 0;
  for (std::size_t k = 0; k < s.y.size(); ++k) {
    if (!s.y[k]) continue;
    if (first == s.y.size()) first = lowest = highest = k;
    last = k;
    if (*s.y[k] < *s.y[lowest]) lowest = k;
    if (*s.y[k] > *s.y[highest]) highest = k;
  }
  if (first == s.y.size()) return out + ": no values.";
  if (first == last) return out + fmt::format(": {} at {}.", text_of(*s.y[first]), text_of(s.x[first]));
  out += fmt::format(": from {} at {} to {} at {}", text_of(*s.y[first]), text_of(s.x[first]),
                     text_of(*s.y[last]), text_of(s.x[last]));
  if (lowest != first && lowest != last)
    out += fmt::format(", lowest {} at {}", text_of(*s.y[lowest]), text_of(s.x[lowest]));
  if (highest != first && highest != last)
    out += fmt::format(", highest {} at {}", text_of(*s.y[highest]), text_of(s.x[highest]));
  return out + ".";
}

std::string told_bars(const Plot& plot, const Series& s, std::size_t i) {
  std::string out;
  const std::size_t count = std::min(plot.categories.size(), kMostTold);
  for (std::size_t c = 0; c < count; ++c)
    out +=
        fmt::format("{}{} {}", c == 0 ? "" : ", ", plot.categories[c], s.y[c] ? text_of(*s.y[c]) : "missing");
  if (count < plot.categories.size()) out += fmt::format(" and {} more", plot.categories.size() - count);
  return (s.name.empty() ? fmt::format("Series {}", i + 1) : s.name) + ": " + out + ".";
}

std::string told_heat(const Plot& plot) {
  const Heat& heat = plot.heat;
  const Value* low = nullptr;
  const Value* high = nullptr;
  std::string low_at, high_at;
  const auto place = [&](std::size_t r, std::size_t c) {
    return fmt::format("{}, {}", heat.rows.empty() ? fmt::format("row {}", r + 1) : heat.rows[r],
                       heat.columns.empty() ? fmt::format("column {}", c + 1) : heat.columns[c]);
  };
  for (std::size_t r = 0; r < heat.values.size(); ++r) {
    for (std::size_t c = 0; c < heat.values[r].size(); ++c) {
      const Value& v = heat.values[r][c];
      if (v && (!low || *v < **low)) low = &v, low_at = place(r, c);
      if (v && (!high || *v > **high)) high = &v, high_at = place(r, c);
    }
  }
  return fmt::format("Heat map of {} rows and {} columns. Lowest {} at {}; highest {} at {}.",
                     heat.values.size(), heat.values[0].size(), text_of(**low), low_at, text_of(**high),
                     high_at);
}

}  // namespace

std::string title_of(const Plot& plot) {
  if (!plot.title.empty()) return plot.title;
  if (plot.kind == PlotKind::kHeat) return or_else(plot.heat.scale.label, "Heat map");
  const std::string y = !plot.y.label.empty() ? plot.y.label : plot.series[0].name;
  if (y.empty()) return plot.kind == PlotKind::kBar ? "Bar plot" : "Line plot";
  return plot.x.label.empty() ? y : y + " against " + plot.x.label;
}

std::string describe(const Plot& plot) {
  if (plot.kind == PlotKind::kHeat) return told_heat(plot);
  const bool line = plot.kind == PlotKind::kLine;
  std::string out =
      line ? fmt::format("Line plot of {} against {}", or_else(plot.y.label, "y"), or_else(plot.x.label, "x"))
           : fmt::format("Bar plot of {}", or_else(plot.y.label, "values"));
  if (plot.x.log || plot.y.log)
    out += fmt::format(", logarithmic {}", plot.x.log && plot.y.log ? "axes"
                                           : plot.x.log             ? "x axis"
                                                                    : "y axis");
  out += ".";
  for (std::size_t i = 0; i < plot.series.size() && i < kMostTold; ++i)
    out += " " + (line ? told_line(plot.series[i], i) : told_bars(plot, plot.series[i], i));
  if (plot.series.size() > kMostTold)
    out += fmt::format(" And {} more series.", plot.series.size() - kMostTold);
  for (const Mark& m : plot.marks)
    out += fmt::format(" A line at {} {}{}{}.", m.at_x ? "x" : "y", text_of(m.value),
                       m.label.empty() ? "" : ": ", m.label);
  return out;
}

}  // namespace cellwright::draw
