// Means, intervals and paired tests against published figures.
#include "study/statistics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "cellwright/error.h"

namespace cellwright::study {
namespace {

// Student 1908, "The probable error of a mean": hours of sleep gained with two drugs. R's t.test(paired =
// TRUE) of its data set `sleep`: t = -4.0621, df = 9, p-value = 0.002833, interval -2.4598858 to -0.7001142.
const std::vector<double> kFirst = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
const std::vector<double> kSecond = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};

TEST(Statistics, PairedTestIsStudents) {
  const PairedTest test = paired_t_test(kFirst, kSecond);
  EXPECT_NEAR(test.t, -4.0621, 5e-5);
  EXPECT_NEAR(test.p, 0.002833, 5e-7);
  EXPECT_NEAR(test.difference.mean - test.difference.half_width, -2.4598858, 5e-8);
  EXPECT_NEAR(test.difference.mean + test.difference.half_width, -0.7001142, 5e-8);
}

TEST(Statistics, ASinglePairShowsNothing) {
  const PairedTest test = paired_t_test({1}, {2});
  EXPECT_EQ(test.p, 1);
  EXPECT_TRUE(std::isinf(test.difference.half_width));
}

TEST(Statistics, EqualDifferences) {
  EXPECT_EQ(paired_t_test({1, 2, 3}, {1, 2, 3}).p, 1);
  const PairedTest shifted = paired_t_test({2, 3, 4}, {1, 2, 3});
  EXPECT_EQ(shifted.p, 0);
  EXPECT_TRUE(std::isinf(shifted.t));
}

// p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") of R, by hand: 4 · 0.005, 3 · 0.01, 2 · 0.03, and no less than
// the one before.
TEST(Statistics, HolmStepsDown) {
  const std::vector<double> adjusted = holm({0.01, 0.04, 0.03, 0.005});
  EXPECT_DOUBLE_EQ(adjusted[3], 0.02);
  EXPECT_DOUBLE_EQ(adjusted[0], 0.03);
  EXPECT_DOUBLE_EQ(adjusted[2], 0.06);
  EXPECT_DOUBLE_EQ(adjusted[1], 0.06);
  EXPECT_EQ(holm({0.7, 0.9})[1], 1);
  EXPECT_TRUE(holm({}).empty());
}

TEST(Statistics, WhatCannotBeEstimatedIsTold) {
  EXPECT_THROW(estimate({}), SpecError);
  EXPECT_THROW(estimate({1, INFINITY}), SpecError);
  EXPECT_THROW(paired_t_test({1, 2}, {1}), SpecError);
}

}  // namespace
}  // namespace cellwright::study
