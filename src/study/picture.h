// picture.h: a study as figures, drawn by draw/plot.h.
#pragma once

#include <string>

#include "draw/plot.h"
#include "study/compare.h"

namespace cellwright::study {

/// Mean of each candidate's final trainings on the test part with its confidence interval. Beside the axis
/// stand those that are left out: with a training that diverged, or above ten times the middle one, which
/// would flatten all others. SpecError where nothing is left.
draw::Plot results_plot(const StudyTask& task, const CompareOptions& options,
                        const std::vector<Summary>& summaries, const std::string& title);

/// What every candidate's trials reached on the validation part, by learning rate.
draw::Plot rates_plot(const StudyTask& task, const std::vector<Candidate>& candidates,
                      const std::vector<StudyRun>& runs);

}  // namespace cellwright::study
