// nadam.cpp: Adam with Nesterov's momentum (Dozat 2016).
#include <cmath>

#include "optim/rules.h"

namespace cellwright {
namespace {

template <class T>
class Nadam final : public Optimizer<T> {
 public:
  Nadam(const OptimizerSpec& spec, std::size_t n)
      : Optimizer<T>(spec, n), spec_(spec), mean_(n), square_(n) {}

  void set_steps(std::int64_t steps) override {
    // The product is one chain from the first step on, so that a resumed run has the same bits.
    if (steps < counted_) {
      counted_ = 0;
      product_ = 1;
    }
    for (; counted_ < steps && product_ > 0; ++counted_) product_ *= momentum_at(counted_ + 1);
    counted_ = steps;
    Optimizer<T>::set_steps(steps);
    momentum_ = momentum_at(steps);
    next_momentum_ = momentum_at(steps + 1);
    square_correction_ = std::sqrt(1 - std::pow(spec_.beta2, static_cast<double>(steps)));
  }

  void step(T* __restrict x, const T* __restrict g, std::size_t first, std::size_t last,
            const Rates& rates) override {
    const T times = static_cast<T>(rates.scale), decay = static_cast<T>(rates.weight_decay);
    const T beta1 = static_cast<T>(spec_.beta1), rest1 = static_cast<T>(1 - spec_.beta1);
    const T beta2 = static_cast<T>(spec_.beta2), rest2 = static_cast<T>(1 - spec_.beta2);
    const T epsilon = static_cast<T>(spec_.epsilon), correction = static_cast<T>(square_correction_);
    const T of_gradient = static_cast<T>(rates.learning_rate * (1 - momentum_) / (1 - product_));
    const T of_mean = static_cast<T>(rates.learning_rate * next_momentum_ / (1 - product_ * next_momentum_));
    T* __restrict m = mean_.data();
    T* __restrict v = square_.data();
    for (std::size_t i = first; i < last; ++i) {
      const T d = times * g[i] + decay * x[i];
      m[i] = beta1 * m[i] + rest1 * d;
      v[i] = beta2 * v[i] + rest2 * (d * d);
      x[i] -= (of_gradient * d + of_mean * m[i]) / (std::sqrt(v[i]) / correction + epsilon);
    }
  }

  std::vector<typename Optimizer<T>::State> states() override {
    return {{"mean", &mean_}, {"square", &square_}};
  }

 private:
  double momentum_at(std::int64_t step) const {
    return spec_.beta1 * (1 - 0.5 * std::pow(0.96, static_cast<double>(step) * spec_.momentum_decay));
  }

  OptimizerSpec spec_;
  std::int64_t counted_ = 0;  // factors in product_
  double product_ = 1, momentum_ = 0, next_momentum_ = 0, square_correction_ = 1;
  AlignedArray<T> mean_, square_;
};

}  // namespace

template <class T>
std::unique_ptr<Optimizer<T>> make_nadam(const OptimizerSpec& spec, std::size_t n) {
  return std::make_unique<Nadam<T>>(spec, n);
}

template std::unique_ptr<Optimizer<float>> make_nadam(const OptimizerSpec&, std::size_t);
template std::unique_ptr<Optimizer<double>> make_nadam(const OptimizerSpec&, std::size_t);

}  // namespace cellwright
