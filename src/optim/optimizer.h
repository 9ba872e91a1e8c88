// optimizer.h: from gradients to new parameters, over one flat array. Start at make_optimizer.
//
// A step is begin_step() once, on one thread, then step() on sub-ranges that together cover the array, on any
// threads: an element's result depends on that element alone, so the bits do not depend on how the array is
// cut.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/aligned.h"

namespace cellwright {

/// Which rule, with its constants; g is the gradient (plus weight_decay·x but for adamw), x the parameter.
///   sgd      v = momentum·v + g; x -= lr·v
///   rmsprop  m = alpha·m + (1-alpha)·g²; v = momentum·v + g/(√m + epsilon); x -= lr·v   (char-rnn's is
///   momentum 0) adam     m = beta1·m + (1-beta1)·g; v = beta2·v + (1-beta2)·g²;
///            x -= lr/(1-beta1^t) · m/(√v/√(1-beta2^t) + epsilon)
///   adamw    x *= 1 - lr·weight_decay first, then adam's
/// They are PyTorch's forms, to which the tests compare. A rule ignores the constants it does not name.
struct OptimizerSpec {
  std::string kind = "adam";
  double momentum = 0;      ///< [0, 1)
  double alpha = 0.95;      ///< [0, 1)
  double beta1 = 0.9;       ///< [0, 1)
  double beta2 = 0.999;     ///< [0, 1)
  double epsilon = 1e-8;    ///< >= 0
  double weight_decay = 0;  ///< >= 0
};

void check(const OptimizerSpec& spec);  ///< SpecError names the field, its value and its range
void to_json(nlohmann::json& json, const OptimizerSpec& spec);
void from_json(const nlohmann::json& json,
               OptimizerSpec& spec);  ///< absent keys: defaults; FormatError; checked

template <class T>
class Optimizer {
 public:
  struct State {
    std::string name;  ///< "momentum", "square", "mean": the same in every version
    AlignedArray<T>* array;
  };

  virtual ~Optimizer() = default;

  void begin_step() { set_steps(steps_ + 1); }

  /// Moves parameters[first, last); both arrays are whole ones. The gradient is taken `scale` times (clip.h
  /// gives it).
  virtual void step(T* parameters, const T* gradients, std::size_t first, std::size_t last,
                    double learning_rate, double scale = 1) = 0;

  /// A whole step on this thread.
  void step_all(T* parameters, const T* gradients, double learning_rate, double scale = 1) {
    begin_step();
    step(parameters, gradients, 0, size_, learning_rate, scale);
  }

  /// For checkpoints: what, besides the step count, the next step depends on. May be empty.
  virtual std::vector<State> states() = 0;
  std::int64_t steps() const { return steps_; }
  virtual void set_steps(std::int64_t steps) { steps_ = steps; }
  std::size_t size() const { return size_; }

 protected:
  explicit Optimizer(std::size_t size) : size_(size) {}

 private:
  std::size_t size_;
  std::int64_t steps_ = 0;
};

/// For arrays of n elements; allocates the state, zero. SpecError as check(). T: float or double.
template <class T>
std::unique_ptr<Optimizer<T>> make_optimizer(const OptimizerSpec& spec, std::size_t n);

extern template std::unique_ptr<Optimizer<float>> make_optimizer(const OptimizerSpec&, std::size_t);
extern template std::unique_ptr<Optimizer<double>> make_optimizer(const OptimizerSpec&, std::size_t);

}  // namespace cellwright
