// series.cpp: see series.h. Start at read_series().
#include "data/series.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "cellwright/error.h"

namespace cellwright {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

struct Read {
  std::vector<double> times;      // empty without a time column
  std::vector<std::size_t> rows;  // of the table
};

/// The rows of each series, in the order of the file.
std::vector<std::pair<std::string, Read>> grouped(const Table& table, const std::string& group) {
  std::vector<std::pair<std::string, Read>> series;
  if (group.empty()) {
    series.emplace_back();
    for (std::size_t r = 0; r < table.rows.size(); ++r) series[0].second.rows.push_back(r);
    return series;
  }
  const std::size_t column = column_of(table, group);
  std::map<std::string, std::size_t> index;
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    const std::string& name = table.rows[r][column];
    if (name.empty())
      throw FormatError(fmt::format("{}:{}: column '{}' is empty, but names the series a row belongs to",
                                    table.name, table.lines[r], group));
    const auto [found, added] = index.emplace(name, series.size());
    if (added) series.emplace_back(name, Read{});
    series[found->second].second.rows.push_back(r);
  }
  return series;
}

/// Reads the time column: dates, or numbers where its first field is one.
class Times {
 public:
  Times(const Table& table, const std::string& name) : table_(table), column_(column_of(table, name)) {
    dates_ = !decimal(table.rows[0][column_], table.decimal_comma).has_value();
  }
  bool dates() const { return dates_; }

  std::vector<double> read(const std::vector<std::size_t>& rows, const std::string& series) const {
    std::vector<double> times;
    for (const std::size_t row : rows) {
      const std::string& field = table_.rows[row][column_];
      const std::optional<double> time = dates_ ? read_time(field) : decimal(field, table_.decimal_comma);
      if (!time)
        fail(row, fmt::format(
                      "'{}' is no time; they are written as 2016-07-01, 2016-07-01 13:00 or 2016-07, or are "
                      "numbers throughout",
                      field.substr(0, 40)));
      if (!times.empty() && *time <= times.back())
        fail(row, fmt::format("'{}' {} the row before it{}; sort the rows by time", field,
                              *time == times.back() ? "repeats the time of" : "goes back behind",
                              series.empty() ? "" : fmt::format(" of series '{}'", series)));
      times.push_back(*time);
    }
    return times;
  }

  [[noreturn]] void fail(std::size_t row, const std::string& what) const {
    throw FormatError(
        fmt::format("{}:{}: column '{}': {}", table_.name, table_.lines[row], table_.columns[column_], what));
  }
  const std::string& field(std::size_t row) const { return table_.rows[row][column_]; }

 private:
  const Table& table_;
  std::size_t column_;
  bool dates_ = false;
};

/// Of numbers: the least distance of two rows.
Frequency number_frequency(const std::vector<std::pair<std::string, Read>>& series) {
  double least = std::numeric_limits<double>::infinity();
  for (const auto& [name, read] : series) {
    for (std::size_t i = 1; i < read.times.size(); ++i)
      least = std::min(least, read.times[i] - read.times[i - 1]);
  }
  return {Frequency::Unit::kNumber, std::isfinite(least) ? least : 1};
}

Frequency find_frequency(const std::vector<std::pair<std::string, Read>>& series, bool dates) {
  if (!dates) return number_frequency(series);
  Frequency finest{Frequency::Unit::kYear, 1};
  bool first = true;
  for (const auto& [name, read] : series) {
    if (read.times.size() < 2) continue;
    const Frequency f = coarsest_frequency(read.times);
    const bool finer = f.unit < finest.unit || (f.unit == finest.unit && f.count < finest.count);
    if (first || finer) finest = f;
    first = false;
  }
  return finest;
}

void check_columns(const SeriesColumns& columns) {
  if (columns.targets.empty()) throw SpecError("no column to forecast is given; name one as target");
  std::vector<std::string> names = columns.all();
  if (!columns.time.empty()) names.push_back(columns.time);
  if (!columns.group.empty()) names.push_back(columns.group);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end())
    throw SpecError(
        fmt::format("column '{}' is asked for twice; a target is read as an input anyhow", *twice));
}

}  // namespace

std::vector<std::string> SeriesColumns::all() const {
  std::vector<std::string> names = targets;
  names.insert(names.end(), inputs.begin(), inputs.end());
  names.insert(names.end(), known_future.begin(), known_future.end());
  return names;
}

int SeriesTable::missing(std::size_t column) const {
  int count = 0;
  for (const OneSeries& s : series) {
    const auto& v = s.values[column];
    count +=
        static_cast<int>(std::count_if(v.begin(), v.begin() + s.end, [](double x) { return std::isnan(x); }));
  }
  return count;
}

SeriesTable read_series(const Table& table, const SeriesColumns& columns) {
  check_columns(columns);
  std::vector<std::size_t> at;
  for (const std::string& name : columns.all()) at.push_back(column_of(table, name));
  auto groups = grouped(table, columns.group);
  SeriesTable result;
  result.name = table.name;
  result.columns = columns;
  std::optional<Times> times;
  if (!columns.time.empty()) {
    times.emplace(table, columns.time);
    for (auto& [name, read] : groups) read.times = times->read(read.rows, name);
  }
  result.frequency = !columns.frequency.empty() ? frequency_of(columns.frequency)
                     : times                    ? find_frequency(groups, times->dates())
                                                : Frequency{};
  // What the file could mean: gaps in each series, but not a hundred rows made for each that is there.
  const auto width = static_cast<std::int64_t>(at.size());
  const std::int64_t most =
      std::max(kMostGapNumbers, 100 * width * static_cast<std::int64_t>(table.rows.size())) / width;
  std::int64_t made = 0;  // rows of the series before
  const bool number = result.frequency.unit == Frequency::Unit::kNumber;
  if (times ? number == times->dates() : !number)
    throw SpecError(fmt::format("frequency '{}' does not fit {}; {}", word_of(result.frequency),
                                times ? fmt::format("the times in column '{}', which are {}", columns.time,
                                                    times->dates() ? "dates" : "numbers")
                                      : "rows without a time column",
                                times ? "leave it out, and it is found" : "name the column of times"));
  for (const auto& [name, read] : groups) {
    OneSeries s;
    s.name = name;
    s.begin = read.times.empty() ? 0 : read.times[0];
    s.values.resize(at.size());
    for (std::size_t i = 0; i < read.rows.size(); ++i) {
      std::int64_t place = static_cast<std::int64_t>(i);
      if (times) {
        const auto steps = steps_between(s.begin, read.times[i], result.frequency);
        if (!steps)
          times->fail(
              read.rows[i],
              fmt::format("'{}' is not a whole number of steps of {} after '{}'; give another frequency",
                          times->field(read.rows[i]), word_of(result.frequency), times->field(read.rows[0])));
        place = *steps;
      }
      if (place >= kMostSeriesRows || made + place >= most)
        throw FormatError(
            fmt::format("{}:{}: more than {} steps lie between this row and the first; is the "
                        "frequency {} right?",
                        table.name, table.lines[read.rows[i]],
                        std::min<std::int64_t>(kMostSeriesRows, most - made), word_of(result.frequency)));
      if (i > 0 && place < s.rows)
        times->fail(
            read.rows[i],
            fmt::format("'{}' lies in the same step of {} as the row before it; give a finer frequency",
                        times->field(read.rows[i]), word_of(result.frequency)));
      if (i > 0) s.inserted += static_cast<int>(place) - s.rows;
      s.rows = static_cast<int>(place) + 1;
      for (std::size_t c = 0; c < at.size(); ++c) {
        s.values[c].resize(static_cast<std::size_t>(place), kMissing);
        const auto v = number_at(table, read.rows[i], at[c]);
        s.values[c].push_back(v.value_or(kMissing));
        if (v && c < columns.targets.size()) s.end = s.rows;
      }
    }
    if (s.end == 0)
      throw FormatError(fmt::format("{}: no value of '{}' is there{}", table.name, columns.targets[0],
                                    name.empty() ? "" : fmt::format(" in series '{}'", name)));
    made += s.rows;
    result.series.push_back(std::move(s));
  }
  return result;
}

}  // namespace cellwright
