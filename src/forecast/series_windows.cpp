// series_windows.cpp: see series_windows.h.
#include "forecast/series_windows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "cellwright/error.h"

namespace cellwright {

SequenceSet series_set(const SeriesTask& task) {
  SequenceSet set;
  set.inputs = task.inputs();
  set.target_width = task.outputs();
  set.each = true;
  return set;
}

void add_windows(const SeriesTask& task, const PreparedSeries& series, int first, int last, int stride,
                 bool whole, SequenceSet& set) {
  const int before = task.context / 2, after = task.context - before, steps = task.steps();
  // A row says what follows it, so the first that counts stands before the part; a season must have been
  // read.
  const bool season = task.relative == Relative::season || task.relative == Relative::mean;
  const int begin = std::max(first - 1, season ? task.season - 1 : 0), end = last - 1;
  const SeriesView view{&series, series.series->rows, nullptr};
  const auto in = static_cast<std::size_t>(task.inputs()), out = static_cast<std::size_t>(task.outputs());
  for (int c = begin; c < end; c += stride) {
    const int from = std::max(0, c - before), to = std::min(end, c + after);
    for (std::size_t k0 = 0; k0 < task.targets(); k0 += task.at_once()) {
      Sequence s;
      s.name = fmt::format("rows {} to {}", from + 1, to);
      if (task.independent) s.name += " of " + task.columns.targets[k0];
      s.steps = to - from;
      const auto rows = static_cast<std::size_t>(s.steps);
      s.inputs.resize(rows * in);
      s.targets.assign(rows * out, std::numeric_limits<float>::quiet_NaN());
      s.counted.assign(rows, 0);
      bool any = false;
      for (int t = from; t < to; ++t) {
        const auto r = static_cast<std::size_t>(t - from);
        input_row(task, view, t, k0, s.inputs.data() + r * in);
        if (t < c) continue;
        float* target = s.targets.data() + r * out;
        int there = 0;
        for (std::size_t k = k0; k < k0 + task.at_once(); ++k) {
          for (int h = 1; h <= steps; ++h, ++target) {
            if (t + h >= last) continue;
            const double d = (series.z[k][static_cast<std::size_t>(t + h)] - base(task, view, k, t + 1, h)) /
                             task.difference[k];
            *target = static_cast<float>(d);
            there += std::isnan(d) ? 0 : 1;
          }
        }
        s.counted[r] = there > 0 && (!whole || there == task.outputs());
        any = any || s.counted[r];
      }
      if (any) set.sequences.push_back(std::move(s));
    }
  }
}

SeriesParts split_series(int rows, double valid, double test) {
  const auto size = [&](double part) {
    if (!(part >= 0))
      throw SpecError(fmt::format("a part of {:g} of the rows is none; give 0 or more", part));
    return static_cast<std::int64_t>(part < 1 ? std::llround(part * rows) : std::llround(part));
  };
  const std::int64_t test_rows = size(test), valid_rows = size(valid), train = rows - test_rows - valid_rows;
  if (train < 2)
    throw SpecError(
        fmt::format("{} of {} rows to test on and {} to validate on leave {} to train on; take less",
                    test_rows, rows, valid_rows, std::max<std::int64_t>(0, train)));
  return {static_cast<int>(train), static_cast<int>(train + valid_rows), rows};
}

}  // namespace cellwright
