// series.h: series of numbers out of a table, in steps of equal length: what is forecast, what is only known
// up to now, what is known beforehand.
//
// Where to start: read_series(). Always holds: rows of a series are one step of `frequency` apart, rows that
// the file leaves out are there as missing ones; a missing number is NaN; a series' end is the last row in
// which a target is there, and what lies behind it holds known-future columns alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/calendar.h"
#include "data/csv.h"

namespace cellwright {

struct SeriesColumns {
  std::vector<std::string> targets;       ///< to forecast
  std::vector<std::string> inputs;        ///< read up to now (past-only)
  std::vector<std::string> known_future;  ///< known for every step to be forecast, too
  std::string time;                       ///< "": rows follow each other, one step apart
  std::string group;                      ///< "": one series; else the column that names a row's series
  std::string frequency;                  ///< "": the coarsest on whose steps all times lie

  /// targets, inputs, known_future: the order of OneSeries::values.
  std::vector<std::string> all() const;
  std::size_t count() const { return targets.size() + inputs.size() + known_future.size(); }
};

struct OneSeries {
  std::string name;                         ///< "" without groups
  double begin = 0;                         ///< time of row 0
  std::vector<std::vector<double>> values;  ///< [column][row]
  int rows = 0;
  int end = 0;       ///< one behind the last row in which a target is there
  int inserted = 0;  ///< rows that the file leaves out
};

struct SeriesTable {
  std::string name;  ///< of the file
  SeriesColumns columns;
  Frequency frequency;
  std::vector<OneSeries> series;  ///< in the order in which the file first names them

  double time(const OneSeries& s, int row) const { return later(s.begin, row, frequency); }
  std::string time_text(const OneSeries& s, int row) const { return write_time(time(s, row), frequency); }
  int missing(std::size_t column) const;  ///< empty fields and left-out rows, up to each series' end
};

/// At most so many rows are made of one series, and of all at most so many numbers, or a hundred times those
/// in the file where that is more: so that one wrong date does not fill the memory.
inline constexpr int kMostSeriesRows = 50'000'000;
inline constexpr std::int64_t kMostGapNumbers = 4'000'000;

/// FormatError naming file, line and column: a field that is no number or no time; a time that is not later
/// than the one before it in its series, lies in one step with it, or between two steps. SpecError: an
/// unknown column, one that is asked for twice, no target.
SeriesTable read_series(const Table& table, const SeriesColumns& columns);

}  // namespace cellwright
