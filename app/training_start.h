// training_start.h: what trainings of every task settle before they read their data.
#pragma once

#include <string>
#include <vector>

#include "nn/engine.h"
#include "train_request.h"

namespace cellwright::app {

/// Where the model goes: --out, or the first input's name without one of the `endings`. What stands there
/// already is only replaced when that was asked for. SpecError, IoError.
std::string check_out(const RunRequest& request, const std::vector<std::string>& inputs,
                      const std::vector<std::string>& endings);

/// With what a training that is resumed ("": none) ran on, so that its bits go on.
EngineOptions engine_of(const RunRequest& request, const std::string& training_json);

std::string resume_command(const RunRequest& request);

}  // namespace cellwright::app
