// rmsprop.cpp: a step over a running root mean square of the gradient (Hinton 2012).
#include <cmath>

#include "optim/rules.h"

namespace cellwright {
namespace {

template <class T>
class RmsProp final : public Optimizer<T> {
 public:
  RmsProp(const OptimizerSpec& spec, std::size_t n)
      : Optimizer<T>(spec, n),
        alpha_(static_cast<T>(spec.alpha)),
        rest_(static_cast<T>(1 - spec.alpha)),
        epsilon_(static_cast<T>(spec.epsilon)),
        momentum_(static_cast<T>(spec.momentum)),
        square_(n),
        velocity_(spec.momentum > 0 ? n : 0) {}

  void step(T* __restrict x, const T* __restrict g, std::size_t first, std::size_t last,
            const Rates& rates) override {
    const T rate = static_cast<T>(rates.learning_rate), times = static_cast<T>(rates.scale),
            decay = static_cast<T>(rates.weight_decay);
    const T alpha = alpha_, rest = rest_, epsilon = epsilon_, momentum = momentum_;
    T* __restrict m = square_.data();
    if (velocity_.empty()) {
      for (std::size_t i = first; i < last; ++i) {
        const T d = times * g[i] + decay * x[i];
        m[i] = alpha * m[i] + rest * (d * d);
        x[i] -= rate * (d / (std::sqrt(m[i]) + epsilon));
      }
      return;
    }
    T* __restrict v = velocity_.data();
    for (std::size_t i = first; i < last; ++i) {
      const T d = times * g[i] + decay * x[i];
      m[i] = alpha * m[i] + rest * (d * d);
      v[i] = momentum * v[i] + d / (std::sqrt(m[i]) + epsilon);
      x[i] -= rate * v[i];
    }
  }

  std::vector<typename Optimizer<T>::State> states() override {
    if (velocity_.empty()) return {{"square", &square_}};
    return {{"square", &square_}, {"momentum", &velocity_}};
  }

 private:
  T alpha_, rest_, epsilon_, momentum_;
  AlignedArray<T> square_, velocity_;
};

}  // namespace

template <class T>
std::unique_ptr<Optimizer<T>> make_rmsprop(const OptimizerSpec& spec, std::size_t n) {
  return std::make_unique<RmsProp<T>>(spec, n);
}

template std::unique_ptr<Optimizer<float>> make_rmsprop(const OptimizerSpec&, std::size_t);
template std::unique_ptr<Optimizer<double>> make_rmsprop(const OptimizerSpec&, std::size_t);

}  // namespace cellwright
