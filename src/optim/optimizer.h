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
///   sgd       v = momentum·v + g; x -= lr·v
///   nesterov  v as sgd's; x -= lr·(g + momentum·v)
///   asgd      x -= lr·g, and the average of all x since t0 (average.h)
///   nt-asgd   asgd whose average begins when the validation loss has stalled (average.h)
///   rmsprop   m = alpha·m + (1-alpha)·g²; v = momentum·v + g/(√m + epsilon); x -= lr·v   (char-rnn's is
///             momentum 0)
///   adagrad   m = m + g²; x -= lr·g/(√m + epsilon)
///   adadelta  m = alpha·m + (1-alpha)·g²; d = √(a + epsilon)/√(m + epsilon)·g; a = alpha·a + (1-alpha)·d²;
///             x -= lr·d
///   adam      m = beta1·m + (1-beta1)·g; v = beta2·v + (1-beta2)·g²;
///             x -= lr/(1-beta1^t) · m/(√v/√(1-beta2^t) + epsilon)
///   adamw     x *= 1 - lr·weight_decay first, then adam's
///   nadam     m, v as adam's; μ_t = beta1·(1 - 0.96^(t·momentum_decay)/2), P_t = μ_1·…·μ_t;
///             x -= lr·((1-μ_t)/(1-P_t)·g + μ_(t+1)/(1-P_(t+1))·m)/(√v/√(1-beta2^t) + epsilon)
/// They are PyTorch's forms, to which the tests compare. A rule ignores the constants it does not name.
/// Weight decay takes in every parameter, biases too, unless a group says otherwise (groups.h).
struct OptimizerSpec {
  std::string kind = "adam";
  double momentum = 0;           ///< [0, 1); nesterov: above 0
  double alpha = 0.95;           ///< [0, 1)
  double beta1 = 0.9;            ///< [0, 1)
  double beta2 = 0.999;          ///< [0, 1)
  double epsilon = 1e-8;         ///< >= 0; adagrad, adadelta and nadam: > 0
  double momentum_decay = 4e-3;  ///< >= 0
  double weight_decay = 0;       ///< >= 0
  std::int64_t t0 = 0;           ///< asgd: updates before the average begins, >= 0
  std::int64_t nonmonotone = 5;  ///< nt-asgd: validations that may pass without a new best, >= 1
  double ema = 0;                ///< [0, 1): 0 for none, else an average of the weights beside any other rule
};

/// A rule with the constants that PyTorch starts it from (rmsprop's alpha is char-rnn's; nesterov's momentum
/// is 0.9). SpecError for an unknown kind.
OptimizerSpec optimizer_defaults(const std::string& kind);

const std::vector<std::string>& optimizer_kinds();

void check(const OptimizerSpec& spec);  ///< SpecError names the field, its value and its range
void to_json(nlohmann::json& json, const OptimizerSpec& spec);
void from_json(const nlohmann::json& json,
               OptimizerSpec& spec);  ///< absent keys: the kind's defaults; FormatError; checked

/// How far a step goes.
struct Rates {
  double learning_rate = 0;
  double weight_decay = 0;
  double scale = 1;  ///< the gradient is taken so many times (clip.h gives it)
};

template <class T>
class Optimizer {
 public:
  struct State {
    std::string name;  ///< "momentum", "square", "mean", "delta": the same in every version
    AlignedArray<T>* array;
  };

  virtual ~Optimizer() = default;

  void begin_step() { set_steps(steps_ + 1); }

  /// Moves parameters[first, last); both arrays are whole ones. Numbers whose gradient, value and state are 0
  /// stay 0: the padding of a packed array does.
  virtual void step(T* parameters, const T* gradients, std::size_t first, std::size_t last,
                    const Rates& rates) = 0;

  /// A step without weight decay leaves a number alone whose gradient is 0, so it need not go there.
  virtual bool skips_zero_gradients() const { return false; }

  /// With the spec's own weight decay.
  void step(T* parameters, const T* gradients, std::size_t first, std::size_t last, double learning_rate,
            double scale = 1) {
    step(parameters, gradients, first, last, Rates{learning_rate, weight_decay_, scale});
  }

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
  Optimizer(const OptimizerSpec& spec, std::size_t size) : size_(size), weight_decay_(spec.weight_decay) {}

 private:
  std::size_t size_;
  double weight_decay_;
  std::int64_t steps_ = 0;
};

/// For arrays of n elements; allocates the state, zero. SpecError as check(). T: float or double.
template <class T>
std::unique_ptr<Optimizer<T>> make_optimizer(const OptimizerSpec& spec, std::size_t n);

extern template std::unique_ptr<Optimizer<float>> make_optimizer(const OptimizerSpec&, std::size_t);
extern template std::unique_ptr<Optimizer<double>> make_optimizer(const OptimizerSpec&, std::size_t);

}  // namespace cellwright
