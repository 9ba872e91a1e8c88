// plot_lines.cpp: the lines of a plot, their bands and markers, and marks across it. Start at draw_lines().
//
// A line of more points than the plot has pixels is drawn through each pixel column's first, lowest, highest
// and last point, which looks the same and stays small.
#include <algorithm>
#include <cmath>

#include "draw/plot_frame.h"

namespace cellwright::draw {
namespace {

constexpr std::size_t kMostMarkers = 40;  // of a series

struct Point {
  double x, y;
};

/// Stretches without gaps.
std::vector<std::vector<Point>> stretches(const Frame& frame, const Series& s,
                                          const std::vector<Value>& values, const Scale& x, const Scale& y) {
  std::vector<std::vector<Point>> all(1);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!values[i]) {
      if (!all.back().empty()) all.emplace_back();
      continue;
    }
    // Far outside is as good as just outside, and keeps the numbers short.
    const double share_x = std::clamp(x.at(s.x[i]), -20.0, 20.0);
    const double share_y = std::clamp(y.at(*values[i]), -20.0, 20.0);
    all.back().push_back({frame.mirrored(frame.x(share_x)), frame.y(share_y)});
  }
  if (all.back().empty()) all.pop_back();
  return all;
}

std::vector<Point> thinned(const std::vector<Point>& points, double width) {
  if (static_cast<double>(points.size()) <= 4 * width) return points;
  std::vector<Point> kept;
  for (std::size_t i = 0; i < points.size();) {
    std::size_t end = i, lowest = i, highest = i;
    for (; end < points.size() && std::floor(points[end].x) == std::floor(points[i].x); ++end) {
      if (points[end].y < points[lowest].y) lowest = end;
      if (points[end].y > points[highest].y) highest = end;
    }
    std::vector<std::size_t> chosen = {i, std::min(lowest, highest), std::max(lowest, highest), end - 1};
    chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
    for (const std::size_t k : chosen) kept.push_back(points[k]);
    i = end;
  }
  return kept;
}

void band(const Frame& frame, const Series& s, const Scale& x, const Scale& y, const Look& look) {
  if (s.low.empty()) return;
  // A gap in either end is one in both.
  std::vector<Value> low = s.low, high = s.high;
  for (std::size_t i = 0; i < low.size(); ++i) {
    if (!low[i] || !high[i]) low[i] = high[i] = kMissing;
  }
  const auto below = stretches(frame, s, low, x, y), above = stretches(frame, s, high, x, y);
  for (std::size_t k = 0; k < below.size(); ++k) {
    PathData d;
    const std::vector<Point> forth = thinned(above[k], frame.width()),
                             back = thinned(below[k], frame.width());
    d.move(forth[0].x, forth[0].y);
    for (std::size_t i = 1; i < forth.size(); ++i) d.line(forth[i].x, forth[i].y);
    for (std::size_t i = back.size(); i-- > 0;) d.line(back[i].x, back[i].y);
    frame.svg.element("path", {{"d", d.close().text()}, {"fill", look.colour}, {"fill-opacity", 0.18}});
  }
}

void line(const Frame& frame, const Series& s, const Scale& x, const Scale& y, const Look& look) {
  for (const std::vector<Point>& whole : stretches(frame, s, s.y, x, y)) {
    const std::vector<Point> points = thinned(whole, frame.width());
    if (points.size() < 2) continue;  // its marker shows it
    PathData d;
    d.move(points[0].x, points[0].y);
    for (std::size_t i = 1; i < points.size(); ++i) d.line(points[i].x, points[i].y);
    Attributes attributes = {{"d", d.text()},
                             {"fill", "none"},
                             {"stroke", look.colour},
                             {"stroke-width", 2},
                             {"stroke-linejoin", "round"}};
    if (!look.dash.empty()) attributes.emplace_back("stroke-dasharray", look.dash);
    frame.svg.element("path", attributes);
  }
}

void markers(const Frame& frame, const Series& s, const Scale& x, const Scale& y, const Look& look) {
  const bool all = s.y.size() <= kMostMarkers;
  for (std::size_t i = 0; i < s.y.size(); ++i) {
    if (!s.y[i] || !x.inside(s.x[i]) || !y.inside(*s.y[i])) continue;
    // In a long line only a point that no line reaches.
    const bool alone = (i == 0 || !s.y[i - 1]) && (i + 1 == s.y.size() || !s.y[i + 1]);
    if (!all && !alone) continue;
    const std::string title =
        (s.name.empty() ? "" : s.name + ": ") + number_text(s.x[i], 4) + ", " + number_text(*s.y[i], 4);
    marker(frame, frame.x(x.at(s.x[i])), frame.y(y.at(*s.y[i])), look, title);
  }
}

void draw_mark(const Frame& frame, const Mark& m, const Scale& x, const Scale& y) {
  const Theme& theme = frame.svg.theme();
  if (m.at_x) {
    const double at = frame.x(x.at(m.value));
    frame.line(at, frame.top, at, frame.bottom, theme.muted, 1.2, "5 4");
    const bool near_end = at + text_width(m.label) + 8 > frame.right;
    frame.text(at + (near_end ? -5 : 5), frame.top + 12, m.label, near_end ? Anchor::kEnd : Anchor::kStart,
               theme.muted);
  } else {
    const double at = frame.y(y.at(m.value));
    frame.line(frame.left, at, frame.right, at, theme.muted, 1.2, "5 4");
    frame.text(frame.right - 4, at + (at - 16 > frame.top ? -5 : 14), m.label, Anchor::kEnd, theme.muted);
  }
}

}  // namespace

void draw_lines(const Frame& frame, const Scale& x, const Scale& y) {
  // A nested picture cuts off what runs out of the axes, without an id that two plots in a page would share.
  const double edge = 6;
  const double left = frame.plot.rtl ? frame.plot.width - frame.right : frame.left;
  const auto inner = [&](double margin) {
    const std::string px = number(left - margin), py = number(frame.top - margin);
    const std::string w = number(frame.width() + 2 * margin), h = number(frame.height() + 2 * margin);
    frame.svg.open(
        "svg",
        {{"x", px}, {"y", py}, {"width", w}, {"height", h}, {"viewBox", px + " " + py + " " + w + " " + h}});
  };
  for (const Mark& m : frame.plot.marks) {
    if (m.at_x ? x.inside(m.value) : y.inside(m.value)) draw_mark(frame, m, x, y);
  }
  for (std::size_t i = 0; i < frame.plot.series.size(); ++i) {
    const Series& s = frame.plot.series[i];
    const Look look = look_of(frame.svg.theme(), i);
    frame.svg.open("g");
    if (!s.name.empty()) frame.svg.title(s.name);
    const bool cut = frame.plot.x.min || frame.plot.x.max || frame.plot.y.min || frame.plot.y.max;
    if (cut) inner(1);
    band(frame, s, x, y, look);
    line(frame, s, x, y, look);
    if (cut) frame.svg.close();
    if (cut) inner(edge);
    markers(frame, s, x, y, look);
    if (cut) frame.svg.close();
    frame.svg.close();
  }
}

}  // namespace cellwright::draw
