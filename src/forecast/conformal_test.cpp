// The interval out of errors: which of them are its ends, how often it holds the next one, and that it
// follows a series whose errors grow.
#include "forecast/conformal.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>

namespace cellwright {
namespace {

/// Even noise in [-0.5, 0.5).
class Noise {
 public:
  double next() {
    seed_ = seed_ * 1664525u + 1013904223u;
    return (seed_ >> 8) / 16777216.0 - 0.5;
  }

 private:
  std::uint32_t seed_ = 7;
};

/// How often the interval held the next of `count` errors, behind `before` others; these are `wider` times as
/// wide.
double coverage(double pace, int before, int count, double wider) {
  ConformalInterval interval(1, 1, pace);
  Noise noise;
  int within = 0;
  for (int i = 0; i < before + count; ++i) {
    const double error = noise.next() * (i < before ? 1 : wider);
    const auto [low, high] = interval.ends(0, 0);
    if (i >= before) within += low <= error && error <= high;
    interval.add(0, 0, error);
  }
  return static_cast<double>(within) / count;
}

TEST(ConformalInterval, EndsAreTheErrorsOfTheCorrectedRanks) {
  ConformalInterval nine(1, 1, 0), thirty(1, 1, 0);
  for (int i = 1; i <= 30; ++i) {
    if (i <= 9) nine.add(0, 0, i * 7 % 10);  // 1 … 9 in some order
    thirty.add(0, 0, i * 7 % 31);            // 1 … 30
  }
  EXPECT_EQ(nine.ends(0, 0), std::make_pair(1.0, 9.0));     // ranks ⌊10 · 0.1⌋ and ⌈10 · 0.9⌉
  EXPECT_EQ(thirty.ends(0, 0), std::make_pair(3.0, 28.0));  // ⌊31 · 0.1⌋ and ⌈31 · 0.9⌉
  thirty.add(0, 0, std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(thirty.ends(0, 0), std::make_pair(3.0, 28.0));
}

TEST(ConformalInterval, TheLatestErrorsCount) {
  ConformalInterval interval(1, 1, 0);
  for (int i = 0; i < 50; ++i) interval.add(0, 0, 1000);
  for (std::size_t i = 0; i < ConformalInterval::kMost; ++i) interval.add(0, 0, i % 2 == 0 ? 1 : 2);
  EXPECT_EQ(interval.ends(0, 0), std::make_pair(1.0, 2.0));
}

TEST(ConformalInterval, AStepWithFewErrorsBorrowsTheNearest) {
  ConformalInterval interval(2, 4, 0);
  EXPECT_TRUE(interval.empty());
  for (int i = 1; i <= 30; ++i) {
    interval.add(0, 2, i);
    interval.add(0, 3, 100 * i);
  }
  interval.add(0, 1, 15);
  EXPECT_EQ(interval.ends(0, 2), std::make_pair(3.0, 28.0));
  EXPECT_EQ(interval.ends(0, 1), std::make_pair(3.0, 28.0));  // 31 errors: ranks 3 and 29 of 1 … 15, 15 … 30
  EXPECT_TRUE(std::isnan(interval.ends(1, 0).first));         // of another target nothing is known
  EXPECT_FALSE(interval.empty());
}

TEST(ConformalInterval, HoldsFourOfFiveAndFollowsErrorsThatGrow) {
  EXPECT_NEAR(coverage(0, 1000, 1000, 1), 0.8, 0.03);
  EXPECT_NEAR(coverage(ConformalInterval::kPace, 1000, 1000, 1), 0.8, 0.03);
  // Three times as wide of a sudden: without the adapted rate most lie outside until the old ones are few.
  EXPECT_LT(coverage(0, 300, 300, 3), 0.5);
  EXPECT_NEAR(coverage(ConformalInterval::kPace, 300, 300, 3), 0.8, 0.04);
}

}  // namespace
}  // namespace cellwright
