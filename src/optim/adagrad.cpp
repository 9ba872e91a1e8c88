// adagrad.cpp: a step over the root of all squares so far (Duchi et al. 2011).
#include <cmath>

#include "optim/rules.h"

namespace cellwright {
namespace {

template <class T>
class Adagrad final : public Optimizer<T> {
 public:
  Adagrad(const OptimizerSpec& spec, std::size_t n)
      : Optimizer<T>(spec, n), epsilon_(static_cast<T>(spec.epsilon)), square_(n) {}

  void step(T* __restrict x, const T* __restrict g, std::size_t first, std::size_t last,
            const Rates& rates) override {
    const T rate = static_cast<T>(rates.learning_rate), times = static_cast<T>(rates.scale),
            decay = static_cast<T>(rates.weight_decay), epsilon = epsilon_;
    T* __restrict m = square_.data();
    for (std::size_t i = first; i < last; ++i) {
      const T d = times * g[i] + decay * x[i];
      m[i] += d * d;
      x[i] -= rate * (d / (std::sqrt(m[i]) + epsilon));
    }
  }

  std::vector<typename Optimizer<T>::State> states() override { return {{"square", &square_}}; }

 private:
  T epsilon_;
  AlignedArray<T> square_;
};

}  // namespace

template <class T>
std::unique_ptr<Optimizer<T>> make_adagrad(const OptimizerSpec& spec, std::size_t n) {
  return std::make_unique<Adagrad<T>>(spec, n);
}

template std::unique_ptr<Optimizer<float>> make_adagrad(const OptimizerSpec&, std::size_t);
template std::unique_ptr<Optimizer<double>> make_adagrad(const OptimizerSpec&, std::size_t);

}  // namespace cellwright
