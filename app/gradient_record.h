// gradient_record.h: gradients by lag as JSON: in files of `cellwright gradients` and in the log of a
// training.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "explain/gradient_flow.h"

namespace cellwright::app {

/// {"at": [t, …], "states": [{"name", "layer", "state", "coefficient"?, "total": [by lag], "through_belt"?,
/// "through_gates"?}, …]}, means over the steps of "at"; with `each` also "total_at": [[by lag], …], a list a
/// step.
nlohmann::ordered_json gradient_record(const GradientFlow& flow, bool each);

}  // namespace cellwright::app
