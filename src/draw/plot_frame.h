// plot_frame.h: what the bodies of all plots draw on: the plot's rectangle in the page, and the one place
// where a right-to-left plot is mirrored.
//
// Always holds: callers give places as in a left-to-right plot; shapes and anchors are mirrored here, letters
// never are.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "draw/plot.h"
#include "draw/scale.h"
#include "draw/svg.h"

namespace cellwright::draw {

inline constexpr double kSmall = 12;  ///< font size of all but the title

/// About how wide a line of text is.
double text_width(std::string_view text, double size = kSmall);

/// Whether a text reads from the right: its first letter says so.
bool reads_from_right(std::string_view text);

enum class Anchor { kStart, kMiddle, kEnd };

struct Frame {
  Svg& svg;
  const Plot& plot;
  double left = 0, top = 0, right = 0, bottom = 0;  ///< of the rectangle between the axes

  double width() const { return right - left; }
  double height() const { return bottom - top; }
  double x(double share) const { return left + share * width(); }     ///< 0 left … 1 right
  double y(double share) const { return bottom - share * height(); }  ///< 0 bottom … 1 top
  double mirrored(double px) const { return plot.rtl ? plot.width - px : px; }

  void line(double x1, double y1, double x2, double y2, const std::string& colour, double thickness,
            const std::string& dash = "") const;
  void box(double x, double y, double w, double h, const Attributes& attributes) const;
  /// `anchor` in the direction in which the plot runs; `slant` turns the text about its anchor, in degrees.
  void text(double px, double py, std::string_view text, Anchor anchor, const std::string& colour,
            double size = kSmall, double slant = 0, bool bold = false) const;
};

/// How series number `i` looks.
struct Look {
  std::string colour;
  std::string dash;  ///< "" for a whole line
  int shape;         ///< of marker()
};
Look look_of(const Theme& theme, std::size_t i);

/// A marker of about 7 pixels at (px, py), `title` shown under the mouse.
void marker(const Frame& frame, double px, double py, const Look& look, const std::string& title);

/// Names under (or beside) equal slots: slanted where they do not fit, and only some where that is not
/// enough.
struct SlotLabels {
  bool slanted = false;
  std::size_t every = 1;
  double room = 0;  ///< height that they take
};
SlotLabels fit_labels(const std::vector<std::string>& labels, double slot);
void draw_slot_labels(const Frame& frame, const std::vector<std::string>& labels, const SlotLabels& fit);

/// Between the bars and the names of marks, which stand right of them.
constexpr double kMarkGap = 6;

void draw_lines(const Frame& frame, const Scale& x, const Scale& y);
void draw_bars(const Frame& frame, const Scale& y);
void draw_heat(const Frame& frame, const Scale& colours);
void draw_heat_key(const Frame& frame, const Scale& colours, double left);
std::string heat_colour(const Theme& theme, bool balanced, double share);

/// plot_check.cpp: SpecError at the first thing that is wrong.
void check_plot(const Plot& plot);
/// plot_describe.cpp: what stands in <desc> when the caller gave nothing, and the default title.
std::string describe(const Plot& plot);
std::string title_of(const Plot& plot);

}  // namespace cellwright::draw
