// sequence_model.h: a model of sequences: a stack of recurrent layers (stack.h) over numbers or symbols, a
// linear head, and a loss (loss/loss.h) for each step or for each sequence.
//
// Where to start: SequenceModel::train; parameters by name: trained_parameters.h. The model of language,
// whose softmax is made for large vocabularies, is model.h. What always holds: results do not depend on the
// number of threads, nor a sequence's on its neighbours in a batch.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/aligned.h"
#include "loss/loss.h"
#include "nn/engine.h"
#include "nn/projection.h"
#include "nn/row_reader.h"
#include "nn/sequence_spec.h"
#include "nn/stack.h"
#include "nn/token_input.h"
#include "nn/trained_parameters.h"

namespace cellwright {

/// Some steps of several sequences side by side. Arrays are the caller's and are not kept. A row of the loss
/// is a step of a lane, [steps, lanes], or with a reading of whole sequences a lane, [1, lanes].
template <class T>
struct SequenceWindow {
  int steps = 0, lanes = 0;
  const T* inputs = nullptr;              ///< [steps, lanes, inputs]; not read where the mask is 0
  const std::int32_t* symbols = nullptr;  ///< [steps, lanes], in place of inputs; 0 where the mask is 0
  const std::uint8_t* mask = nullptr;     ///< [steps, lanes]: 0 for padding; null: none
  const T* targets = nullptr;             ///< a row each, the loss' target_width(); null: outputs alone
  const std::uint8_t* counted = nullptr;  ///< a row each: 0 where the target does not count; null: all do
                                          ///< that are no padding
  const std::vector<std::vector<std::int32_t>>* labels = nullptr;  ///< in place of targets, for ctc: a lane's
};

struct SequenceLoss {
  double sum = 0;          ///< Σ of the losses of counted rows, step ascending, then lane
  double cell_losses = 0;  ///< Σ of the cells' own `loss` lines
  std::int64_t count = 0;  ///< rows
};

template <class T>
class SequenceModel : public TrainedParameters<T> {
 public:
  /// Parameters are all 0 until initialise() or set(). Throws CellError, SpecError.
  SequenceModel(const SequenceSpec& spec, Engine& engine);

  const SequenceSpec& spec() const { return spec_; }
  const LossFunction<T>& loss() const { return *loss_; }
  const Wiring& wiring() const { return stack_.wiring(); }

  StackState<T> make_state(int lanes) const { return stack_.start(lanes); }

  /// Forward, loss, backward: gradients() becomes that of (Σ losses + Σ cell losses) / counted rows, 0 where
  /// none counts. The state moves on by the window; its gradient ends there. ShapeError for a target that the
  /// loss refuses, a symbol that is none, a state of other lanes.
  SequenceLoss train(const SequenceWindow<T>& window, StackState<T>& state);

  /// Forward and loss only; without targets only outputs().
  SequenceLoss evaluate(const SequenceWindow<T>& window, StackState<T>& state);

  /// Of the last call: a row each, loss().width() numbers; loss().predict() makes probabilities of them.
  const T* outputs() const { return outputs_.data(); }
  /// Of the last call: the loss of each row, 0 where it does not count.
  const double* row_losses() const { return row_losses_.data(); }

  /// As Model's.
  void set_noise(std::uint64_t seed, std::uint64_t update);

 private:
  bool each() const { return spec_.reading == Reading::each; }
  bool has_targets(const SequenceWindow<T>& w) const {
    return loss_->target_width() > 0 ? w.targets != nullptr : w.labels != nullptr;
  }
  void bind();
  void check(const SequenceWindow<T>& w, const StackState<T>& state) const;
  void forward(bool training, const SequenceWindow<T>& w, StackState<T>& state);
  SequenceLoss measure(const SequenceWindow<T>& w, bool gradients);

  SequenceSpec spec_;
  std::unique_ptr<LossFunction<T>> loss_;
  std::unique_ptr<TokenInput<T>> symbols_;  // null: numbers
  Stack<T> stack_;
  Projection<T> head_;
  RowReader<T> reader_;
  std::size_t stack_at_ = 0, head_at_ = 0, bias_at_ = 0;
  std::uint64_t bound_ = 0;

  AlignedArray<T> inputs_, read_, outputs_, d_outputs_, d_read_, d_h_;
  const T* head_input_ = nullptr;
  std::vector<std::uint8_t> counted_;
  std::vector<double> row_losses_;
  std::vector<T> d_losses_;
};

}  // namespace cellwright
