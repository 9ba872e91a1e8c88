// trainer.h: truncated back-propagation through time over parallel streams, update by update.
//
// Where to start: Trainer::run. What always holds: the numbers depend on the data, the options and the model
// alone, never on threads, on how often somebody evaluated, saved, stopped and resumed.
//
// Windows. Streams are cut into windows of k1 steps (options.k1()). Update u reads windows u-m+1 … u with m =
// steps/k1, so at most k2 = `steps` steps, starting from the state that was carried to the first of them;
// only the losses of window u count, so every token counts once an epoch, and each reaches back at least k2 -
// k1 steps and at most k2. With k1 = k2 (the default) windows do not overlap. The first updates of an epoch
// have fewer windows to look back on. The carried state was computed with the parameters of the update that
// left it behind. Every epoch begins from a fresh state.
//
// What the model holds. While run() works, and after it was stopped: the current parameters. After it has
// finished: with a validation set those of the best validation, else the last ones. Where weights are
// averaged (optim/average.h) validations and files see the average, training goes on from the parameters
// themselves, and a state to resume from holds both.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "data/streams.h"
#include "interop/safetensors.h"
#include "nn/model.h"
#include "optim/early_stop.h"
#include "train/observer.h"
#include "train/parameter_update.h"
#include "train/train_options.h"

namespace cellwright {

/// What is trained on. Streams must outlive the trainer; train->steps() is k1 and train->batch() the batch.
/// With char-rnn's split both are the same Streams.
struct TrainingData {
  const Streams* train = nullptr;
  WindowRange train_range;
  const Streams* valid = nullptr;  ///< null: no validation set
  WindowRange valid_range;
};

struct TrainHooks {
  TrainObserver* observer = nullptr;
  std::function<void()> save;  ///< writes a checkpoint (checkpoint.h); called between updates, and may throw
  std::string save_name;       ///< for messages: where `save` writes
  const std::atomic<bool>* stop =
      nullptr;  ///< when true, the update is finished, a checkpoint saved, and run() returns
  const std::atomic<bool>* enough =
      nullptr;  ///< as `stop`, but a last validation is made first, so that what is shown is not older than
                ///< need be; it is one more in the history and counts for patience
  /// After each update, with the window it was made from; the model may be looked at, not changed.
  std::function<void(std::int64_t update, const TokenWindow& window)> after_update;
};

/// Everything besides the spec that the next update depends on.
struct TrainingState {
  std::string json;  ///< counters, sums, history, what the data was
  std::vector<Tensor>
      tensors;  ///< "training.*": current parameters where the model shows the best, optimiser, carried state
};

std::vector<EvaluationReport> history_from_json(
    const std::string& json);  ///< of Trainer::history_json(); FormatError

class Trainer {
 public:
  enum class Outcome { kFinished, kEarly, kStopped };

  /// Model, streams and observer are kept by reference. Throws SpecError: options out of range, streams that
  /// do not fit them.
  Trainer(Model<float>& model, const TrainingData& data, const TrainOptions& options);
  ~Trainer();

  /// Trains on, to the end or until stopped. Throws TrainingError when the loss or the gradient is not
  /// finite; nothing is saved then, and the model keeps the parameters from before the update.
  Outcome run(const TrainHooks& hooks = {});

  const TrainOptions& options() const { return options_; }
  const std::vector<EvaluationReport>& history() const { return history_; }
  std::string history_json() const;  ///< a list of objects with the fields of EvaluationReport
  std::int64_t updates() const { return update_; }
  std::int64_t updates_planned() const;
  double best() const { return early_.best; }  ///< infinity before a validation
  bool finished() const;

  /// The parameters that a model file should show: the best so far, else their average, else the current
  /// ones; model.size() numbers.
  const float* best_parameters() const;

  TrainingState state();

  /// Continues where `state` was taken: the bits are those of a run without the break. The model's parameters
  /// must be those that the file showed. epochs, patience, learning rate, schedule and intervals between
  /// validations and checkpoints may differ from the first run's, and so may threads and, at the price of the
  /// last bits, the SIMD target. SpecError where any other option, the training or the validation text or the
  /// accuracy of activations does; FormatError for a damaged state.
  void resume(const TrainingState& state);

 private:
  void start_epoch();
  void update(const TrainHooks& hooks);
  bool validate(const TrainHooks& hooks, bool epoch_end);
  void gather(int window);
  void check_finite(double value, const char* what, double rate, const TrainHooks& hooks) const;
  double rate() const;
  void observe_validation(double loss);
  void save(const TrainHooks& hooks);

  Model<float>& model_;
  TrainingData data_;
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
  ModelState<float> carried_;
  AlignedArray<float> best_;
  bool have_best_ = false;
  AlignedArray<float> last_;  // after the end: the current parameters, while the model holds the best
  bool saved_ = false;

  std::vector<std::int32_t> inputs_, targets_;  // of the running update
  int first_window_ = 0, steps_ = 0, first_counted_ = 0;
};

}  // namespace cellwright
