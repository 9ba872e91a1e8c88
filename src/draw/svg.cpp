#include "draw/svg.h"

#include <fmt/format.h>

#include <cmath>

#include "base/utf8.h"
#include "cellwright/error.h"

namespace cellwright::draw {
namespace {

bool xml_can_carry(char32_t c) {
  if (c < 0x20) return c == '\t' || c == '\n' || c == '\r';
  return c != 0x7f && c != 0xfffe && c != 0xffff;
}

/// Bytes that are no UTF-8 become U+FFFD, one each.
std::string valid_utf8(std::string_view text) {
  std::string valid;
  for (;;) {
    const std::optional<std::size_t> wrong = invalid_utf8(text);
    if (!wrong) return valid + std::string(text);
    valid += std::string(text.substr(0, *wrong)) + "\uFFFD";
    text.remove_prefix(*wrong + 1);
  }
}

std::string tag_text(std::string_view tag, const Attributes& attributes) {
  std::string text = "<" + std::string(tag);
  for (const Attribute& a : attributes) text += fmt::format(" {}=\"{}\"", a.name, escape(a.value));
  return text;
}

}  // namespace

std::string number(double value) {
  if (!std::isfinite(value)) throw InternalError("a picture holds a number that is not finite");
  std::string text = fmt::format("{:.2f}", value);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string escape(std::string_view text) {
  std::string escaped;
  for (const char32_t c : decode_utf8(valid_utf8(text))) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += xml_can_carry(c) ? encode_utf8(c) : "\uFFFD";
    }
  }
  return escaped;
}

PathData& PathData::add(char letter, std::initializer_list<double> numbers) {
  if (!text_.empty()) text_ += ' ';
  text_ += letter;
  bool first = true;
  for (const double n : numbers) {
    if (!first) text_ += ' ';
    text_ += number(n);
    first = false;
  }
  return *this;
}

PathData& PathData::close() {
  text_ += " Z";
  return *this;
}

Svg::Svg(double width, double height, std::string_view title, std::string_view description,
         const Theme& theme, std::string_view language)
    : theme_(&theme) {
  const std::string w = number(width), h = number(height);
  Attributes attributes = {{"xmlns", "http://www.w3.org/2000/svg"},
                           {"width", w},
                           {"height", h},
                           {"viewBox", "0 0 " + w + " " + h},
                           {"role", "img"},
                           {"font-family", kSans},
                           {"font-size", 14}};
  if (!language.empty()) attributes.emplace_back("xml:lang", language);
  open("svg", attributes);
  this->title(title);
  line("<desc>" + escape(description) + "</desc>");
  element("rect", {{"width", w}, {"height", h}, {"fill", theme.background}});
}

void Svg::line(std::string_view text) {
  text_.append(2 * open_.size(), ' ');
  text_ += text;
  text_ += '\n';
}

void Svg::open(std::string_view tag, const Attributes& attributes) {
  line(tag_text(tag, attributes) + ">");
  open_.emplace_back(tag);
}

void Svg::close() {
  if (open_.size() < 2) throw InternalError("a picture closes a group that it never opened");
  const std::string tag = open_.back();
  open_.pop_back();
  line("</" + tag + ">");
}

void Svg::element(std::string_view tag, const Attributes& attributes) {
  line(tag_text(tag, attributes) + "/>");
}

void Svg::title(std::string_view text) { line("<title>" + escape(text) + "</title>"); }

void Svg::text(double x, double y, std::string_view text, const Attributes& attributes) {
  this->text(x, y, {Span{std::string(text), {}}}, attributes);
}

void Svg::text(double x, double y, const std::vector<Span>& spans, const Attributes& attributes) {
  Attributes all = {{"x", x}, {"y", y}};
  all.insert(all.end(), attributes.begin(), attributes.end());
  std::string content = tag_text("text", all) + ">";
  for (const Span& span : spans) {
    content += span.attributes.empty()
                   ? escape(span.text)
                   : tag_text("tspan", span.attributes) + ">" + escape(span.text) + "</tspan>";
  }
  line(content + "</text>");
}

std::string Svg::finish() {
  if (open_.size() != 1) throw InternalError("a picture ends with a group still open");
  open_.clear();
  line("</svg>");
  return std::move(text_);
}

}  // namespace cellwright::draw
