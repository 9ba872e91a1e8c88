// study_task.h: what candidates are compared on: something that can be trained with any cell and then gives
// one number, of which less is better.
//
// Where to start: StudyTask::run. What always holds: a result is a function of the layer and the Trial (and
// of the SIMD target, in the last bits); run() may be called from several threads at once.
#pragma once

#include <atomic>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "nn/spec.h"

namespace cellwright::study {

struct Trial {
  double learning_rate = 0;
  std::uint64_t seed = 1;       ///< of the data's order and the masks: the same for all candidates
  std::uint64_t init_seed = 1;  ///< of the start values: a candidate's own
};

struct TrialResult {
  double valid =
      0;  ///< at the best validation; infinite where training broke off before the first, or blew up
  double test = 0;  ///< of the parameters of that validation; infinite likewise
  std::int64_t updates = 0, best_update = 0;
  double seconds = 0;  ///< of the whole run, on one thread
  /// The loss or a gradient was no longer finite: what was best before is reported; or the best validation is
  /// more than ten times the loss at the beginning (ten where that is below 1): then there is no figure.
  bool diverged = false;
};

class StudyTask {
 public:
  virtual ~StudyTask() = default;

  virtual std::string name() const = 0;                          ///< "text"
  virtual std::string metric() const = 0;                        ///< of TrialResult::test: "nats a character"
  virtual std::string valid_metric() const { return metric(); }  ///< of TrialResult::valid
  /// All that results depend on besides the candidate and the trial; a file of results is for one such.
  virtual nlohmann::ordered_json description() const = 0;

  /// Trained numbers of the whole model with this layer. Throws as Model() does.
  virtual std::int64_t parameters(const LayerSpec& layer) const = 0;

  /// The time of an update with this layer, measured now on one thread.
  virtual double seconds_per_update(const LayerSpec& layer) const = 0;

  /// One training on one thread; nullopt where `stop` became true.
  virtual std::optional<TrialResult> run(const LayerSpec& layer, const Trial& trial,
                                         const std::atomic<bool>* stop) const = 0;
};

}  // namespace cellwright::study
