// plot_bars.cpp: bars in groups, one a series in each category, with their error bars. Start at draw_bars().
#include <algorithm>
#include <cmath>

#include "draw/plot_frame.h"

namespace cellwright::draw {
namespace {

void whisker(const Frame& frame, double x, double half, double low, double high) {
  const std::string& ink = frame.svg.theme().ink;
  frame.line(x, low, x, high, ink, 1.3);
  frame.line(x - half, low, x + half, low, ink, 1.3);
  frame.line(x - half, high, x + half, high, ink, 1.3);
}

/// Values stand over all bars or over none.
bool values_fit(const Plot& plot, double bar) {
  if (plot.series.size() * plot.categories.size() > 24) return false;
  double widest = 0;
  for (const Series& s : plot.series) {
    for (const Value& v : s.y) widest = std::max(widest, v ? text_width(number_text(*v, 3), 11) : 0);
  }
  return widest <= bar + 6;
}

}  // namespace

void draw_bars(const Frame& frame, const Scale& y) {
  const Plot& plot = frame.plot;
  const Theme& theme = frame.svg.theme();
  const double slot = frame.width() / static_cast<double>(plot.categories.size());
  const double group = slot * (plot.series.size() > 1 ? 0.82 : 0.62);
  const double bar = group / static_cast<double>(plot.series.size());
  const auto place = [&](double v) { return frame.y(std::clamp(y.at(v), 0.0, 1.0)); };
  const double ground = plot.y.log ? frame.bottom : place(0);
  const bool with_values = values_fit(plot, bar);
  for (std::size_t s = 0; s < plot.series.size(); ++s) {
    const Series& series = plot.series[s];
    frame.svg.open("g");
    if (!series.name.empty()) frame.svg.title(series.name);
    for (std::size_t c = 0; c < plot.categories.size(); ++c) {
      if (!series.y[c]) continue;
      const double left = frame.left + (static_cast<double>(c) + 0.5) * slot - group / 2 +
                          static_cast<double>(s) * bar + 0.04 * bar;
      const double end = place(*series.y[c]), top = std::min(end, ground), middle = left + 0.46 * bar;
      const double x = plot.rtl ? plot.width - left - 0.92 * bar : left;
      frame.svg.open("rect", {{"x", x},
                              {"y", top},
                              {"width", 0.92 * bar},
                              {"height", std::max(end, ground) - top},
                              {"fill", look_of(theme, s).colour},
                              {"stroke", theme.ink},
                              {"stroke-width", 0.5}});
      frame.svg.title((series.name.empty() ? "" : series.name + ", ") + plot.categories[c] + ": " +
                      number_text(*series.y[c], 4));
      frame.svg.close();
      const bool error = !series.low.empty() && series.low[c] && series.high[c];
      if (error)
        whisker(frame, middle, std::min(6.0, 0.3 * bar), place(*series.low[c]), place(*series.high[c]));
      if (!with_values) continue;
      const bool down = end > ground + 0.5;
      const double edge = !error ? end
                          : down ? std::max(place(*series.low[c]), place(*series.high[c]))
                                 : std::min(place(*series.low[c]), place(*series.high[c]));
      frame.text(middle, edge + (down ? 12 : -4), number_text(*series.y[c], 3), Anchor::kMiddle, theme.ink,
                 11);
    }
    frame.svg.close();
  }
  if (!plot.y.log && y.inside(0)) frame.line(frame.left, ground, frame.right, ground, theme.ink, 1);
  for (const Mark& m : plot.marks) {
    if (!y.inside(m.value)) continue;
    const double at = place(m.value);
    frame.line(frame.left, at, frame.right, at, theme.ink, 1.2, "5 4");
    frame.text(frame.right + kMarkGap, at + 4, m.label, Anchor::kStart, theme.ink);
  }
}

}  // namespace cellwright::draw
