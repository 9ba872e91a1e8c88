// plot_table.cpp: a Plot from a table of comma separated values. Start at read_csv(), then plot_from_table().
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "base/utf8.h"
#include "cellwright/error.h"
#include "draw/plot.h"
#include "language/diagnostic.h"

namespace cellwright::draw {
namespace {

constexpr std::size_t kMostColumns = 5000;

/// One record, from `at` on; fields in quotes may hold separators and line ends. Moves `at` behind it.
std::vector<std::string> record(std::string_view text, std::size_t& at, std::size_t& line, char separator,
                                const std::string& name) {
  std::vector<std::string> fields(1);
  const std::size_t began = line;
  bool quoted = false, was_quoted = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted) {
      if (c == '\n') ++line;
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
    } else if (c == '\n' || (c == '\r' && at + 1 < text.size() && text[at + 1] == '\n')) {
      at += c == '\r' ? 2 : 1;
      ++line;
      return fields;
    } else {
      fields.back() += c;
    }
  }
  if (quoted) throw FormatError(fmt::format("{}:{}: a quote is opened and never closed", name, began));
  return fields;
}

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

/// A decimal number; not what strtod also takes: "nan", "inf", "0x10".
std::optional<double> decimal(const std::string& text) {
  if (text.empty() || text.find_first_not_of("0123456789+-.eE") != std::string::npos) return std::nullopt;
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (*end != '\0' || !std::isfinite(value)) return std::nullopt;
  return value;
}

class Reader {
 public:
  explicit Reader(const Table& table) : table_(table) {}

  std::size_t column(const std::string& name) const {
    const auto found = std::find(table_.columns.begin(), table_.columns.end(), name);
    if (found != table_.columns.end()) return static_cast<std::size_t>(found - table_.columns.begin());
    const std::string hint = syntax::did_you_mean(name, table_.columns);
    throw SpecError(
        fmt::format("{}: it has no column '{}'; {}", table_.name, name,
                    hint.empty() ? fmt::format("there are {}", fmt::join(first_columns(), ", ")) : hint));
  }

  bool has(const std::string& name) const {
    return std::find(table_.columns.begin(), table_.columns.end(), name) != table_.columns.end();
  }

  Value value(std::size_t row, std::size_t column) const {
    const std::string& field = table_.rows[row][column];
    if (field.empty()) return kMissing;
    const std::optional<double> v = decimal(field);
    if (!v)
      throw FormatError(
          fmt::format("{}:{}: column '{}' should hold numbers, found '{}'; leave the field empty for "
                      "a gap",
                      table_.name, table_.lines[row], table_.columns[column], field.substr(0, 40)));
    return v;
  }

  std::vector<Value> values(std::size_t column) const {
    std::vector<Value> all;
    for (std::size_t r = 0; r < table_.rows.size(); ++r) all.push_back(value(r, column));
    return all;
  }

  bool holds_numbers(std::size_t column) const {
    return std::all_of(table_.rows.begin(), table_.rows.end(),
                       [&](const auto& row) { return decimal(row[column]).has_value(); });
  }

 private:
  std::vector<std::string> first_columns() const {
    const std::size_t n = std::min<std::size_t>(table_.columns.size(), 12);
    return {table_.columns.begin(), table_.columns.begin() + static_cast<std::ptrdiff_t>(n)};
  }
  const Table& table_;
};

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() > end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// Whether a column is the error of another one.
bool is_error(const Reader& reader, const std::string& name) {
  for (const char* end : {"_low", "_high"}) {
    if (ends_with(name, end) && reader.has(name.substr(0, name.size() - std::string(end).size())))
      return true;
  }
  return false;
}

}  // namespace

Table read_csv(std::string_view text, const std::string& name) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  if (const auto wrong = invalid_utf8(text))
    throw FormatError(fmt::format("{}: byte {} is not UTF-8; save the table as UTF-8", name, *wrong));
  if (text.find('\0') != std::string_view::npos) throw FormatError(name + ": it is no table of text");
  const std::string_view first = text.substr(0, text.find('\n'));
  const bool tabs = first.find('\t') != std::string_view::npos && first.find(',') == std::string_view::npos;
  Table table;
  table.name = name;
  std::size_t at = 0, line = 1;
  while (at < text.size()) {
    const std::size_t here = line;
    std::vector<std::string> fields = record(text, at, line, tabs ? '\t' : ',', name);
    for (std::string& field : fields) field = trimmed(field);
    if (fields.size() == 1 && fields[0].empty()) continue;  // a blank line
    if (table.columns.empty()) {
      table.columns = std::move(fields);
      continue;
    }
    if (fields.size() != table.columns.size())
      throw FormatError(fmt::format("{}:{}: {} fields, but {} columns are named in the first line", name,
                                    here, fields.size(), table.columns.size()));
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

Plot plot_from_table(const Table& table, const TableColumns& columns) {
  const Reader reader(table);
  const std::size_t x = columns.x.empty() ? 0 : reader.column(columns.x);
  std::vector<std::size_t> y;
  for (const std::string& name : columns.y) y.push_back(reader.column(name));
  for (std::size_t c = 0; columns.y.empty() && c < table.columns.size(); ++c) {
    if (c != x && !is_error(reader, table.columns[c])) y.push_back(c);
  }
  if (y.empty()) throw SpecError(table.name + ": it has no column beside x; there is nothing to plot");
  Plot plot;
  plot.kind = columns.kind.value_or(reader.holds_numbers(x) ? PlotKind::kLine : PlotKind::kBar);
  plot.x.label = table.columns[x];
  if (plot.kind == PlotKind::kHeat) {
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
      plot.heat.rows.push_back(table.rows[r][x]);
      plot.heat.values.emplace_back();
      for (const std::size_t c : y) plot.heat.values.back().push_back(reader.value(r, c));
    }
    for (const std::size_t c : y) plot.heat.columns.push_back(table.columns[c]);
    plot.y.label = table.columns[x];
    plot.x.label.clear();
    return plot;
  }
  std::vector<double> xs;
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    if (plot.kind == PlotKind::kBar) {
      plot.categories.push_back(table.rows[r][x]);
      continue;
    }
    const Value v = reader.value(r, x);
    if (!v)
      throw FormatError(fmt::format("{}:{}: column '{}' is empty, but every point needs an x", table.name,
                                    table.lines[r], table.columns[x]));
    xs.push_back(*v);
  }
  for (const std::size_t c : y) {
    Series s;
    s.name = table.columns[c];
    s.x = xs;
    s.y = reader.values(c);
    if (reader.has(s.name + "_low") && reader.has(s.name + "_high")) {
      s.low = reader.values(reader.column(s.name + "_low"));
      s.high = reader.values(reader.column(s.name + "_high"));
    }
    plot.series.push_back(std::move(s));
  }
  if (y.size() == 1) plot.y.label = table.columns[y[0]];
  return plot;
}

}  // namespace cellwright::draw
