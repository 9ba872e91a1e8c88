// csv.cpp: see csv.h. Start at read_csv().
#include "data/csv.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "base/utf8.h"
#include "cellwright/error.h"
#include "data/lines.h"
#include "language/diagnostic.h"

namespace cellwright {
namespace {

constexpr std::size_t kMostColumns = 5000;

/// What the first line has most of, outside quotes; a comma where there is none.
char separator_of(std::string_view text) {
  constexpr std::string_view kKnown = ",;\t";
  std::array<std::size_t, kKnown.size()> count = {};
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '\n' || c == '\r') break;
    if (const std::size_t which = kKnown.find(c); which != std::string_view::npos) ++count[which];
  }
  return kKnown[static_cast<std::size_t>(std::max_element(count.begin(), count.end()) - count.begin())];
}

/// One record, from `at` on; fields in quotes may hold separators and line ends. Moves `at` behind it.
/// `end_of_line`: "\n", also behind a "\r", or, in a file that has none of them, "\r".
std::vector<std::string> record(std::string_view text, std::size_t& at, std::size_t& line, char separator,
                                char end_of_line, const std::string& name) {
  std::vector<std::string> fields(1);
  const std::size_t began = line;
  bool quoted = false, was_quoted = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted) {
      if (c == end_of_line) ++line;
      if (c != '"') {
        fields.back() += c;
      } else if (at + 1 < text.size() && text[at + 1] == '"') {
        fields.back() += '"';
        ++at;
      } else {
        quoted = false;
      }
    } else if (c == '"' && fields.back().empty() && !was_quoted) {
      quoted = was_quoted = true;
    } else if (c == separator) {
      fields.emplace_back();
      was_quoted = false;
      if (fields.size() > kMostColumns)
        throw FormatError(fmt::format("{}:{}: it has more than {} columns", name, began, kMostColumns));
    } else if (c == end_of_line || (c == '\r' && at + 1 < text.size() && text[at + 1] == end_of_line)) {
      at += c == end_of_line ? 1 : 2;
      ++line;
      return fields;
    } else {
      fields.back() += c;
    }
  }
  if (quoted) throw FormatError(fmt::format("{}:{}: a quote is opened and never closed", name, began));
  return fields;
}

}  // namespace

bool says_missing(std::string_view field) {
  if (field.empty() || field == "NA" || field == "?") return true;
  return field.size() == 3 && (field[0] | 32) == 'n' && (field[1] | 32) == 'a' && (field[2] | 32) == 'n';
}

std::optional<double> decimal(const std::string& text, bool comma) {
  if (const std::size_t at = comma ? text.find(',') : std::string::npos; at != std::string::npos) {
    if (text.find('.') != std::string::npos) return std::nullopt;  // one of them parts thousands
    std::string pointed = text;
    pointed[at] = '.';
    return decimal(pointed);
  }
  if (text.empty() || text.find_first_not_of("0123456789+-.eE") != std::string::npos) return std::nullopt;
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (*end != '\0' || !std::isfinite(value)) return std::nullopt;
  return value;
}

Table read_csv(std::string_view text, const std::string& name) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  if (const auto wrong = invalid_utf8(text))
    throw FormatError(fmt::format("{}: byte {} is not UTF-8; save the table as UTF-8", name, *wrong));
  if (text.find('\0') != std::string_view::npos) throw FormatError(name + ": it is no table of text");
  const char separator = separator_of(text);
  const char end_of_line = text.find('\n') == std::string_view::npos ? '\r' : '\n';
  Table table;
  table.name = name;
  table.decimal_comma = separator == ';';
  std::size_t at = 0, line = 1;
  while (at < text.size()) {
    const std::size_t here = line;
    std::vector<std::string> fields = record(text, at, line, separator, end_of_line, name);
    for (std::string& field : fields) field = std::string(trimmed(field));
    if (fields.size() == 1 && fields[0].empty()) continue;  // a blank line
    if (table.columns.empty()) {
      table.columns = std::move(fields);
      continue;
    }
    if (fields.size() != table.columns.size())
      throw FormatError(fmt::format("{}:{}: {} field{}, but {} column{} named in the first line", name, here,
                                    fields.size(), fields.size() == 1 ? "" : "s", table.columns.size(),
                                    table.columns.size() == 1 ? " is" : "s are"));
    table.rows.push_back(std::move(fields));
    table.lines.push_back(here);
  }
  if (table.columns.empty())
    throw FormatError(name + ": it is empty; give a line of names and rows of numbers");
  if (table.rows.empty()) throw FormatError(name + ": it has a line of names and no rows");
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    if (std::find(table.columns.begin(), table.columns.begin() + static_cast<std::ptrdiff_t>(c),
                  table.columns[c]) != table.columns.begin() + static_cast<std::ptrdiff_t>(c))
      throw FormatError(fmt::format("{}: two columns are named '{}'", name, table.columns[c]));
  }
  return table;
}

bool has_column(const Table& table, const std::string& name) {
  return std::find(table.columns.begin(), table.columns.end(), name) != table.columns.end();
}

std::size_t column_of(const Table& table, const std::string& name) {
  const auto found = std::find(table.columns.begin(), table.columns.end(), name);
  if (found != table.columns.end()) return static_cast<std::size_t>(found - table.columns.begin());
  const std::string hint = syntax::did_you_mean(name, table.columns);
  const auto shown = std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(table.columns.size()), 12);
  throw SpecError(fmt::format(
      "{}: it has no column '{}'; {}", table.name, name,
      hint.empty()
          ? fmt::format("there are {}", fmt::join(table.columns.begin(), table.columns.begin() + shown, ", "))
          : hint));
}

std::optional<double> number_at(const Table& table, std::size_t row, std::size_t column) {
  const std::string& field = table.rows[row][column];
  if (says_missing(field)) return std::nullopt;
  const std::optional<double> v = decimal(field, table.decimal_comma);
  if (!v)
    throw FormatError(
        fmt::format("{}:{}: column '{}' should hold numbers, found '{}'; leave the field empty for a gap",
                    table.name, table.lines[row], table.columns[column], field.substr(0, 40)));
  if (std::abs(*v) > static_cast<double>(std::numeric_limits<float>::max()))
    throw FormatError(fmt::format("{}:{}: column '{}': {} is too large; numbers lie within ±3.4e38",
                                  table.name, table.lines[row], table.columns[column], field.substr(0, 40)));
  return v;
}

}  // namespace cellwright
