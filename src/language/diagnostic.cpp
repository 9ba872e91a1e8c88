// diagnostic.cpp: start at diagnostic(); the rest is about showing a hostile line without harm.
#include "language/diagnostic.h"

#include <algorithm>

#include "base/utf8.h"
#include "cellwright/error.h"

namespace cellwright::syntax {
namespace {

constexpr int kShown = 160;  // code points of a line that are shown

std::u32string line_of(const Cell& cell, int line) {
  std::size_t begin = 0;
  for (int i = 1; i < line && begin != std::string::npos; ++i) {
    begin = cell.text.find('\n', begin);
    if (begin != std::string::npos) ++begin;
  }
  if (begin == std::string::npos) return {};
  std::string_view text(cell.text);
  text = text.substr(begin, text.find('\n', begin) - begin);
  if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
  // Text that is not UTF-8 gets here too: the lexer reports it.
  std::string clean;
  while (!text.empty()) {
    const auto bad = invalid_utf8(text);
    clean.append(text.substr(0, bad.value_or(text.size())));
    if (!bad) break;
    clean += "\uFFFD";
    text.remove_prefix(*bad + 1);
  }
  return decode_utf8(clean);
}

// Control characters and the marks that turn the writing direction around would make the shown line lie.
char32_t harmless(char32_t c) {
  const bool control = c < 0x20 || (c >= 0x7F && c < 0xA0);
  const bool turns =
      (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x200E || c == 0x200F;
  const bool breaks = c == 0x2028 || c == 0x2029;
  return control || turns || breaks ? U'\uFFFD' : c;
}

// Code point index of grapheme `column` (from 1).
std::size_t index_of(const std::u32string& line, int column) {
  // Graphemes are counted by growing prefixes only where marks can join; lines are short (kMaxLineLength).
  const std::string whole = encode_utf8(line);
  if (static_cast<std::size_t>(column) <= 1) return 0;
  std::size_t low = 0;
  std::size_t high = line.size();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    const std::size_t graphemes =
        grapheme_count(encode_utf8(std::u32string_view(line).substr(0, middle + 1)));
    if (graphemes < static_cast<std::size_t>(column)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

std::size_t edits(const std::u32string& a, const std::u32string& b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({change, cost[i - 1][j] + 1, cost[i][j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);  // two letters swapped
      }
    }
  }
  return cost[a.size()][b.size()];
}

}  // namespace

std::string diagnostic(const Cell& cell, SourceRange where, std::string_view kind, const std::string& message,
                       const std::string& hint) {
  const std::string file = cell.file.empty() ? "cell" : cell.file;
  if (where.line <= 0)
    return file + ": " + std::string(kind) + ": " + message + (hint.empty() ? "" : "; " + hint);
  std::string out = file + ":" + std::to_string(where.line) + ":" + std::to_string(where.column) + ": " +
                    std::string(kind) + ": " + message;
  std::u32string line = line_of(cell, where.line);
  for (char32_t& c : line) {
    if (c != U'\t') c = harmless(c);
  }
  std::size_t first = index_of(line, where.column);
  std::size_t last = std::max(first, index_of(line, where.column + std::max(1, where.length)));
  std::u32string before_cut;
  if (line.size() > kShown) {
    const std::size_t begin = first > 60 ? first - 60 : 0;
    line = line.substr(begin, kShown);
    first -= begin;
    last = std::min(last - begin, line.size());
    if (begin > 0) before_cut = U"\u2026 ";
  }
  const auto part = [&](std::size_t from, std::size_t to) { return line.substr(from, to - from); };
  std::u32string pad = before_cut.empty() ? U"" : U"  ";
  for (const char32_t c : part(0, first)) {
    if (c == U'\t') {
      pad.push_back(c);
    } else {
      pad.append(display_width(encode_utf8(c)), U' ');
    }
  }
  const std::size_t width = std::max<std::size_t>(1, display_width(encode_utf8(part(first, last))));
  out += "\n  " + encode_utf8(before_cut) + encode_utf8(line);
  out += "\n  " + encode_utf8(pad) + "^" + std::string(width - 1, '~') + (hint.empty() ? "" : " " + hint);
  return out;
}

void fail(const Cell& cell, SourceRange where, const std::string& message, const std::string& hint) {
  throw CellError(diagnostic(cell, where, "error", message, hint), cell.file, where.line, where.column);
}

std::string place(SourceRange where) {
  return where.line <= 0 ? "the cell" : std::to_string(where.line) + ":" + std::to_string(where.column);
}

std::string nearest_name(std::string_view wanted, const std::vector<std::string>& candidates) {
  const std::u32string letters = decode_utf8(wanted);
  std::size_t best = std::max<std::size_t>(1, letters.size() / 3) + 1;
  std::string found;
  for (const std::string& candidate : candidates) {
    const std::u32string other = decode_utf8(candidate);
    const std::size_t gap =
        other.size() > letters.size() ? other.size() - letters.size() : letters.size() - other.size();
    if (candidate == wanted || gap >= best) continue;
    const std::size_t distance = edits(letters, other);
    // A name all of whose letters change is another name.
    if (distance < best && distance < std::max(letters.size(), other.size())) {
      best = distance;
      found = candidate;
    }
  }
  return found;
}

std::string did_you_mean(std::string_view wanted, const std::vector<std::string>& candidates) {
  const std::string near = nearest_name(wanted, candidates);
  return near.empty() ? "" : "did you mean '" + near + "'?";
}

}  // namespace cellwright::syntax
