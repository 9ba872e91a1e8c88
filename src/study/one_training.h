// one_training.h: what every task's training in a study has in common: a limit of updates, divergence as a
// result, the parameters of the best validation tested. Start at train_once().
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <vector>

#include "nn/engine.h"
#include "study/study_task.h"
#include "train/training_loop.h"

namespace cellwright::study {

/// The same options for one thread: a study runs trainings side by side.
EngineOptions one_thread(EngineOptions options);

/// Seconds since it was made.
class Stopwatch {
 public:
  Stopwatch();
  double seconds() const;

 private:
  std::int64_t begin_;
};

/// So many of a layer, one above the other; dropout on what the model reads is the first one's.
std::vector<LayerSpec> copies(const LayerSpec& layer, int layers);

/// Runs `trainer` to its end or to `updates` (0: no limit), puts the best validation's parameters into the
/// model and tests them. nullopt where `stop` became true. `seconds` are the caller's to fill in.
std::optional<TrialResult> train_once(TrainingLoop& trainer, TrainedParameters<float>& model,
                                      std::int64_t updates, const std::function<double()>& test,
                                      const std::atomic<bool>* stop);

/// The least of some calls' times in 0.2 s, the first call, which asks for memory, left out.
double least_seconds(const std::function<void()>& update);

}  // namespace cellwright::study
