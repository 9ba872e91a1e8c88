// adadelta.cpp: steps in the unit of the parameter, by a running mean of their own squares (Zeiler 2012).
#include <cmath>

#include "optim/rules.h"

namespace cellwright {
namespace {

template <class T>
class Adadelta final : public Optimizer<T> {
 public:
  Adadelta(const OptimizerSpec& spec, std::size_t n)
      : Optimizer<T>(spec, n),
        alpha_(static_cast<T>(spec.alpha)),
        rest_(static_cast<T>(1 - spec.alpha)),
        epsilon_(static_cast<T>(spec.epsilon)),
        square_(n),
        delta_(n) {}

  void step(T* __restrict x, const T* __restrict g, std::size_t first, std::size_t last,
            const Rates& rates) override {
    const T rate = static_cast<T>(rates.learning_rate), times = static_cast<T>(rates.scale),
            decay = static_cast<T>(rates.weight_decay);
    const T alpha = alpha_, rest = rest_, epsilon = epsilon_;
    T* __restrict m = square_.data();
    T* __restrict a = delta_.data();
    for (std::size_t i = first; i < last; ++i) {
      const T d = times * g[i] + decay * x[i];
      m[i] = alpha * m[i] + rest * (d * d);
      const T delta = std::sqrt(a[i] + epsilon) / std::sqrt(m[i] + epsilon) * d;
      a[i] = alpha * a[i] + rest * (delta * delta);
      x[i] -= rate * delta;
    }
  }

  std::vector<typename Optimizer<T>::State> states() override {
    return {{"square", &square_}, {"delta", &delta_}};
  }

 private:
  T alpha_, rest_, epsilon_;
  AlignedArray<T> square_, delta_;
};

}  // namespace

template <class T>
std::unique_ptr<Optimizer<T>> make_adadelta(const OptimizerSpec& spec, std::size_t n) {
  return std::make_unique<Adadelta<T>>(spec, n);
}

template std::unique_ptr<Optimizer<float>> make_adadelta(const OptimizerSpec&, std::size_t);
template std::unique_ptr<Optimizer<double>> make_adadelta(const OptimizerSpec&, std::size_t);

}  // namespace cellwright
