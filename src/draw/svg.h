// svg.h: writes an SVG document; every picture that cellwright makes goes through it.
//
// Where to start: Svg. Always holds: the text is well-formed XML in UTF-8 whatever the strings given (what
// XML cannot carry becomes U+FFFD); numbers have at most two decimals and no locale; an element stands on a
// line of its own, indented by depth, so that two pictures can be compared by diff; nothing outside the
// document is referred to. Colours are attributes and not a style sheet: a picture put into a page must not
// change the page.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "draw/theme.h"

namespace cellwright::draw {

/// At most two decimals, no zeros behind, no "-0". Throws InternalError when `value` is not finite.
std::string number(double value);

/// For text and attribute values: & < > " escaped, what XML 1.0 has no place for replaced by U+FFFD.
std::string escape(std::string_view text);

struct Attribute {
  std::string_view name;
  std::string value;  ///< not yet escaped

  Attribute(std::string_view n, double v) : name(n), value(number(v)) {}
  Attribute(std::string_view n, int v) : name(n), value(std::to_string(v)) {}
  Attribute(std::string_view n, std::string v) : name(n), value(std::move(v)) {}
  Attribute(std::string_view n, std::string_view v) : name(n), value(v) {}
  Attribute(std::string_view n, const char* v) : name(n), value(v) {}
};
using Attributes = std::vector<Attribute>;

/// The `d` of a path.
class PathData {
 public:
  PathData& move(double x, double y) { return add('M', {x, y}); }
  PathData& line(double x, double y) { return add('L', {x, y}); }
  PathData& curve(double x1, double y1, double x2, double y2, double x, double y) {
    return add('C', {x1, y1, x2, y2, x, y});
  }
  PathData& quadratic(double x1, double y1, double x, double y) { return add('Q', {x1, y1, x, y}); }
  PathData& close();
  const std::string& text() const { return text_; }

 private:
  PathData& add(char letter, std::initializer_list<double> numbers);
  std::string text_;
};

class Svg {
 public:
  /// `title` and `description` are what a screen reader says; both must say something. The background is
  /// filled with the theme's. `language` as in xml:lang, "" for none.
  Svg(double width, double height, std::string_view title, std::string_view description, const Theme& theme,
      std::string_view language = "");

  void open(std::string_view tag, const Attributes& attributes = {});  ///< "g" most of the time
  void close();
  void element(std::string_view tag, const Attributes& attributes);

  /// <title> of the element just opened: its name for a screen reader, and what shows under the mouse.
  void title(std::string_view text);

  /// A line of text at (x, y), y its base line. Add "text-anchor", "font-size", "fill", … as needed.
  void text(double x, double y, std::string_view text, const Attributes& attributes = {});

  /// A run of text that has parts of its own form: one <text> on one line, a <tspan> a part.
  struct Span {
    std::string text;
    Attributes attributes;  ///< none: the text stands bare
  };
  void text(double x, double y, const std::vector<Span>& spans, const Attributes& attributes = {});

  const Theme& theme() const { return *theme_; }

  /// Closes the document and gives its text. The writer is then empty. Throws InternalError when a group is
  /// still open.
  std::string finish();

 private:
  void line(std::string_view text);

  const Theme* theme_;
  std::string text_;
  std::vector<std::string> open_;
};

}  // namespace cellwright::draw
