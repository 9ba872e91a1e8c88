// lexer.cpp: start at lex(), which cuts lines; Line reads one of them.
#include "language/lexer.h"

#include <utf8proc.h>

#include <cmath>
#include <limits>
#include <locale>
#include <sstream>

#include "base/utf8.h"
#include "language/diagnostic.h"
#include "language/names.h"

namespace cellwright::syntax {
namespace {

// The token that a character or its look-alike stands for; "" if it is none.
std::string_view symbol_of(char32_t c) {
  switch (c) {
    case U'·':
    case U'⋅':
    case U'∙':
    case U'•':
    case U'@':
      return "·";
    case U'⊙':
    case U'*':
    case U'∘':
    case U'×':
    case U'∗':
    case U'◦':
    case U'⊗':
    case U'⨀':
      return "*";
    case U'/':
    case U'÷':
    case U'∕':
    case U'⁄':
      return "/";
    case U'+':
    case U'＋':
      return "+";
    case U'-':
    case U'−':
    case U'–':
    case U'‐':
    case U'‑':
      return "-";
    case U'(':
      return "(";
    case U')':
      return ")";
    case U'[':
      return "[";
    case U']':
      return "]";
    case U',':
      return ",";
    case U'=':
      return "=";
    case U'|':
    case U'∣':
      return "|";
    case U'?':
      return "?";
    case U'→':
    case U'⟶':
      return "->";
    default:
      return "";
  }
}

bool digit(char32_t c) { return c >= U'0' && c <= U'9'; }

class Line {
 public:
  Line(const Cell& cell, std::u32string text, int number, std::vector<Token>& out)
      : cell_(cell), text_(std::move(text)), line_(number), out_(out) {
    int column = 0;
    utf8proc_int32_t state = 0;
    for (std::size_t i = 0; i < text_.size(); ++i) {
      if (i == 0 || utf8proc_grapheme_break_stateful(static_cast<utf8proc_int32_t>(text_[i - 1]),
                                                     static_cast<utf8proc_int32_t>(text_[i]), &state)) {
        ++column;
      }
      columns_.push_back(column);
    }
    columns_.push_back(column + 1);
  }

  void read() {
    while (at_ < text_.size()) {
      const char32_t c = text_[at_];
      if (c == U' ' || c == U'\t' || c == 0xA0) {
        ++at_;
      } else if (c == U'#') {
        comment();
      } else if (starts_name(name_look_alike(c)) || c == U'\\') {
        name();
      } else if (digit(c) || (c == U'.' && at_ + 1 < text_.size() && digit(text_[at_ + 1]))) {
        number();
      } else if (c == U'√') {
        ++at_;
        push(Token::Kind::kName, at_ - 1, "sqrt");
      } else {
        symbol();
      }
    }
    push(Token::Kind::kNewline, at_, "");
  }

 private:
  SourceRange range(std::size_t begin) const {
    return {line_, columns_[begin], std::max(1, columns_[at_] - columns_[begin])};
  }

  void push(Token::Kind kind, std::size_t begin, std::string text, double number = 0) {
    out_.push_back({kind, std::move(text), number, range(begin)});
  }

  [[noreturn]] void wrong(std::size_t begin, const std::string& message, const std::string& hint) {
    if (at_ == begin && at_ < text_.size()) ++at_;
    fail(cell_, range(begin), message, hint);
  }

  void comment() {
    const std::size_t begin = at_;
    std::size_t end = text_.size();
    while (end > begin + 1 && (text_[end - 1] == U' ' || text_[end - 1] == U'\t')) --end;
    at_ = text_.size();
    push(Token::Kind::kComment, begin,
         encode_utf8(std::u32string_view(text_).substr(begin + 1, end - begin - 1)));
  }

  // \alpha or \u{125}; `at_` stands on the backslash.
  char32_t escape() {
    const std::size_t begin = at_++;
    std::string word;
    while (at_ < text_.size() && ((text_[at_] | 0x20) >= U'a' && (text_[at_] | 0x20) <= U'z')) {
      word += static_cast<char>(text_[at_++]);
    }
    if (word == "u" && at_ < text_.size() && text_[at_] == U'{') {
      char32_t value = 0;
      std::size_t digits = 0;
      for (++at_; at_ < text_.size() && text_[at_] != U'}' && digits < 7; ++at_, ++digits) {
        const std::size_t place_value =
            std::string_view("0123456789abcdef")
                .find(static_cast<char>(text_[at_] < 0x80 ? text_[at_] | 0x20 : U'?'));
        if (place_value == std::string_view::npos) break;
        value = value * 16 + static_cast<char32_t>(place_value);
      }
      const bool closed = at_ < text_.size() && text_[at_] == U'}' && digits > 0 && digits < 7;
      if (closed) ++at_;
      const char32_t c = name_look_alike(value);
      if (!closed || value < 0x80 || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF) ||
          !continues_name(c)) {
        wrong(begin, "\\u{…} names no letter",
              "write a letter's code point in hexadecimal, as \\u{125} for ĥ");
      }
      return c;
    }
    const auto letter = greek_letter(word);
    if (!letter) {
      wrong(begin, "unknown letter '\\" + word + "'",
            "Greek letters are \\alpha … \\Omega, ℓ is \\ell, others are \\u{…}");
    }
    return *letter;
  }

  void name() {
    const std::size_t begin = at_;
    std::u32string letters;
    while (at_ < text_.size()) {
      if (text_[at_] == U'\\') {
        const std::size_t escape_begin = at_;
        letters.push_back(escape());
        if (letters.size() == 1 && !starts_name(letters[0]))
          wrong(escape_begin, "a name starts with a letter", "");
      } else if (continues_name(name_look_alike(text_[at_]))) {
        letters.push_back(name_look_alike(text_[at_++]));
      } else {
        break;
      }
      if (letters.size() > static_cast<std::size_t>(kMaxNameLength)) {
        wrong(begin, "name is longer than " + std::to_string(kMaxNameLength) + " characters", "shorten it");
      }
    }
    push(Token::Kind::kName, begin, normalize_nfc(encode_utf8(letters)));
  }

  void number() {
    const std::size_t begin = at_;
    const auto digits = [&] {
      while (at_ < text_.size() && digit(text_[at_])) ++at_;
    };
    digits();
    if (at_ < text_.size() && text_[at_] == U'.') ++at_, digits();
    if (at_ < text_.size() && (text_[at_] == U'e' || text_[at_] == U'E')) {
      std::size_t exponent = at_ + 1;
      if (exponent < text_.size() &&
          (text_[exponent] == U'+' || text_[exponent] == U'-' || text_[exponent] == U'−')) {
        ++exponent;
      }
      if (exponent < text_.size() && digit(text_[exponent])) at_ = exponent, digits();
    }
    std::string written;
    for (std::size_t i = begin; i < at_; ++i) written += text_[i] == U'−' ? '-' : static_cast<char>(text_[i]);
    if (at_ < text_.size() && starts_name(text_[at_])) {
      wrong(begin, "a name starts with a letter", "for a product write " + written + " ⊙ …");
    }
    // A stream with the classic locale reads '.' whatever the user's locale is; it also clips what is out of
    // range.
    std::istringstream stream(written);
    stream.imbue(std::locale::classic());
    double value = 0;
    stream >> value;
    const bool read = !stream.fail() || value == 0;
    if (!read || !std::isfinite(value) ||
        std::abs(value) > static_cast<double>(std::numeric_limits<float>::max())) {
      wrong(begin,
            "number " + (written.size() > 40 ? written.substr(0, 40) + "…" : written) +
                " is too large for a float",
            "the largest is about 3.4e38");
    }
    push(Token::Kind::kNumber, begin, written, value);
  }

  void symbol() {
    const std::size_t begin = at_;
    std::string_view text = symbol_of(text_[at_]);
    if (text.empty()) {
      const char32_t c = text_[at_];
      const bool shown = c > 0x20 && c != 0x7F && !(c >= 0x80 && c < 0xA0) &&
                         utf8proc_charwidth(static_cast<utf8proc_int32_t>(c)) > 0;
      std::string code;
      for (char32_t rest = c; rest != 0 || code.size() < 4; rest /= 16) {
        code.insert(code.begin(), "0123456789ABCDEF"[rest % 16]);
      }
      wrong(begin,
            "character U+" + code + (shown ? " '" + encode_utf8(c) + "'" : "") + " has no meaning here",
            c == U'^'   ? "for a square write square(…)"
            : c == U';' ? "one equation a line"
                        : "");
    }
    ++at_;
    if (text == "-" && at_ < text_.size() && text_[at_] == U'>') {
      ++at_;
      text = "->";
    }
    push(Token::Kind::kSymbol, begin, std::string(text));
  }

  const Cell& cell_;
  const std::u32string text_;
  const int line_;
  std::vector<Token>& out_;
  std::vector<int> columns_;
  std::size_t at_ = 0;
};

void check_encoding(Cell& cell, std::string_view text) {
  const auto bad = invalid_utf8(text);
  if (!bad) return;
  cell.text = std::string(text);
  const std::string_view before = text.substr(0, *bad);
  const std::size_t line_begin = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  SourceRange where;
  where.line = 1;
  for (const char c : before) where.line += c == '\n' ? 1 : 0;
  where.column = static_cast<int>(grapheme_count(before.substr(line_begin))) + 1;
  fail(cell, where, "the text is not UTF-8 at byte " + std::to_string(*bad), "save the file as UTF-8");
}

}  // namespace

std::vector<Token> lex(Cell& cell, std::string_view text) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  if (text.size() > kMaxBytes) {
    fail(cell, {}, "the text has more than " + std::to_string(kMaxBytes) + " bytes",
         "that is too much for a cell; is this the right file?");
  }
  check_encoding(cell, text);
  cell.text = normalize_nfc(text);
  std::vector<Token> tokens;
  std::string_view rest = cell.text;
  int line = 0;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    std::string_view one = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (!one.empty() && one.back() == '\r') one.remove_suffix(1);
    ++line;
    if (line > kMaxLines) {
      fail(cell, {line, 1, 1}, "more than " + std::to_string(kMaxLines) + " lines", "split the cell");
    }
    std::u32string letters = decode_utf8(one);
    if (letters.size() > static_cast<std::size_t>(kMaxLineLength)) {
      fail(cell, {line, 1, 1}, "the line is longer than " + std::to_string(kMaxLineLength) + " characters",
           "give parts of it names of their own");
    }
    Line(cell, std::move(letters), line, tokens).read();
  }
  tokens.push_back({Token::Kind::kEnd, "", 0, {line + 1, 1, 1}});
  return tokens;
}

}  // namespace cellwright::syntax
