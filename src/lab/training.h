// training.h: one training of the lab: a cell, a learning rate and a seed, on sequences drawn afresh.
//
// Where to start: train_on_task. The loss is that of the answers alone: the words between have no target, so
// that what is learned is the dependency and not the language of the filler. Adam at a constant rate, the
// gradient's norm clipped. Every so many updates the accuracy at all points is checked on sequences that are
// never trained on; the best check's parameters are kept, and a check that is right everywhere ends the
// training. What is reported is measured at the end with further sequences.
//
// What always holds: a result is a function of the task, the options, the cell, the rate and the seed (and
// the SIMD target, in the last bits). All trainings of one seed read the same sequences in the same order.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "lab/lesson.h"
#include "lab/task.h"
#include "lab/training_options.h"
#include "nn/spec.h"

namespace cellwright::lab {

struct TrainingResult {
  std::string cell;       ///< its name
  std::string cell_hash;  ///< of its text
  int units = 0;
  std::int64_t parameters = 0;
  double rate = 0;
  std::uint64_t seed = 0;
  int updates = 0;        ///< done
  int best_update = 0;    ///< of the check whose parameters were kept
  bool solved = false;    ///< a check was right enough everywhere
  bool diverged = false;  ///< the loss was no longer finite; what was best before is reported
  double check = 0;       ///< mean accuracy over the points at the best check: rates are compared by it
  std::vector<PointScore> points;  ///< by Task::points(), on test sequences
  nlohmann::ordered_json inside;   ///< of Lesson::inside(); null: nothing
};

struct TrainingProgress {
  int update = 0;
  double loss = 0;               ///< an answer, mean since the last report
  std::vector<double> accuracy;  ///< of the check just made, by point
};

/// `cell`: name by its file; units, sizes and options set. nullopt where `stop` became true. Throws as
/// Model().
std::optional<TrainingResult> train_on_task(const Task& task, const LayerSpec& cell,
                                            const TrainingOptions& options, double rate, std::uint64_t seed,
                                            const std::function<void(const TrainingProgress&)>& report = {},
                                            const std::atomic<bool>* stop = nullptr);

std::string cell_name(const LayerSpec& cell);  ///< "lstm" of "lstm.cell"
std::string cell_hash(const LayerSpec& cell);  ///< of text, sizes and options

}  // namespace cellwright::lab
