// gradient_noise_test.cpp: how much noise when, that it is normal, and that it depends on the place alone.
#include "optim/gradient_noise.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace cellwright {
namespace {

std::vector<float> drawn(std::size_t n, std::uint64_t update, std::uint64_t seed = 1) {
  std::vector<float> g(n);
  const GradientNoise noise(1, seed);
  noise.add(g.data(), 0, n, update, 1);
  for (float& x : g) x /= static_cast<float>(noise.deviation(update));
  return g;
}

TEST(GradientNoise, FallsAsPublished) {
  const GradientNoise noise(0.3, 1);
  EXPECT_DOUBLE_EQ(noise.deviation(0) * noise.deviation(0), 0.3);
  EXPECT_DOUBLE_EQ(noise.deviation(99) * noise.deviation(99), 0.3 / std::pow(100, 0.55));
}

TEST(GradientNoise, HasTheMomentsAndTheDistributionOfANormal) {
  const std::size_t n = 1 << 20;
  std::vector<float> x = drawn(n, 7);
  double mean = 0, square = 0, fourth = 0, neighbours = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double v = x[i];
    mean += v / n;
    square += v * v / n;
    fourth += v * v * v * v / n;
    if (i > 0) neighbours += v * x[i - 1] / n;
  }
  EXPECT_NEAR(mean, 0, 0.004);
  EXPECT_NEAR(square, 1, 0.006);
  EXPECT_NEAR(fourth, 3, 0.05);
  EXPECT_NEAR(neighbours, 0, 0.004);
  std::sort(x.begin(), x.end());
  double distance = 0;  // Kolmogorov's
  for (std::size_t i = 0; i < n; ++i)
    distance = std::max(
        distance, std::fabs((static_cast<double>(i) + 0.5) / n - 0.5 * std::erfc(-x[i] / std::sqrt(2.0))));
  EXPECT_LT(distance, 0.002);
}

TEST(GradientNoise, AnotherUpdateOrSeedHasIndependentNoise) {
  const std::size_t n = 1 << 17;
  const auto a = drawn(n, 0);
  for (const auto& b : {drawn(n, 1), drawn(n, 0, 2)}) {
    double together = 0;
    for (std::size_t i = 0; i < n; ++i) together += static_cast<double>(a[i]) * b[i] / n;
    EXPECT_NEAR(together, 0, 0.015);
  }
}

TEST(GradientNoise, IsAddedToTheScaledGradientByPlaceAlone) {
  const std::size_t n = 5000;
  const GradientNoise noise(0.01, 9);
  std::vector<float> whole(n, 2), cut(n, 2);
  noise.add(whole.data(), 0, n, 3, 0.5);
  noise.add(cut.data(), 1234, n, 3, 0.5);
  noise.add(cut.data(), 0, 16, 3, 0.5);
  noise.add(cut.data(), 16, 1234, 3, 0.5);
  EXPECT_EQ(whole, cut);
  double mean = 0;
  for (const float g : whole) mean += g / static_cast<double>(n);
  EXPECT_NEAR(mean, 1, 0.01);
}

}  // namespace
}  // namespace cellwright
