// csv.h: a table of text fields under names, and numbers out of it. What a wrong field is called says its
// file, line and column.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cellwright {

struct Table {
  std::string name;  ///< of the file, for messages
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  ///< each as long as columns
  std::vector<std::size_t> lines;              ///< the line of each row in the file, from 1
};

/// RFC 4180: commas (or tabs, where the first line has tabs and no comma), quotes, a header line.
/// FormatError.
Table read_csv(std::string_view text, const std::string& name);

bool has_column(const Table& table, const std::string& name);
/// SpecError, which offers the nearest name.
std::size_t column_of(const Table& table, const std::string& name);

/// Nothing for an empty field; FormatError for what is no number.
std::optional<double> number_at(const Table& table, std::size_t row, std::size_t column);

/// A decimal number; not what strtod also takes: "nan", "inf", "0x10".
std::optional<double> decimal(const std::string& text);

}  // namespace cellwright
