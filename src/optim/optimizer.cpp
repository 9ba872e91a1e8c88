// optimizer.cpp: the four rules. Plain loops of + - * / and square root, each element for itself: the
// compiler may vectorise them at any width without a bit changing.
#include "optim/optimizer.h"

#include <cmath>

namespace cellwright {
namespace {

template <class T>
class Sgd final : public Optimizer<T> {
 public:
  Sgd(const OptimizerSpec& spec, std::size_t n)
      : Optimizer<T>(n),
        momentum_(static_cast<T>(spec.momentum)),
        decay_(static_cast<T>(spec.weight_decay)),
        velocity_(spec.momentum > 0 ? n : 0) {}

  void step(T* __restrict x, const T* __restrict g, std::size_t first, std::size_t last, double learning_rate,
            double scale) override {
    const T rate = static_cast<T>(learning_rate), times = static_cast<T>(scale), momentum = momentum_,
            decay = decay_;
    if (velocity_.empty()) {
      for (std::size_t i = first; i < last; ++i) x[i] -= rate * (times * g[i] + decay * x[i]);
      return;
    }
    T* __restrict v = velocity_.data();
    for (std::size_t i = first; i < last; ++i) {
      v[i] = momentum * v[i] + (times * g[i] + decay * x[i]);
      x[i] -= rate * v[i];
    }
  }

  std::vector<typename Optimizer<T>::State> states() override {
    if (velocity_.empty()) return {};
    return {{"momentum", &velocity_}};
  }

 private:
  T momentum_, decay_;
  AlignedArray<T> velocity_;
};

template <class T>
class RmsProp final : public Optimizer<T> {
 public:
  RmsProp(const OptimizerSpec& spec, std::size_t n)
      : Optimizer<T>(n),
        alpha_(static_cast<T>(spec.alpha)),
        rest_(static_cast<T>(1 - spec.alpha)),
        epsilon_(static_cast<T>(spec.epsilon)),
        momentum_(static_cast<T>(spec.momentum)),
        decay_(static_cast<T>(spec.weight_decay)),
        square_(n),
        velocity_(spec.momentum > 0 ? n : 0) {}

  void step(T* __restrict x, const T* __restrict g, std::size_t first, std::size_t last, double learning_rate,
            double scale) override {
    const T rate = static_cast<T>(learning_rate), times = static_cast<T>(scale), decay = decay_;
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
  T alpha_, rest_, epsilon_, momentum_, decay_;
  AlignedArray<T> square_, velocity_;
};

/// Adam; `decoupled` makes it AdamW.
template <class T>
class Adam final : public Optimizer<T> {
 public:
  Adam(const OptimizerSpec& spec, std::size_t n, bool decoupled)
      : Optimizer<T>(n), spec_(spec), decoupled_(decoupled), mean_(n), square_(n) {}

  void set_steps(std::int64_t steps) override {
    Optimizer<T>::set_steps(steps);
    mean_correction_ = 1 - std::pow(spec_.beta1, static_cast<double>(steps));
    square_correction_ = std::sqrt(1 - std::pow(spec_.beta2, static_cast<double>(steps)));
  }

  void step(T* __restrict x, const T* __restrict g, std::size_t first, std::size_t last, double learning_rate,
            double scale) override {
    const T rate = static_cast<T>(learning_rate / mean_correction_), times = static_cast<T>(scale);
    const T beta1 = static_cast<T>(spec_.beta1), rest1 = static_cast<T>(1 - spec_.beta1);
    const T beta2 = static_cast<T>(spec_.beta2), rest2 = static_cast<T>(1 - spec_.beta2);
    const T epsilon = static_cast<T>(spec_.epsilon), correction = static_cast<T>(square_correction_);
    const T keep = static_cast<T>(decoupled_ ? 1 - learning_rate * spec_.weight_decay : 1);
    const T decay = static_cast<T>(decoupled_ ? 0 : spec_.weight_decay);
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
std::unique_ptr<Optimizer<T>> make_optimizer(const OptimizerSpec& spec, std::size_t n) {
  check(spec);
  if (spec.kind == "sgd") return std::make_unique<Sgd<T>>(spec, n);
  if (spec.kind == "rmsprop") return std::make_unique<RmsProp<T>>(spec, n);
  return std::make_unique<Adam<T>>(spec, n, spec.kind == "adamw");
}

template std::unique_ptr<Optimizer<float>> make_optimizer(const OptimizerSpec&, std::size_t);
template std::unique_ptr<Optimizer<double>> make_optimizer(const OptimizerSpec&, std::size_t);

}  // namespace cellwright
