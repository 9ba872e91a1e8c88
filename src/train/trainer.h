// trainer.h: truncated back-propagation through time over parallel streams, update by update.
//
// Where to start: Trainer::run; what every training has in common: training_loop.h. What always holds: that
// file's promises.
//
// Windows. Streams are cut into windows of k1 steps (options.k1()). Update u reads windows u-m+1 … u with m =
// steps/k1, so at most k2 = `steps` steps, starting from the state that was carried to the first of them;
// only the losses of window u count, so every token counts once an epoch, and each reaches back at least k2 -
// k1 steps and at most k2. With k1 = k2 (the default) windows do not overlap. The first updates of an epoch
// have fewer windows to look back on. The carried state was computed with the parameters of the update that
// left it behind. Every epoch begins from a fresh state.
#pragma once

#include <functional>
#include <vector>

#include "data/streams.h"
#include "nn/model.h"
#include "train/training_loop.h"

namespace cellwright {

/// What is trained on. Streams must outlive the trainer; train->steps() is k1 and train->batch() the batch.
/// With char-rnn's split both are the same Streams.
struct TrainingData {
  const Streams* train = nullptr;
  WindowRange train_range;
  const Streams* valid = nullptr;  ///< null: no validation set
  WindowRange valid_range;
};

struct TrainHooks : RunHooks {
  /// After each update, with the window it was made from; the model may be looked at, not changed.
  std::function<void(std::int64_t update, const TokenWindow& window)> after_update;
};

class Trainer : public TrainingLoop {
 public:
  /// Model, streams and observer are kept by reference. Throws SpecError: options out of range, streams that
  /// do not fit them.
  Trainer(Model<float>& model, const TrainingData& data, const TrainOptions& options);
  ~Trainer() override;

  Outcome run(const TrainHooks& hooks = {});  ///< as TrainingLoop's

 private:
  int windows() const override { return data_.train_range.size(); }
  bool validates() const override { return data_.valid != nullptr; }
  void begin_epoch(int epoch) override;
  Measured train_window(int window, std::int64_t update) override;
  void after_update(std::int64_t updates) override;
  Measured validate(const std::atomic<bool>* stop) override;
  About about() const override;
  StackState<float>& carried() override { return carried_; }
  void shape_carried(int window) override;
  void gather(int window);

  Model<float>& model_;
  TrainingData data_;
  ModelState<float> carried_;
  std::function<void(std::int64_t, const TokenWindow&)> after_update_;

  TokenWindow tokens_;  // of the running update, and where they lie
  std::vector<std::int32_t> inputs_, targets_;
  int first_window_ = 0, steps_ = 0, first_counted_ = 0;
};

}  // namespace cellwright
