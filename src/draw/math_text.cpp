#include "draw/math_text.h"

#include <string_view>

#include "base/utf8.h"

namespace cellwright::draw {
namespace {

constexpr double kBelow = 0.72;  // an index' font size
constexpr double kDrop = 0.24;   // and how far below the line it stands

double letter_width(char32_t c) {
  if (c >= 0x300 && c < 0x370) return 0;  // marks stand over their letter
  if (c < 0x80) {
    const std::string_view narrow = "ijltfr.,:;'|!()[] ";
    const std::string_view wide = "mwMW";
    if (narrow.find(static_cast<char>(c)) != std::string_view::npos) return 0.42;
    if (wide.find(static_cast<char>(c)) != std::string_view::npos) return 1.0;
  }
  return c >= 'A' && c <= 'Z' ? 0.76 : c > 0x2e80 ? 1.0 : 0.66;
}

bool one_letter(const std::string& text) { return grapheme_count(text) == 1; }

}  // namespace

MathText upright(const std::string& text) { return {{text, false, false}}; }

MathText math_name(const std::string& name, const std::string& time) {
  const std::size_t at = name.find('_');
  const bool cut = at != std::string::npos && at > 0 && at + 1 < name.size();
  MathText text = {{cut ? name.substr(0, at) : name, true, false}};
  const std::string index = cut ? name.substr(at + 1) : "";
  if (!index.empty()) text.push_back({index, one_letter(index), true});
  if (!time.empty()) text.push_back({index.empty() ? time : "," + time, true, true});
  return text;
}

MathText operator+(MathText a, const MathText& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::string plain(const MathText& text) {
  std::string out;
  bool below = false;
  for (const MathRun& run : text) {
    if (run.below && !below) out += '_';
    out += run.text;
    below = run.below;
  }
  return out;
}

double text_width(const MathText& text, double font_size) {
  double width = 0;
  for (const MathRun& run : text) {
    for (const char32_t c : decode_utf8(run.text))
      width += letter_width(c) * font_size * (run.below ? kBelow : 1);
  }
  return width;
}

void write_math(Svg& svg, double x, double y, const MathText& text, double font_size, Attributes attributes) {
  std::vector<Svg::Span> spans;
  bool below = false;
  for (const MathRun& run : text) {
    Attributes of_run;
    // A shift holds for what follows too, so the way back is a shift as well. (baseline-shift is not known
    // everywhere.)
    if (run.below != below) of_run.emplace_back("dy", (run.below ? kDrop : -kDrop) * font_size);
    if (run.below) of_run.emplace_back("font-size", kBelow * font_size);
    if (run.italic) of_run.emplace_back("font-style", "italic");
    below = run.below;
    spans.push_back({run.text, of_run});
  }
  attributes.emplace_back("font-family", kSerif);
  attributes.emplace_back("font-size", font_size);
  svg.text(x, y, spans, attributes);
}

}  // namespace cellwright::draw
