// plot.cpp: the page of a plot: title, legend, axes, and the body between them. Start at plot_svg().
#include "draw/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cellwright/error.h"
#include "draw/plot_area.h"
#include "draw/plot_frame.h"
#include "language/diagnostic.h"

namespace cellwright::draw {
namespace {

constexpr double kEdge = 16;  // free around everything

struct Range {
  double low = HUGE_VAL, high = -HUGE_VAL;
  void add(double v) {
    low = std::min(low, v);
    high = std::max(high, v);
  }
  void add(const std::vector<Value>& values) {
    for (const Value& v : values) {
      if (v) add(*v);
    }
  }
};

Range range_of_x(const Plot& plot) {
  Range range;
  for (const Series& s : plot.series) {
    for (const double x : s.x) range.add(x);
  }
  for (const Mark& m : plot.marks) {
    if (m.at_x) range.add(m.value);
  }
  return range;
}

Range range_of_y(const Plot& plot) {
  Range range;
  for (const Series& s : plot.series) {
    range.add(s.y);
    range.add(s.low);
    range.add(s.high);
  }
  for (const Mark& m : plot.marks) {
    if (!m.at_x) range.add(m.value);
  }
  return range;
}

Scale y_scale(const Plot& plot, double height) {
  const Range range = range_of_y(plot);
  const Ends ends = plot.kind == PlotKind::kBar && !plot.y.log ? Ends::kFromZero : Ends::kRound;
  return Scale(range.low, range.high, plot.y, ends, static_cast<int>(height / 55) + 1, "y");
}

Scale heat_scale(const Plot& plot) {
  Range range;
  for (const auto& row : plot.heat.values) range.add(row);
  const Ends ends = plot.heat.balanced ? Ends::kBalanced : Ends::kTight;
  return Scale(range.low, range.high, plot.heat.scale, ends, 5, "colour");
}

// ---- the legend ----

constexpr double kSwatch = 28, kBetween = 20, kLegendRow = 19;

struct LegendItem {
  std::size_t series;
  double x;
  int row;
};

std::vector<LegendItem> lay_legend(const Plot& plot, double width) {
  std::vector<LegendItem> items;
  double x = 0;
  int row = 0;
  for (std::size_t i = 0; i < plot.series.size(); ++i) {
    const double own = kSwatch + text_width(plot.series[i].name) + kBetween;
    if (x > 0 && x + own - kBetween > width) {
      x = 0;
      ++row;
    }
    items.push_back({i, x, row});
    x += own;
  }
  return items;
}

void draw_legend(const Frame& frame, const std::vector<LegendItem>& items, double top) {
  for (const LegendItem& item : items) {
    const double x = kEdge + item.x, y = top + kLegendRow * item.row;
    const Look look = look_of(frame.svg.theme(), item.series);
    if (frame.plot.kind == PlotKind::kBar) {
      frame.box(x + 4, y - 10, 14, 11,
                {{"fill", look.colour}, {"stroke", frame.svg.theme().ink}, {"stroke-width", 0.5}});
    } else {
      frame.line(x, y - 4, x + 22, y - 4, look.colour, 2.2, look.dash);
      marker(frame, x + 11, y - 4, look, "");
    }
    frame.text(x + kSwatch, y, frame.plot.series[item.series].name, Anchor::kStart, frame.svg.theme().ink);
  }
}

// ---- the axes ----

void draw_y_axis(const Frame& frame, const Scale& scale) {
  const Theme& theme = frame.svg.theme();
  const std::string grid = mix(theme.background, theme.muted, 0.28);
  for (const Tick& tick : scale.ticks()) {
    const double y = frame.y(scale.at(tick.value));
    frame.line(frame.left, y, frame.right, y, grid, tick.label.empty() ? 0.4 : 0.8);
    if (!tick.label.empty()) frame.text(frame.left - 7, y + 4, tick.label, Anchor::kEnd, theme.ink);
  }
}

void draw_x_axis(const Frame& frame, const Scale& scale) {
  const Theme& theme = frame.svg.theme();
  const std::string grid = mix(theme.background, theme.muted, 0.28);
  double free_from = -HUGE_VAL;
  for (const Tick& tick : scale.ticks()) {
    const double x = frame.x(scale.at(tick.value));
    if (tick.label.empty()) {
      frame.line(x, frame.top, x, frame.bottom, grid, 0.4);
      continue;
    }
    frame.line(x, frame.top, x, frame.bottom, grid, 0.8);
    frame.line(x, frame.bottom, x, frame.bottom + 4, theme.ink, 1);
    const double half = text_width(tick.label) / 2;
    if (x - half < free_from) continue;  // would run into the label before it
    frame.text(x, frame.bottom + 17, tick.label, Anchor::kMiddle, theme.ink);
    free_from = x + half + 4;
  }
}

void draw_axis_names(const Frame& frame, double room_below) {
  const Theme& theme = frame.svg.theme();
  // The y axis' name lies over it: readable without turning the head, in any script.
  if (!frame.plot.y.label.empty())
    frame.text(kEdge, frame.top - 12, frame.plot.y.label, Anchor::kStart, theme.muted);
  if (!frame.plot.x.label.empty())
    frame.text((frame.left + frame.right) / 2, frame.bottom + room_below + 15, frame.plot.x.label,
               Anchor::kMiddle, theme.muted);
}

double widest(const std::vector<Tick>& ticks) {
  double width = 0;
  for (const Tick& tick : ticks) width = std::max(width, text_width(tick.label));
  return width;
}

double widest(const std::vector<std::string>& labels) {
  double width = 0;
  for (const std::string& label : labels) width = std::max(width, text_width(label));
  return width;
}

double default_height(const Plot& plot) {
  if (plot.height > 0) return plot.height;
  if (plot.kind != PlotKind::kHeat) return 400;
  const double rows = static_cast<double>(plot.heat.values.size());
  return std::clamp(150 + rows * (rows <= 30 ? 22 : 7), 240.0, 1000.0);
}

void draw_axes_lines(const Frame& frame) {
  const std::string& ink = frame.svg.theme().ink;
  frame.line(frame.left, frame.top, frame.left, frame.bottom, ink, 1);
  frame.line(frame.left, frame.bottom, frame.right, frame.bottom, ink, 1);
}

void draw_line_plot(Frame& frame) {
  const Scale y = y_scale(frame.plot, frame.height() - 24);
  frame.left = kEdge + widest(y.ticks()) + 8;
  const Range range = range_of_x(frame.plot);
  const Scale x(range.low, range.high, frame.plot.x, Ends::kTight, static_cast<int>(frame.width() / 80) + 1,
                "x");
  if (!x.ticks().empty()) frame.right -= std::max(0.0, text_width(x.ticks().back().label) / 2 - kEdge / 2);
  frame.bottom -= 20;
  draw_y_axis(frame, y);
  draw_x_axis(frame, x);
  draw_axes_lines(frame);
  draw_lines(frame, x, y);
  draw_axis_names(frame, 20);
}

void draw_bar_plot(Frame& frame) {
  const Scale estimate = y_scale(frame.plot, frame.height() - 24);
  frame.left = kEdge + widest(estimate.ticks()) + 8;
  double names = 0;  // of the marks, which stand beside the bars: on one they would hide it
  for (const Mark& m : frame.plot.marks) names = std::max(names, text_width(m.label));
  if (names > 0) frame.right -= std::min(names + kMarkGap, 0.3 * frame.width()) - kEdge / 2;
  const SlotLabels fit =
      fit_labels(frame.plot.categories, frame.width() / static_cast<double>(frame.plot.categories.size()));
  frame.bottom -= fit.room;
  const Scale y = y_scale(frame.plot, frame.height());
  draw_y_axis(frame, y);
  draw_bars(frame, y);
  draw_axes_lines(frame);
  draw_slot_labels(frame, frame.plot.categories, fit);
  draw_axis_names(frame, fit.room);
}

void draw_heat_plot(Frame& frame) {
  const Heat& heat = frame.plot.heat;
  const Scale colours = heat_scale(frame.plot);
  const double key = 14 + 22 + std::max(widest(colours.ticks()), 24.0);
  frame.left = kEdge + std::min(220.0, widest(heat.rows)) + (heat.rows.empty() ? 0 : 8);
  frame.right -= key;
  SlotLabels fit;
  if (!heat.columns.empty()) {
    fit = fit_labels(heat.columns, frame.width() / static_cast<double>(heat.columns.size()));
    frame.bottom -= fit.room;
  }
  draw_heat(frame, colours);
  if (!heat.columns.empty()) draw_slot_labels(frame, heat.columns, fit);
  draw_heat_key(frame, colours, frame.right + 18);
  draw_axis_names(frame, fit.room);
}

}  // namespace

PlotKind plot_kind(const std::string& word) {
  if (word == "line") return PlotKind::kLine;
  if (word == "bar") return PlotKind::kBar;
  if (word == "heat") return PlotKind::kHeat;
  const std::string hint = syntax::did_you_mean(word, {"line", "bar", "heat"});
  throw SpecError(
      fmt::format("no kind of plot '{}'; {}", word, hint.empty() ? "there are line, bar, heat" : hint));
}

std::string plot_svg(const Plot& plot) {
  PlotArea area;
  return plot_svg(plot, area);
}

std::string plot_svg(const Plot& plot, PlotArea& area) {
  check_plot(plot);
  const double height = default_height(plot);
  const std::string title = title_of(plot);
  Svg svg(plot.width, height, title, plot.description.empty() ? describe(plot) : plot.description,
          theme(plot.theme), plot.language);
  Frame frame{svg, plot};
  frame.right = plot.width - kEdge;
  frame.top = kEdge;
  if (!plot.title.empty()) {
    frame.text(kEdge, frame.top + 14, plot.title, Anchor::kStart, svg.theme().ink, 15, 0, true);
    frame.top += 28;
  }
  if (plot.kind != PlotKind::kHeat && plot.series.size() > 1) {
    const std::vector<LegendItem> items = lay_legend(plot, plot.width - 2 * kEdge);
    draw_legend(frame, items, frame.top + 12);
    frame.top += kLegendRow * (items.back().row + 1) + 6;
  }
  frame.top += plot.y.label.empty() ? 6 : 22;
  frame.bottom = height - kEdge + 4 - (plot.x.label.empty() ? 0 : 20);
  if (frame.bottom - frame.top < 60)
    throw SpecError(
        fmt::format("a plot of height {} has no room left under its title and legend of {} series; "
                    "give more height",
                    static_cast<int>(height), plot.series.size()));
  switch (plot.kind) {
    case PlotKind::kLine:
      draw_line_plot(frame);
      break;
    case PlotKind::kBar:
      draw_bar_plot(frame);
      break;
    case PlotKind::kHeat:
      draw_heat_plot(frame);
      break;
  }
  area = {frame.mirrored(plot.rtl ? frame.right : frame.left), frame.top,
          frame.mirrored(plot.rtl ? frame.left : frame.right), frame.bottom};
  return svg.finish();
}

}  // namespace cellwright::draw
