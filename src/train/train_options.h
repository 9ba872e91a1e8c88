// train_options.h: what decides how a training goes, as plain data that a model file keeps.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "optim/groups.h"
#include "optim/optimizer.h"
#include "optim/schedule.h"

namespace cellwright {

struct TrainOptions {
  int epochs = 10;
  int batch = 50;  ///< parallel streams, or sequences
  int steps = 50;  ///< k2: back-propagation goes back over at most so many steps; 0: whole sequences
  int stride = 0;  ///< k1: an update every so many steps; divides `steps`; 0: equal to `steps`
  OptimizerSpec optimizer;
  double learning_rate = 2e-3;
  ScheduleSpec schedule;
  double clip_norm = 5;   ///< largest global norm of a gradient; 0: none
  double clip_value = 0;  ///< largest absolute entry, before the norm is taken to clip; 0: none
  // What else happens between gradients and parameters (parameter_update.h).
  std::vector<GroupSpec> groups;  ///< tensors that train otherwise than the rest; the first match wins
  double gradient_noise = 0;      ///< η of N(0, η/(1+t)^0.55) on the gradients; 0: none
  double max_norm = 0;            ///< largest norm of a unit's incoming weights, after every update; 0: none

  std::uint64_t seed = 1;
  std::int64_t patience = 0;  ///< validations without improvement until the end; 0: never
  std::int64_t evaluate_every =
      0;  ///< updates between validations; 0: at the end of every epoch; at its end in any case
  std::int64_t save_every =
      0;  ///< updates between checkpoints; 0: at the end of every epoch; at its end in any case

  int k1() const { return stride > 0 ? stride : steps; }
};

/// SpecError names the field, its value and its range. `whole`: 0 steps are legal, as for separate sequences.
void check(const TrainOptions& options, bool whole = true);
void to_json(nlohmann::json& json, const TrainOptions& options);
void from_json(const nlohmann::json& json,
               TrainOptions& options);  ///< absent keys: defaults; FormatError; checked

}  // namespace cellwright
