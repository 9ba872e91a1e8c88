// math_text.h: names and symbols as mathematics sets them: a letter in italics, its index below it.
//
// Where to start: math_name(). Always holds: a name's first '_' parts letter and index, a time joins the
// index: h_s at t-1 is h with "s,t−1" below.
#pragma once

#include <string>
#include <vector>

#include "draw/svg.h"

namespace cellwright::draw {

struct MathRun {
  std::string text;
  bool italic = false;
  bool below = false;
};
using MathText = std::vector<MathRun>;

MathText upright(const std::string& text);
MathText math_name(const std::string& name, const std::string& time = "");
MathText operator+(MathText a, const MathText& b);

std::string plain(const MathText& text);  ///< for titles and tests: "h_t−1"

/// Rough: no font is asked. Errs on the wide side.
double text_width(const MathText& text, double font_size);

/// Writes it in the serif font with its base line at y.
void write_math(Svg& svg, double x, double y, const MathText& text, double font_size, Attributes attributes);

}  // namespace cellwright::draw
