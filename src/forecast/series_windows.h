// series_windows.h: series cut into the sequences that a model is trained on.
//
// What always holds: a window holds `context` rows at most; the rows that count stand in its second half, or
// in a window that begins with the series, so that a forecast has been read up to; no row counts one of whose
// targets lies outside the part.
#pragma once

#include "data/sequences.h"
#include "forecast/series_task.h"

namespace cellwright {

/// Numbers of rows [first, last) are targets; the rows before them may be read. `stride`: rows from a window
/// to the next. A target that is missing, or lies behind `last`, is NaN, and a row without any does not
/// count; with `whole`, nor does one that lacks any (for losses of a joint density).
void add_windows(const SeriesTask& task, const PreparedSeries& series, int first, int last, int stride,
                 bool whole, SequenceSet& set);

/// An empty set of this task's widths.
SequenceSet series_set(const SeriesTask& task);

/// Rows of a series that train, validate and test: [0, train), [train, valid), [valid, test).
struct SeriesParts {
  int train = 0, valid = 0, test = 0;
};

/// valid, test: so many rows where they are 1 or more, else that part of them; the end of the series is the
/// end of the test. SpecError where nothing is left to train on.
SeriesParts split_series(int rows, double valid, double test);

}  // namespace cellwright
