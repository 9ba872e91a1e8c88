// regulariser_test_help.h: gradients with the draw held fixed, for the tests of what regularises a model.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "nn/test_help.h"

namespace cellwright::test {

struct Tokens {
  std::vector<std::int32_t> inputs, targets;
  int steps, lanes;
  Tokens(int s, int b, int classes, std::uint64_t seed)
      : inputs(random_tokens(static_cast<std::size_t>(s * b), classes, seed)),
        targets(random_tokens(static_cast<std::size_t>(s * b), classes, seed + 1)),
        steps(s),
        lanes(b) {}
  TokenWindow window() const { return {steps, lanes, inputs.data(), targets.data(), 0}; }
};

/// The loss that training at this seed and update reports, from a fresh state.
template <class T>
WindowLoss train_once(Model<T>& model, const TokenWindow& window, std::uint64_t seed = 1,
                      std::uint64_t update = 0) {
  ModelState<T> state = model.make_state(window.lanes);
  model.set_noise(seed, update);
  return model.train_window(window, state);
}

inline double per_token(const WindowLoss& loss) {
  return (loss.nats + loss.cell_losses) / static_cast<double>(loss.tokens);
}

template <class T>
std::vector<std::vector<T>> all_gradients(const Model<T>& model) {
  std::vector<std::vector<T>> all;
  for (std::size_t i = 0; i < model.tensors().size(); ++i) all.push_back(model.gradient(i));
  return all;
}

/// The gradient of train_once(), with its draw fixed, against central differences of `objective`, by
/// language.md's rule: |a - n| <= 1e-6 · max(largest of the tensor, 1e-3 · largest of all tensors), h = 1e-5.
inline void expect_gradients(Model<double>& model, const TokenWindow& window,
                             const std::function<double()>& objective) {
  train_once(model, window);
  const std::vector<std::vector<double>> all = all_gradients(model);
  double largest = 0;
  for (const auto& tensor : all) {
    for (const double g : tensor) largest = std::max(largest, std::abs(g));
  }
  EXPECT_GT(largest, 1e-3);
  for (std::size_t i = 0; i < all.size(); ++i) {
    double of_tensor = 0;
    for (const double g : all[i]) of_tensor = std::max(of_tensor, std::abs(g));
    const std::vector<double> values = model.get(i);
    for (std::size_t k = 0; k < values.size(); ++k) {
      double side[2];
      for (int s = 0; s < 2; ++s) {
        std::vector<double> moved = values;
        moved[k] += s == 0 ? -1e-5 : 1e-5;
        model.set(i, moved);
        side[s] = objective();
      }
      model.set(i, values);
      EXPECT_NEAR(all[i][k], (side[1] - side[0]) / 2e-5, 1e-6 * std::max(of_tensor, 1e-3 * largest))
          << model.tensors()[i].name << "[" << k << "]";
    }
  }
}

inline void expect_gradients(Model<double>& model, const TokenWindow& window) {
  expect_gradients(model, window, [&] { return per_token(train_once(model, window)); });
}

/// Sets `to` to what `from` holds, tensor by tensor, by name.
template <class T>
void copy_parameters(const Model<T>& from, Model<T>& to) {
  for (std::size_t i = 0; i < to.tensors().size(); ++i) {
    for (std::size_t k = 0; k < from.tensors().size(); ++k) {
      if (from.tensors()[k].name == to.tensors()[i].name) to.set(i, from.get(k));
    }
  }
}

template <class T>
std::size_t index_of(const Model<T>& model, const std::string& name) {
  for (std::size_t i = 0; i < model.tensors().size(); ++i) {
    if (model.tensors()[i].name == name) return i;
  }
  throw std::runtime_error("no tensor " + name);
}

/// |found - expected| of a binomial count is within five deviations.
inline void expect_rate(std::size_t found, std::size_t of, double rate) {
  const double n = static_cast<double>(of);
  EXPECT_NEAR(static_cast<double>(found), n * rate, 5 * std::sqrt(n * rate * (1 - rate))) << "of " << of;
}

}  // namespace cellwright::test
