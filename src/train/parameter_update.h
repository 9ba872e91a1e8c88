// parameter_update.h: from the gradients of an update to new parameters.
//
// In this order: frozen tensors lose their gradient, so that the global norm is that of what is trained; each
// entry is clipped; the norm is clipped; noise is added (so it has the deviation asked for, whatever clipping
// did); the rule moves the parameters, each group by its own rate and weight decay; rows that have grown too
// long are scaled down; the average takes the result in.
//
// What always holds: threads split the array, never a sum; padding stays 0.
//
// Max-norm bounds the rows of every weight matrix of the layers and of the head: of each matrix by itself,
// where a cell has several for a unit. Vectors, the embedding's table (its rows are outputs, not incoming
// weights; a tied one is the head's weight, and is bounded) and frozen tensors are left alone.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "nn/trained_parameters.h"
#include "optim/average.h"
#include "optim/gradient_noise.h"
#include "optim/max_norm.h"
#include "optim/optimizer.h"
#include "train/train_options.h"

namespace cellwright {

class ParameterUpdate {
 public:
  /// Keeps the model by reference. SpecError for a group that matches no tensor, and as check().
  ParameterUpdate(TrainedParameters<float>& model, const TrainOptions& options);

  /// The global norm of the model's gradients, without frozen tensors; NaN or infinite where one is.
  double gradient_norm();

  /// `norm` is gradient_norm()'s, `update` counts from 0.
  void apply(double rate, double norm, std::int64_t update);

  /// What evaluation and a saved model use in place of the parameters: model.size() numbers; null where no
  /// average is asked for, and before one begins.
  const float* averaged() const { return average_ ? average_->values() : nullptr; }
  WeightAverage<float>* average() { return average_.get(); }  ///< or null

  /// For checkpoints: arrays in the layout of the parameters. Both counters first, then the arrays.
  std::vector<Optimizer<float>::State> states();
  std::int64_t steps() const { return optimizer_->steps(); }
  std::int64_t average_from() const { return average_ ? average_->from() : -1; }
  void set(std::int64_t steps, std::int64_t average_from);

 private:
  /// A stretch of the array that is moved in one way.
  struct Segment {
    std::size_t first, last;
    double rate;  ///< factor; 0: frozen
    double weight_decay;
  };
  /// Cache lines [first, last) of the array hold `used` numbers each, then padding.
  struct Padding {
    std::size_t first, last, used;
  };

  double norm() const;
  void move(std::size_t first, std::size_t last, double rate, double scale, std::int64_t update);
  void step(std::size_t first, std::size_t last, const Rates& rates);
  void clear_padding(std::size_t first, std::size_t last);

  TrainedParameters<float>& model_;
  double clip_norm_, clip_value_;
  std::unique_ptr<Optimizer<float>> optimizer_;
  std::unique_ptr<WeightAverage<float>> average_;
  std::optional<GradientNoise> noise_;
  std::optional<MaxNorm<float>> max_norm_;
  std::vector<Segment> segments_;  // in order; they cover the array
  std::vector<Padding> padding_;   // in order
  bool any_frozen_ = false;
  float* written_ = nullptr;  // the gradients, while they are changed
  mutable std::vector<double> partial_;  // sums of squares per chunk
};

}  // namespace cellwright
