// training_loop.h: epochs of updates, with validation, the best parameters, checkpoints and resuming: what
// every training has in common. Trainer (trainer.h) trains on streams of tokens, SequenceTrainer
// (sequence_trainer.h) on separate sequences; they say what a window is.
//
// Where to start: TrainingLoop::run. What always holds: the numbers depend on the data, the options and the
// model alone, never on threads, on how often somebody evaluated, saved, stopped and resumed.
//
// What the model holds. While run() works, and after it was stopped: the current parameters. After it has
// finished: with a validation set those of the best validation, else the last ones. Where weights are
// averaged (optim/average.h) validations and files see the average, training goes on from the parameters
// themselves, and a state to resume from holds both.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "nn/trained_parameters.h"
#include "optim/early_stop.h"
#include "train/observer.h"
#include "train/parameter_update.h"
#include "train/train_options.h"
#include "train/training_state.h"

namespace cellwright {

struct RunHooks {
  TrainObserver* observer = nullptr;
  std::function<void()> save;  ///< writes a checkpoint; called between updates, and may throw
  std::string save_name;       ///< for messages: where `save` writes
  const std::atomic<bool>* stop =
      nullptr;  ///< when true, the update is finished, a checkpoint saved, and run() returns
  const std::atomic<bool>* enough =
      nullptr;  ///< as `stop`, but a last validation is made first, so that what is shown is not older than
                ///< need be; it is one more in the history and counts for patience
};

class TrainingLoop {
 public:
  enum class Outcome { kFinished, kEarly, kStopped };

  virtual ~TrainingLoop();
  TrainingLoop(const TrainingLoop&) = delete;
  TrainingLoop& operator=(const TrainingLoop&) = delete;

  /// Trains on, to the end or until stopped. Throws TrainingError when the loss or the gradient is not
  /// finite; nothing is saved then, and the model keeps the parameters from before the update.
  Outcome run(const RunHooks& hooks = {});

  const TrainOptions& options() const { return options_; }
  const std::vector<EvaluationReport>& history() const { return history_; }
  std::string history_json() const;  ///< a list of objects with the fields of EvaluationReport
  std::int64_t updates() const { return update_; }
  std::int64_t updates_planned() const;
  double best() const { return early_.best; }  ///< infinity before a validation
  bool finished() const;

  /// The parameters that a model file should show: the best so far, else their average, else the current
  /// ones; size() numbers of the model.
  const float* best_parameters() const;

  TrainingState state();

  /// Continues where `state` was taken: the bits are those of a run without the break. The model's parameters
  /// must be those that the file showed. epochs, patience, learning rate, schedule and intervals between
  /// validations and checkpoints may differ from the first run's, and so may threads and, at the price of the
  /// last bits, the SIMD target. SpecError where any other option, the training or the validation data or the
  /// accuracy of activations does; FormatError for a damaged state.
  void resume(const TrainingState& state);

 protected:
  /// What a window, or a validation, adds up to.
  struct Measured {
    double loss = 0, cell_losses = 0;
    std::int64_t count = 0;                                     ///< what the loss is a sum over
    double correct = std::numeric_limits<double>::quiet_NaN();  ///< of them, where they are classes
    bool update = true;  ///< false: nothing counted, and there is no gradient
  };
  /// What a training is on, to be recognised when it is resumed.
  struct About {
    nlohmann::json train, valid;  ///< null: no validation
    const char* noun;             ///< "text"
    const char* remedy;           ///< "give the same files, split and token kind"
  };

  /// Keeps the model by reference. SpecError for options out of range.
  TrainingLoop(TrainedParameters<float>& model, const TrainOptions& options);

  virtual int windows() const = 0;                           ///< updates of the running epoch
  virtual int windows_planned() const { return windows(); }  ///< of any epoch: what schedules go by
  virtual bool validates() const = 0;
  virtual void begin_epoch(int epoch) = 0;                             ///< from 0; nothing is carried into it
  virtual Measured train_window(int window, std::int64_t update) = 0;  ///< leaves the gradients in the model
  virtual void after_update(std::int64_t) {}                           ///< `updates` done so far
  virtual Measured validate(const std::atomic<bool>* stop) = 0;
  virtual About about() const = 0;
  /// The state carried to window `window` of the epoch; to resume, one of its shape is put there first.
  virtual StackState<float>& carried() = 0;
  virtual void shape_carried(int window) = 0;

 private:
  void update(const RunHooks& hooks);
  bool evaluate(const RunHooks& hooks, bool epoch_end);
  void check_finite(double value, const char* what, double rate, const RunHooks& hooks) const;
  double rate() const;
  void observe_validation(double loss);
  void save(const RunHooks& hooks);

  TrainedParameters<float>& model_;
  TrainOptions options_;
  ParameterUpdate change_;
  EarlyStop early_;
  Plateau plateau_;
  std::vector<EvaluationReport> history_;

  int epoch_ = 0;            // done
  int window_ = 0;           // done in this epoch
  std::int64_t update_ = 0;  // done in all
  double sum_nats_ = 0;      // since the last entry of the history
  std::int64_t sum_tokens_ = 0;
  AlignedArray<float> best_;
  bool have_best_ = false;
  AlignedArray<float> last_;  // after the end: the current parameters, while the model holds the best
  bool saved_ = false;
  bool begun_ = false;  // the epoch that window_ counts in
};

}  // namespace cellwright
