// record.h: the results of a study as JSON: what is written after every training, and read to go on.
#pragma once

#include <string>
#include <vector>

#include "lab/study.h"

namespace cellwright::lab {

/// Task and training options, points with their chances, all results ("runs") and the summary.
std::string study_to_json(const Task& task, const StudyOptions& options,
                          const std::vector<TrainingResult>& results);

/// The results in it. FormatError, beginning with `name`, for what is no such file; SpecError where it was
/// made for another task or with other training options, which it names.
std::vector<TrainingResult> results_from_json(const std::string& text, const std::string& name,
                                              const Task& task, const StudyOptions& options);

}  // namespace cellwright::lab
