// sgd.cpp: gradient descent, plain, with momentum, and with Nesterov's; the step of asgd.
#include "optim/rules.h"

namespace cellwright {
namespace {

template <class T>
class Sgd final : public Optimizer<T> {
 public:
  Sgd(const OptimizerSpec& spec, std::size_t n)
      : Optimizer<T>(spec, n),
        momentum_(static_cast<T>(spec.momentum)),
        nesterov_(spec.kind == "nesterov"),
        velocity_(has_velocity(spec) ? n : 0) {}

  void step(T* __restrict x, const T* __restrict g, std::size_t first, std::size_t last,
            const Rates& rates) override {
    const T rate = static_cast<T>(rates.learning_rate), times = static_cast<T>(rates.scale),
            momentum = momentum_, decay = static_cast<T>(rates.weight_decay);
    if (velocity_.empty()) {
      for (std::size_t i = first; i < last; ++i) x[i] -= rate * (times * g[i] + decay * x[i]);
      return;
    }
    T* __restrict v = velocity_.data();
    if (nesterov_) {
      for (std::size_t i = first; i < last; ++i) {
        const T d = times * g[i] + decay * x[i];
        v[i] = momentum * v[i] + d;
        x[i] -= rate * (d + momentum * v[i]);
      }
      return;
    }
    for (std::size_t i = first; i < last; ++i) {
      v[i] = momentum * v[i] + (times * g[i] + decay * x[i]);
      x[i] -= rate * v[i];
    }
  }

  bool skips_zero_gradients() const override { return velocity_.empty(); }

  std::vector<typename Optimizer<T>::State> states() override {
    if (velocity_.empty()) return {};
    return {{"momentum", &velocity_}};
  }

 private:
  static bool has_velocity(const OptimizerSpec& spec) {
    return spec.momentum > 0 && (spec.kind == "sgd" || spec.kind == "nesterov");
  }

  T momentum_;
  bool nesterov_;
  AlignedArray<T> velocity_;
};

}  // namespace

template <class T>
std::unique_ptr<Optimizer<T>> make_sgd(const OptimizerSpec& spec, std::size_t n) {
  return std::make_unique<Sgd<T>>(spec, n);
}

template std::unique_ptr<Optimizer<float>> make_sgd(const OptimizerSpec&, std::size_t);
template std::unique_ptr<Optimizer<double>> make_sgd(const OptimizerSpec&, std::size_t);

}  // namespace cellwright
