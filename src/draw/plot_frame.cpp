// plot_frame.cpp: texts, lines and markers in a frame, mirrored where the plot runs from right to left.
#include "draw/plot_frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/utf8.h"

namespace cellwright::draw {
namespace {

bool is_right_to_left(char32_t c) {
  return (c >= 0x590 && c <= 0x8FF && !(c >= 0x660 && c <= 0x669)) || (c >= 0xFB1D && c <= 0xFDFF) ||
         (c >= 0xFE70 && c <= 0xFEFC) || (c >= 0x10800 && c <= 0x10FFF) || (c >= 0x1E800 && c <= 0x1EFFF);
}

bool is_left_to_right(char32_t c) {
  return (c >= U'A' && c <= U'Z') || (c >= U'a' && c <= U'z') || (c >= 0xC0 && !(c >= 0x2000 && c <= 0x2BFF));
}

}  // namespace

double text_width(std::string_view text, double size) {
  const double columns =
      invalid_utf8(text) ? static_cast<double>(text.size()) : static_cast<double>(display_width(text));
  return 0.62 * size * columns;
}

bool reads_from_right(std::string_view text) {
  if (invalid_utf8(text)) return false;
  for (const char32_t c : decode_utf8(text)) {
    if (is_right_to_left(c)) return true;
    if (is_left_to_right(c)) return false;
  }
  return false;
}

void Frame::line(double x1, double y1, double x2, double y2, const std::string& colour, double thickness,
                 const std::string& dash) const {
  Attributes attributes = {{"x1", mirrored(x1)}, {"y1", y1},         {"x2", mirrored(x2)},
                           {"y2", y2},           {"stroke", colour}, {"stroke-width", thickness}};
  if (!dash.empty()) attributes.emplace_back("stroke-dasharray", dash);
  svg.element("line", attributes);
}

void Frame::box(double x, double y, double w, double h, const Attributes& attributes) const {
  Attributes all = {{"x", plot.rtl ? plot.width - x - w : x}, {"y", y}, {"width", w}, {"height", h}};
  all.insert(all.end(), attributes.begin(), attributes.end());
  svg.element("rect", all);
}

void Frame::text(double px, double py, std::string_view text, Anchor anchor, const std::string& colour,
                 double size, double slant, bool bold) const {
  const double at = mirrored(px);
  // SVG's start and end follow the text's own direction, ours the plot's.
  const bool from_right = reads_from_right(text);
  const bool swap = plot.rtl != from_right;
  const char* place = anchor == Anchor::kMiddle            ? "middle"
                      : (anchor == Anchor::kStart) != swap ? "start"
                                                           : "end";
  Attributes attributes = {{"text-anchor", place}, {"font-size", size}, {"fill", colour}};
  if (from_right) attributes.emplace_back("direction", "rtl");
  if (bold) attributes.emplace_back("font-weight", "bold");
  if (slant != 0)
    attributes.emplace_back("transform", fmt::format("rotate({} {} {})", number(plot.rtl ? -slant : slant),
                                                     number(at), number(py)));
  svg.text(at, py, text, attributes);
}

Look look_of(const Theme& theme, std::size_t i) {
  static const char* const kDashes[] = {"", "7 4", "2 3", "9 3 2 3", "14 4", "5 2 1 2 1 2"};
  const bool grey = theme.name == "print";
  const std::size_t round = grey ? i : i / theme.series.size();
  return {theme.series[i % theme.series.size()], kDashes[round % 6], static_cast<int>(i % 6)};
}

void marker(const Frame& frame, double px, double py, const Look& look, const std::string& title) {
  const double x = frame.mirrored(px), r = 3.6;
  PathData d;
  switch (look.shape) {
    case 0:
      break;
    case 1:  // square
      d.move(x - r, py - r).line(x + r, py - r).line(x + r, py + r).line(x - r, py + r).close();
      break;
    case 2:  // triangle
      d.move(x, py - 1.25 * r).line(x + 1.2 * r, py + r).line(x - 1.2 * r, py + r).close();
      break;
    case 3:  // diamond
      d.move(x, py - 1.4 * r).line(x + 1.4 * r, py).line(x, py + 1.4 * r).line(x - 1.4 * r, py).close();
      break;
    case 4:  // triangle on its point
      d.move(x, py + 1.25 * r).line(x + 1.2 * r, py - r).line(x - 1.2 * r, py - r).close();
      break;
    default:  // cross
      d.move(x - r, py - r).line(x + r, py + r).move(x - r, py + r).line(x + r, py - r);
  }
  const Attributes shape =
      look.shape == 0 ? Attributes{{"cx", x}, {"cy", py}, {"r", r}} : Attributes{{"d", d.text()}};
  Attributes attributes = shape;
  if (look.shape == 5) {
    attributes.emplace_back("fill", "none");
    attributes.emplace_back("stroke", look.colour);
    attributes.emplace_back("stroke-width", 2);
  } else {
    attributes.emplace_back("fill", look.colour);
  }
  const char* tag = look.shape == 0 ? "circle" : "path";
  if (title.empty()) {
    frame.svg.element(tag, attributes);
    return;
  }
  frame.svg.open(tag, attributes);
  frame.svg.title(title);
  frame.svg.close();
}

SlotLabels fit_labels(const std::vector<std::string>& labels, double slot) {
  double longest = 0;
  for (const std::string& label : labels) longest = std::max(longest, text_width(label));
  SlotLabels fit;
  fit.room = 20;
  if (longest + 6 <= slot) return fit;
  // Single signs, as the characters of a text: leave some out rather than slant them.
  fit.slanted = longest > 3 * kSmall;
  const double wanted = fit.slanted ? 15 : longest + 4;
  fit.every = static_cast<std::size_t>(std::max(1.0, std::ceil(wanted / slot)));
  if (fit.slanted) fit.room = 16 + std::min(200.0, longest) * 0.62;
  return fit;
}

void draw_slot_labels(const Frame& frame, const std::vector<std::string>& labels, const SlotLabels& fit) {
  const double slot = frame.width() / static_cast<double>(labels.size());
  for (std::size_t i = 0; i < labels.size(); i += fit.every) {
    const double at = frame.left + (static_cast<double>(i) + 0.5) * slot;
    const std::string& ink = frame.svg.theme().ink;
    if (fit.slanted) {
      frame.text(at + 4, frame.bottom + 14, labels[i], Anchor::kEnd, ink, kSmall, -38);
    } else {
      frame.text(at, frame.bottom + 17, labels[i], Anchor::kMiddle, ink);
    }
  }
}

}  // namespace cellwright::draw
