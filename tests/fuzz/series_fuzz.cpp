// series_fuzz.cpp: tables of series (data/csv.h, calendar.h, series.h) and what is made of them to train on
// and to forecast from (forecast/series_task.h, series_windows.h). The first line of the input is a frequency
// ("": found from the times), the rest a table; its columns t, g, y*, x*, k* are time, group, targets, inputs
// and known-future ones, so that the fuzzer chooses what is asked of it.
//
// What must hold: a table or an Error; a table's rows are as long as its line of names, a series' columns as
// its rows; what is there is held in a small multiple of the file, but for the gaps that it may have
// (kMostGapNumbers); a date that can be read is written so that it reads the same.
#include <cmath>
#include <string_view>

#include "cellwright/error.h"
#include "data/series.h"
#include "forecast/series_windows.h"
#include "held_memory.h"

namespace {

using namespace cellwright;
using cellwright::fuzz::require;

SeriesColumns columns_of(const Table& table, const std::string& frequency) {
  SeriesColumns columns;
  columns.frequency = frequency;
  for (const std::string& name : table.columns) {
    const char kind = name.empty() ? '-' : name[0];
    if (name == "t") columns.time = name;
    if (name == "g") columns.group = name;
    if (kind == 'y') columns.targets.push_back(name);
    if (kind == 'x') columns.inputs.push_back(name);
    if (kind == 'k') columns.known_future.push_back(name);
  }
  return columns;
}

void check_times(const SeriesTable& table) {
  for (const OneSeries& s : table.series) {
    require(s.end >= 1 && s.end <= s.rows && s.inserted >= 0 && s.inserted < s.rows);
    require(s.values.size() == table.columns.count());
    for (const auto& column : s.values) require(column.size() == static_cast<std::size_t>(s.rows));
    if (table.columns.time.empty() || table.frequency.unit == Frequency::Unit::kNumber) continue;
    require(read_time(table.time_text(s, 0)) == s.begin);
    require(read_time(table.time_text(s, s.rows - 1)) == table.time(s, s.rows - 1));
  }
}

/// As training does, with few rows: the widths of the task, every input and target.
void make_windows(const SeriesTable& table, bool recursive) {
  SeriesTask task;
  task.columns = table.columns;
  task.frequency = table.frequency;
  task.horizon = 3;
  task.recursive = recursive;
  task.context = 4;
  task.season = 2;
  task.relative = recursive ? Relative::season : Relative::last;
  std::vector<int> ends;
  for (const OneSeries& s : table.series) ends.push_back(s.end);
  fit_scales(task, table, ends);
  const SeriesTask again = series_task_from_json(to_json(task));
  require(again.inputs() == task.inputs() && again.outputs() == task.outputs());
  SequenceSet set = series_set(task);
  for (const OneSeries& s : table.series) add_windows(task, prepare(task, table, s), 0, s.end, 2, false, set);
  set.check();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const std::size_t line = std::min(all.find('\n'), size);
  const std::string frequency(all.substr(0, line));
  const std::string_view text = all.substr(std::min(line + 1, size));
  try {
    // Fields of a byte are strings: 32 bytes and their place, read twice.
    const fuzz::HeldMemory held(size, 120, (1 << 20) + 4 * 8 * kMostGapNumbers);
    const Table table = read_csv(text, "fuzz.csv");
    for (const auto& row : table.rows) require(row.size() == table.columns.size());
    const SeriesTable series = read_series(table, columns_of(table, frequency));
    check_times(series);
    std::int64_t numbers = 0;
    for (const OneSeries& s : series.series)
      numbers += static_cast<std::int64_t>(s.rows) * static_cast<std::int64_t>(series.columns.count());
    if (numbers > 2000) return 0;  // windows are tried on small ones
    make_windows(series, false);
    make_windows(series, true);
  } catch (const Error&) {
  }
  return 0;
}
