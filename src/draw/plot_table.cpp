// plot_table.cpp: a Plot from a table of comma separated values (data/csv.h). Start at plot_from_table().
#include <fmt/format.h>

#include <algorithm>

#include "cellwright/error.h"
#include "data/csv.h"
#include "draw/plot.h"

namespace cellwright::draw {
namespace {

std::vector<Value> values_of(const Table& table, std::size_t column) {
  std::vector<Value> all;
  for (std::size_t r = 0; r < table.rows.size(); ++r) all.push_back(number_at(table, r, column));
  return all;
}

bool holds_numbers(const Table& table, std::size_t column) {
  return std::all_of(table.rows.begin(), table.rows.end(),
                     [&](const auto& row) { return decimal(row[column]).has_value(); });
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() > end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// Whether a column is the error of another one.
bool is_error(const Table& table, const std::string& name) {
  for (const char* end : {"_low", "_high"}) {
    if (ends_with(name, end) && has_column(table, name.substr(0, name.size() - std::string(end).size())))
      return true;
  }
  return false;
}

}  // namespace

Plot plot_from_table(const Table& table, const TableColumns& columns) {
  const std::size_t x = columns.x.empty() ? 0 : column_of(table, columns.x);
  std::vector<std::size_t> y;
  for (const std::string& name : columns.y) y.push_back(column_of(table, name));
  for (std::size_t c = 0; columns.y.empty() && c < table.columns.size(); ++c) {
    if (c != x && !is_error(table, table.columns[c])) y.push_back(c);
  }
  if (y.empty()) throw SpecError(table.name + ": it has no column beside x; there is nothing to plot");
  Plot plot;
  plot.kind = columns.kind.value_or(holds_numbers(table, x) ? PlotKind::kLine : PlotKind::kBar);
  plot.x.label = table.columns[x];
  if (plot.kind == PlotKind::kHeat) {
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
      plot.heat.rows.push_back(table.rows[r][x]);
      plot.heat.values.emplace_back();
      for (const std::size_t c : y) plot.heat.values.back().push_back(number_at(table, r, c));
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
    const Value v = number_at(table, r, x);
    if (!v)
      throw FormatError(fmt::format("{}:{}: column '{}' is empty, but every point needs an x", table.name,
                                    table.lines[r], table.columns[x]));
    xs.push_back(*v);
  }
  for (const std::size_t c : y) {
    Series s;
    s.name = table.columns[c];
    s.x = xs;
    s.y = values_of(table, c);
    if (has_column(table, s.name + "_low") && has_column(table, s.name + "_high")) {
      s.low = values_of(table, column_of(table, s.name + "_low"));
      s.high = values_of(table, column_of(table, s.name + "_high"));
    }
    plot.series.push_back(std::move(s));
  }
  if (y.size() == 1) plot.y.label = table.columns[y[0]];
  return plot;
}

}  // namespace cellwright::draw
