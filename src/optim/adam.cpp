// adam.cpp: Adam (Kingma & Ba 2015); with the weight decay taken out of the gradient, AdamW (Loshchilov &
// Hutter 2019).
#include <cmath>

#include "optim/rules.h"

namespace cellwright {
namespace {

template <class T>
class Adam final : public Optimizer<T> {
 public:
  Adam(const OptimizerSpec& spec, std::size_t n)
      : Optimizer<T>(spec, n), spec_(spec), decoupled_(spec.kind == "adamw"), mean_(n), square_(n) {}

  void set_steps(std::int64_t steps) override {
    Optimizer<T>::set_steps(steps);
    mean_correction_ = 1 - std::pow(spec_.beta1, static_cast<double>(steps));
    square_correction_ = std::sqrt(1 - std::pow(spec_.beta2, static_cast<double>(steps)));
  }

  void step(T* __restrict x, const T* __restrict g, std::size_t first, std::size_t last,
            const Rates& rates) override {
    const T rate = static_cast<T>(rates.learning_rate / mean_correction_),
            times = static_cast<T>(rates.scale);
    const T beta1 = static_cast<T>(spec_.beta1), rest1 = static_cast<T>(1 - spec_.beta1);
    const T beta2 = static_cast<T>(spec_.beta2), rest2 = static_cast<T>(1 - spec_.beta2);
    const T epsilon = static_cast<T>(spec_.epsilon), correction = static_cast<T>(square_correction_);
    const T keep = static_cast<T>(decoupled_ ? 1 - rates.learning_rate * rates.weight_decay : 1);
    const T decay = static_cast<T>(decoupled_ ? 0 : rates.weight_decay);
    T* __restrict m = mean_.data();
    T* __restrict v = square_.data();
    for (std::size_t i = first; i < last; ++i) {
      const T d = times * g[i] + decay * x[i];
      m[i] = beta1 * m[i] + rest1 * d;
      v[i] = beta2 * v[i] + rest2 * (d * d);
      x[i] = keep * x[i] - rate * (m[i] / (std::sqrt(v[i]) / correction + epsilon));
    }
  }

  std::vector<typename Optimizer<T>::State> states() override {
    return {{"mean", &mean_}, {"square", &square_}};
  }

 private:
  OptimizerSpec spec_;
  bool decoupled_;
  double mean_correction_ = 1, square_correction_ = 1;  // of the step begun last
  AlignedArray<T> mean_, square_;
};

}  // namespace

template <class T>
std::unique_ptr<Optimizer<T>> make_adam(const OptimizerSpec& spec, std::size_t n) {
  return std::make_unique<Adam<T>>(spec, n);
}

template std::unique_ptr<Optimizer<float>> make_adam(const OptimizerSpec&, std::size_t);
template std::unique_ptr<Optimizer<double>> make_adam(const OptimizerSpec&, std::size_t);

}  // namespace cellwright
