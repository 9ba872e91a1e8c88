// csv.h: a table of text fields under names, and numbers out of it.
//
// Where to start: read_csv. What always holds: a message about a field names its file, line and column.
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
  bool decimal_comma = false;                  ///< fields are parted by ';': "3,5" is a number
};

/// RFC 4180 with a header line: fields in quotes may hold separators and line ends. The separator is the one
/// of comma, semicolon and tab that the first line has most of, outside quotes. A byte-order mark and blank
/// lines are skipped; lines may end as on any system. FormatError: not UTF-8, no rows, more than 5000
/// columns, a row that is not as long as the header, a column named twice, a quote that is never closed.
Table read_csv(std::string_view text, const std::string& name);

bool has_column(const Table& table, const std::string& name);
/// SpecError, which offers the nearest name.
std::size_t column_of(const Table& table, const std::string& name);

/// Whether a field says that its number is missing: it is empty, or NA, NaN (as R and pandas write), or ?.
bool says_missing(std::string_view field);

/// Nothing where it is missing; FormatError for what is no number, or too large for float.
std::optional<double> number_at(const Table& table, std::size_t row, std::size_t column);

/// A decimal number; not what strtod also takes: "nan", "inf", "0x10". With `comma` its point may be one.
std::optional<double> decimal(const std::string& text, bool comma = false);

}  // namespace cellwright
