// observer.h: what a training tells while it runs. Who draws it (a live line, a log) decides what to make of
// it.
#pragma once

#include <cstdint>
#include <limits>

namespace cellwright {

struct UpdateReport {
  int epoch = 0, epochs = 0;             ///< the running one from 1, and all
  int window = 0, windows = 0;           ///< updates done in this epoch, and all of an epoch
  std::int64_t update = 0, updates = 0;  ///< done in all, and planned in all
  double loss = 0;           ///< nats a token (of a sequence: loss a row) in this window, before the update
  double cell_loss = 0;      ///< the cells' own losses a token
  double gradient_norm = 0;  ///< global, before any clipping
  double learning_rate = 0;
  std::int64_t tokens = 0;  ///< counted in this window
};

/// An entry of a training's history. Without a validation set valid_loss and best are NaN.
struct EvaluationReport {
  int epoch = 0;
  std::int64_t update = 0;
  double train_loss = 0;  ///< nats a token over the windows since the entry before
  double valid_loss = 0;  ///< nats a token
  double best = 0;        ///< least valid_loss so far
  bool improved = false;
  bool epoch_end = false;
  double learning_rate = 0;
  double accuracy = std::numeric_limits<double>::quiet_NaN();  ///< of the validation, where it is of classes
};

class TrainObserver {
 public:
  virtual ~TrainObserver() = default;
  virtual void on_update(const UpdateReport&) {}
  virtual void on_evaluation_begin() {}
  virtual void on_evaluation(const EvaluationReport&) {}
  virtual void on_saved() {}
};

}  // namespace cellwright
