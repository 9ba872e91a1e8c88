// audio_task.h: what a model of a sound device knows of its sound: the rate, and the knobs' names in the
// order of its inputs.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "train/sequence_file.h"

namespace cellwright::app {

struct AudioTask {
  int rate = 0;
  std::vector<std::string> knobs;
};

/// FormatError where the file's task is not that, or does not fit its model.
AudioTask audio_task_of(const SavedSequenceModel& saved, const std::string& path);

using Knobs = std::vector<std::pair<std::string, double>>;

/// "gain=0.5,tone=0.2". SpecError.
Knobs parse_knobs(const std::string& text, const std::string& option);

/// In the order of `names`; every one must be set, and no other. SpecError.
std::vector<double> knob_values(const Knobs& given, const std::vector<std::string>& names,
                                const std::string& option);

}  // namespace cellwright::app
