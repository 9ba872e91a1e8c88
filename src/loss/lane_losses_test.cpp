// lane_losses_test.cpp: the losses of a whole lane: CTC against the sum over all paths, the error-to-signal
// ratio against its definition; gradients of both against central differences; what does not count.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "base/rng.h"
#include "cellwright/error.h"
#include "loss/ctc.h"
#include "loss/loss.h"

namespace cellwright {
namespace {

LossSpec ctc_spec(int labels) {
  LossSpec spec;
  spec.kind = "ctc";
  spec.outputs = labels;
  return spec;
}

std::vector<double> random_outputs(std::size_t n, std::uint64_t seed) {
  std::vector<double> x;
  for (std::uint64_t i = 0; i < n; ++i) x.push_back(1.5 * Random(seed, 1).normal(i));
  return x;
}

// Σ over all strings of `steps` symbols that become `labels` when repeats are joined and blanks left out.
double by_brute_force(const std::vector<double>& a, int steps, int symbols,
                      const std::vector<std::int32_t>& labels) {
  std::vector<int> path(static_cast<std::size_t>(steps), 0);
  double sum = 0;
  for (;;) {
    std::vector<std::int32_t> said;
    int before = symbols - 1;
    double p = 1;
    for (int t = 0; t < steps; ++t) {
      const int s = path[static_cast<std::size_t>(t)];
      if (s != symbols - 1 && s != before) said.push_back(s);
      before = s;
      double all = 0;
      for (int k = 0; k < symbols; ++k) all += std::exp(a[static_cast<std::size_t>(t * symbols + k)]);
      p *= std::exp(a[static_cast<std::size_t>(t * symbols + s)]) / all;
    }
    if (said == labels) sum += p;
    int t = 0;
    while (t < steps && ++path[static_cast<std::size_t>(t)] == symbols)
      path[static_cast<std::size_t>(t++)] = 0;
    if (t == steps) return sum;
  }
}

TEST(Ctc, EqualsTheSumOverAllPaths) {
  ThreadPool pool(1);
  for (const int symbols : {2, 3, 4}) {
    const auto loss = make_loss<double>(ctc_spec(symbols - 1));
    for (const std::vector<std::int32_t>& labels :
         std::vector<std::vector<std::int32_t>>{{}, {0}, {0, 0}, {0, 1}, {1, 0, 1}, {1, 1, 0}}) {
      bool fits = true;
      for (const std::int32_t l : labels) fits = fits && l < symbols - 1;
      for (int steps = 1; fits && steps <= 6; ++steps) {
        const std::vector<double> a =
            random_outputs(static_cast<std::size_t>(steps * symbols), static_cast<std::uint64_t>(steps));
        const double sum = by_brute_force(a, steps, symbols, labels);
        const std::vector<std::vector<std::int32_t>> of_lanes = {labels};
        LossRows<double> rows;
        rows.steps = steps;
        rows.lanes = 1;
        rows.outputs = a.data();
        rows.labels = &of_lanes;
        if (sum == 0) {
          EXPECT_THROW(loss->check_targets(rows), ShapeError) << steps;
          continue;
        }
        loss->check_targets(rows);
        std::vector<double> losses(static_cast<std::size_t>(steps));
        loss->evaluate(rows, 1, losses.data(), nullptr, pool);
        EXPECT_NEAR(losses[0], -std::log(sum), 1e-11) << steps << " " << labels.size();
        for (std::size_t t = 1; t < losses.size(); ++t) EXPECT_EQ(losses[t], 0);
      }
    }
  }
}

template <class F>
void expect_gradient(std::vector<double>& outputs, const F& loss_and_gradient) {
  std::vector<double> d(outputs.size());
  loss_and_gradient(d.data());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const double at = outputs[i];
    double side[2];
    for (int s = 0; s < 2; ++s) {
      outputs[i] = at + (s == 0 ? -1e-6 : 1e-6);
      side[s] = loss_and_gradient(nullptr);
    }
    outputs[i] = at;
    EXPECT_NEAR(d[i], 0.5 * (side[1] - side[0]) / 2e-6, 1e-8) << i;
  }
}

TEST(Ctc, GradientIsThatOfDifferencesWithLanesOfUnequalLength) {
  ThreadPool pool(2);
  const auto loss = make_loss<double>(ctc_spec(3));
  const std::vector<std::vector<std::int32_t>> labels = {{2, 0}, {1, 1}, {}};
  std::vector<std::uint8_t> counted(6 * 3, 1);
  for (std::size_t t = 4; t < 6; ++t) counted[t * 3] = 0;
  for (std::size_t t = 1; t < 6; ++t) counted[t * 3 + 2] = 0;
  std::vector<double> outputs = random_outputs(6 * 3 * 4, 9);
  LossRows<double> rows;
  rows.steps = 6;
  rows.lanes = 3;
  rows.outputs = outputs.data();
  rows.labels = &labels;
  rows.counted = counted.data();
  expect_gradient(outputs, [&](double* d) {
    std::vector<double> losses(18);
    loss->evaluate(rows, 0.5, losses.data(), d, pool);
    double sum = 0;
    for (const double l : losses) sum += l;
    return sum;
  });
}

TEST(Ctc, LongSequencesNeitherUnderflowNorLeaveTheReals) {
  ThreadPool pool(1);
  const auto loss = make_loss<float>(ctc_spec(5));
  std::vector<float> outputs, d(4000 * 6);
  for (std::uint64_t i = 0; i < 4000 * 6; ++i)
    outputs.push_back(static_cast<float>(20 * Random(3, 3).normal(i)));
  std::vector<std::vector<std::int32_t>> labels(1);
  for (int i = 0; i < 900; ++i) labels[0].push_back(i % 5);
  LossRows<float> rows;
  rows.steps = 4000;
  rows.lanes = 1;
  rows.outputs = outputs.data();
  rows.labels = &labels;
  std::vector<double> losses(4000);
  loss->evaluate(rows, 1, losses.data(), d.data(), pool);
  EXPECT_TRUE(std::isfinite(losses[0]));
  EXPECT_GT(losses[0], 0);
  for (const float x : d) ASSERT_TRUE(std::isfinite(x) && std::abs(x) <= 1.0001f);
}

TEST(Ctc, TheBestLabelsAreReadAndCompared) {
  // Blank is 2: steps say 0 0 _ 0 1 1 _.
  const std::vector<double> a{3, 0, 0, 3, 0, 0, 0, 0, 3, 3, 0, 0, 0, 3, 0, 0, 3, 0, 0, 0, 3};
  EXPECT_EQ(best_labels(a.data(), 7, 3, 2), (std::vector<std::int32_t>{0, 0, 1}));
  EXPECT_EQ(edit_distance({}, {1, 2}), 2);
  EXPECT_EQ(edit_distance({1, 2, 3, 4}, {1, 3, 3}), 2);
  EXPECT_EQ(edit_distance({1, 2, 3}, {1, 2, 3}), 0);
}

TEST(Esr, IsThatOfItsDefinitionAndItsGradientOfDifferences) {
  ThreadPool pool(1);
  for (const double c : {0.0, 0.85}) {
    LossSpec spec;
    spec.kind = "esr";
    spec.pre_emphasis = c;
    spec.dc = 0.5;
    const auto loss = make_loss<double>(spec);
    std::vector<double> outputs = random_outputs(20, 1);
    const std::vector<double> target = random_outputs(20, 2);
    std::vector<std::uint8_t> counted(20, 1);
    for (const std::size_t r : {0u, 2u, 1u, 19u}) counted[r] = 0;  // lane 0: steps 2 … 9; lane 1: 1 … 8
    LossRows<double> rows;
    rows.steps = 10;
    rows.lanes = 2;
    rows.outputs = outputs.data();
    rows.targets = target.data();
    rows.counted = counted.data();
    std::vector<double> losses(20);
    loss->evaluate(rows, 1, losses.data(), nullptr, pool);
    double errors = 0, signal = 0, mean = 0, square = 0;
    for (int t = 2; t < 10; ++t) {
      const auto at = static_cast<std::size_t>(2 * t);
      const double e = outputs[at] - target[at];
      mean += e / 8;
      square += target[at] * target[at] / 8;
      if (t == 2 && c > 0) continue;
      const double before = c > 0 ? outputs[at - 2] - target[at - 2] : 0, y = c > 0 ? target[at - 2] : 0;
      errors += (e - c * before) * (e - c * before);
      signal += (target[at] - c * y) * (target[at] - c * y);
    }
    EXPECT_NEAR(losses[4], errors / signal + 0.5 * mean * mean / square, 1e-3 * losses[4])
        << "the floor is 1e-5";
    EXPECT_EQ(losses[0], 0);
    EXPECT_GT(losses[3], 0);
    expect_gradient(outputs, [&](double* d) {
      loss->evaluate(rows, 0.5, losses.data(), d, pool);
      double sum = 0;
      for (const double l : losses) sum += l;
      return sum;
    });
  }
}

TEST(LaneLosses, BitsAreThoseOfAnyThreads) {
  ThreadPool one(1), three(3);
  const auto loss = make_loss<float>(ctc_spec(4));
  std::vector<float> outputs, d_a(12 * 7 * 5), d_b(d_a.size());
  for (std::uint64_t i = 0; i < d_a.size(); ++i)
    outputs.push_back(static_cast<float>(Random(3, 3).normal(i)));
  const std::vector<std::vector<std::int32_t>> labels(7, {0, 3, 3, 1});
  LossRows<float> rows;
  rows.steps = 12;
  rows.lanes = 7;
  rows.outputs = outputs.data();
  rows.labels = &labels;
  std::vector<double> a(84), b(84);
  loss->evaluate(rows, 1, a.data(), d_a.data(), one);
  loss->evaluate(rows, 1, b.data(), d_b.data(), three);
  EXPECT_EQ(std::memcmp(a.data(), b.data(), a.size() * sizeof(double)), 0);
  EXPECT_EQ(std::memcmp(d_a.data(), d_b.data(), d_a.size() * sizeof(float)), 0);
}

}  // namespace
}  // namespace cellwright
