// plot_heat.cpp: a heat map and the key of its colours. Start at draw_heat().
#include <algorithm>
#include <cmath>

#include "draw/plot_frame.h"

namespace cellwright::draw {
namespace {

constexpr int kShades = 64;  // as many as the eye keeps apart; equal neighbours become one rectangle

int shade_of(const Scale& colours, double value) {
  return static_cast<int>(std::lround(std::clamp(colours.at(value), 0.0, 1.0) * (kShades - 1)));
}

std::string colour_of(const Frame& frame, int shade) {
  return heat_colour(frame.svg.theme(), frame.plot.heat.balanced, shade / static_cast<double>(kShades - 1));
}

bool is_dark(const std::string& colour) {
  const auto part = [&](std::size_t at) { return std::stoi(colour.substr(at, 2), nullptr, 16); };
  return 0.299 * part(1) + 0.587 * part(3) + 0.114 * part(5) < 128;
}

// Numbers in fields that have room for them.
void draw_values(const Frame& frame, const Scale& colours, double w, double h) {
  const Heat& heat = frame.plot.heat;
  double widest = 0;
  for (const auto& row : heat.values) {
    if (h < 16 || static_cast<double>(row.size()) * heat.values.size() > 400) return;
    for (const Value& v : row) widest = std::max(widest, v ? text_width(number_text(*v, 2), 11) : 0);
  }
  if (widest + 4 > w) return;
  for (std::size_t r = 0; r < heat.values.size(); ++r) {
    for (std::size_t c = 0; c < heat.values[r].size(); ++c) {
      const Value& v = heat.values[r][c];
      if (!v) continue;
      const std::string ink = is_dark(colour_of(frame, shade_of(colours, *v))) ? "#ffffff" : "#000000";
      frame.text(frame.left + (static_cast<double>(c) + 0.5) * w,
                 frame.top + (static_cast<double>(r) + 0.5) * h + 4, number_text(*v, 2), Anchor::kMiddle, ink,
                 11);
    }
  }
}

}  // namespace

std::string heat_colour(const Theme& theme, bool balanced, double share) {
  const auto& stops = balanced ? theme.balance : theme.heat;
  const double at = std::clamp(share, 0.0, 1.0) * static_cast<double>(stops.size() - 1);
  const std::size_t below = std::min(static_cast<std::size_t>(at), stops.size() - 2);
  return mix(stops[below], stops[below + 1], at - static_cast<double>(below));
}

void draw_heat(const Frame& frame, const Scale& colours) {
  const Heat& heat = frame.plot.heat;
  const Theme& theme = frame.svg.theme();
  const double w = frame.width() / static_cast<double>(heat.values[0].size());
  const double h = frame.height() / static_cast<double>(heat.values.size());
  frame.svg.open("g", {{"shape-rendering", "crispEdges"}});
  for (std::size_t r = 0; r < heat.values.size(); ++r) {
    const std::vector<Value>& row = heat.values[r];
    for (std::size_t c = 0; c < row.size();) {
      std::size_t end = c + 1;
      if (!row[c]) {
        c = end;
        continue;
      }
      const int shade = shade_of(colours, *row[c]);
      while (end < row.size() && row[end] && shade_of(colours, *row[end]) == shade) ++end;
      frame.box(frame.left + static_cast<double>(c) * w, frame.top + static_cast<double>(r) * h,
                static_cast<double>(end - c) * w, h, {{"fill", colour_of(frame, shade)}});
      c = end;
    }
  }
  frame.svg.close();
  frame.box(frame.left, frame.top, frame.width(), frame.height(),
            {{"fill", "none"}, {"stroke", theme.muted}, {"stroke-width", 1}});
  draw_values(frame, colours, w, h);
  if (heat.rows.empty()) return;
  const std::size_t every = static_cast<std::size_t>(std::max(1.0, std::ceil(14 / h)));
  for (std::size_t r = 0; r < heat.rows.size(); r += every)
    frame.text(frame.left - 7, frame.top + (static_cast<double>(r) + 0.5) * h + 4, heat.rows[r], Anchor::kEnd,
               theme.ink);
}

void draw_heat_key(const Frame& frame, const Scale& colours, double left) {
  const Theme& theme = frame.svg.theme();
  const double height = std::min(frame.height(), 220.0), top = frame.top, step = height / kShades;
  frame.svg.open("g", {{"shape-rendering", "crispEdges"}});
  for (int s = 0; s < kShades; ++s)
    frame.box(left, top + height - (s + 1) * step, 14, step + 0.5, {{"fill", colour_of(frame, s)}});
  frame.svg.close();
  frame.box(left, top, 14, height, {{"fill", "none"}, {"stroke", theme.muted}, {"stroke-width", 0.8}});
  for (const Tick& tick : colours.ticks()) {
    if (tick.label.empty()) continue;
    const double y = top + height - colours.at(tick.value) * height;
    frame.line(left + 14, y, left + 18, y, theme.ink, 1);
    frame.text(left + 21, y + 4, tick.label, Anchor::kStart, theme.ink);
  }
  if (!frame.plot.heat.scale.label.empty())
    frame.text(frame.plot.width - 16, top - 12, frame.plot.heat.scale.label, Anchor::kEnd, theme.muted);
}

}  // namespace cellwright::draw
