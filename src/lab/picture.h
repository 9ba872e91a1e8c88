// picture.h: the results of a study as a plot: accuracy against length, a line a cell with the range over
// its seeds; bars where there is one length only; for a task that keeps what was made (waveform), that beside
// what it should be.
#pragma once

#include <string>
#include <vector>

#include "draw/plot.h"
#include "lab/study.h"

namespace cellwright::lab {

/// Right to left for a task in Arabic. `theme` as Plot's.
draw::Plot study_plot(const Task& task, const std::vector<Summary>& summaries, const std::string& theme);

}  // namespace cellwright::lab
