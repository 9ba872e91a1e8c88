// sequence_trainer.h: training on separate sequences: whole, or in windows through which the state is
// carried.
//
// Where to start: SequenceTrainer; what every training has in common: training_loop.h. An epoch goes once
// through all sequences, `options.batch` side by side (data/sequences.h). With options.steps = 0 a batch of
// whole sequences is an update. Else a batch is cut into windows of so many steps, an update each, which
// begin from the state that the one before left (with its parameters): truncated back-propagation. Windows in
// which nothing counts (a warm-up) only carry the state.
#pragma once

#include "data/sequences.h"
#include "nn/sequence_model.h"
#include "train/training_loop.h"

namespace cellwright {

/// What a set of sequences adds up to.
struct SequenceEvaluation {
  double loss = 0, cell_losses = 0;
  std::int64_t count = 0;    ///< targets
  std::int64_t correct = 0;  ///< of them, where the loss is of classes: the likeliest class is the target
  double mean() const { return count > 0 ? loss / static_cast<double>(count) : 0; }
  double accuracy() const {
    return count > 0 ? static_cast<double>(correct) / static_cast<double>(count) : 0;
  }
};

/// Called with each window that was evaluated: model.outputs() are its.
using SeeWindow = std::function<void(const std::vector<int>& lanes, int first_step, const SequenceBatch&)>;

/// Sequences in the order of length, `batch` side by side, in windows of `steps` (0: whole). Numbers do not
/// depend on `batch`, but for the order of the sum.
SequenceEvaluation evaluate(SequenceModel<float>& model, const SequenceSet& set, int batch, int steps = 0,
                            const std::atomic<bool>* stop = nullptr, const SeeWindow& see = {});

class SequenceTrainer : public TrainingLoop {
 public:
  /// Keeps the model and the sets by reference; `valid` null or empty: no validation. ShapeError where a set
  /// does not fit the model or itself; SpecError for options: a stride is not taken, and windows need a
  /// target a step.
  SequenceTrainer(SequenceModel<float>& model, const SequenceSet& train, const SequenceSet* valid,
                  const TrainOptions& options);
  ~SequenceTrainer() override;

 private:
  struct Window {
    int batch, first;
  };
  int windows() const override { return static_cast<int>(windows_.size()); }
  int windows_planned() const override { return planned_; }
  bool validates() const override { return valid_ != nullptr; }
  void begin_epoch(int epoch) override;
  Measured train_window(int window, std::int64_t update) override;
  Measured validate(const std::atomic<bool>* stop) override;
  About about() const override;
  StackState<float>& carried() override { return carried_; }
  void shape_carried(int window) override;

  SequenceModel<float>& model_;
  const SequenceSet& train_;
  const SequenceSet* valid_;
  BatchPlan plan_;               // of the epoch
  std::vector<Window> windows_;  // of the epoch
  int planned_ = 0;
  StackState<float> carried_;
  SequenceBatch batch_;
};

}  // namespace cellwright
