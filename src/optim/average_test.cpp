// average_test.cpp: averages of the weights against plain references in double, and when they begin.
#include "optim/average.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace cellwright {
namespace {

OptimizerSpec spec_of(const std::string& kind, double ema = 0, std::int64_t t0 = 0) {
  OptimizerSpec spec;
  spec.kind = kind;
  spec.ema = ema;
  spec.t0 = t0;
  return spec;
}

double parameter(int update) { return std::sin(1.3 * update) + 0.1 * update; }

TEST(Average, IsMadeOnlyWhereAskedFor) {
  EXPECT_EQ(make_average<float>(spec_of("sgd"), 4), nullptr);
  EXPECT_NE(make_average<float>(spec_of("adam", 0.9), 4), nullptr);
  EXPECT_NE(make_average<float>(spec_of("asgd"), 4), nullptr);
}

// a_s = Σ_k w_k·x_k, the weights written out: what each x keeps of its share through all later updates.
TEST(Average, EmaIsTheWeightedSumOfAllParametersSoFar) {
  const double decay = 0.6;
  const auto average = make_average<double>(spec_of("adam", decay), 1);
  EXPECT_EQ(average->values(), nullptr);
  for (int s = 1; s <= 30; ++s) {
    const double x = parameter(s);
    average->begin_step();
    average->update(&x, 0, 1);
    double expected = 0, total = 0;
    for (int k = 1; k <= s; ++k) {
      const auto kept = [&](int u) { return std::min(decay, (1.0 + u) / (10.0 + u)); };
      double weight = k == 1 ? 1 : 1 - kept(k);
      for (int u = k + 1; u <= s; ++u) weight *= kept(u);
      expected += weight * parameter(k);
      total += weight;
    }
    ASSERT_NEAR(total, 1, 1e-12);
    ASSERT_NEAR(*average->values(), expected, 1e-12) << s;
  }
}

TEST(Average, NtAsgdIsTheMeanSinceItWasStarted) {
  const auto average = make_average<double>(spec_of("nt-asgd"), 1);
  const int start = 7;
  for (int s = 1; s <= 25; ++s) {
    EXPECT_EQ(average->waits(), s <= start);
    const double x = parameter(s);
    average->begin_step();
    average->update(&x, 0, 1);
    if (s == start) average->start();
    if (s < start + 2) {
      EXPECT_EQ(average->values(), nullptr) << s;
      continue;
    }
    double sum = 0;
    for (int k = start + 2; k <= s; ++k) sum += parameter(k);
    ASSERT_NEAR(*average->values(), sum / (s - start - 1), 1e-12) << s;
  }
}

TEST(Average, SubRangesAndACheckpointGiveTheBitsOfTheWhole) {
  const std::size_t n = 53;
  for (const OptimizerSpec& spec : {spec_of("adam", 0.7), spec_of("asgd", 0, 3), spec_of("nt-asgd")}) {
    auto whole = make_average<float>(spec, n), cut = make_average<float>(spec, n);
    for (int s = 1; s <= 12; ++s) {
      std::vector<float> x;
      for (std::size_t i = 0; i < n; ++i)
        x.push_back(static_cast<float>(parameter(s) * std::cos(static_cast<double>(i))));
      whole->begin_step();
      whole->update(x.data(), 0, n);
      cut->begin_step();
      cut->update(x.data(), 20, n);
      cut->update(x.data(), 0, 20);
      if (s == 4 && whole->waits()) {
        whole->start();
        cut->start();
      }
      auto resumed = make_average<float>(spec, n);  // only what a checkpoint keeps
      resumed->set(s, cut->from());
      ASSERT_EQ(resumed->values() != nullptr, cut->values() != nullptr);
      if (cut->values()) resumed->array() = cut->array();
      cut = std::move(resumed);
      ASSERT_EQ(whole->values() != nullptr, cut->values() != nullptr);
      if (whole->values()) {
        ASSERT_TRUE(std::equal(whole->values(), whole->values() + n, cut->values())) << s;
      }
    }
    EXPECT_NE(whole->values(), nullptr);
  }
}

// By hand, after the rule of Merity et al.'s code: len(v) > n and loss > min(v[:-n]).
TEST(Average, StallsWhereTheBestIsOlderThanNValidations) {
  EXPECT_FALSE(has_stalled({}, 9, 1));
  EXPECT_FALSE(has_stalled({5}, 9, 1)) << "one loss is not more than one ago";
  EXPECT_TRUE(has_stalled({5, 4}, 6, 1));
  EXPECT_FALSE(has_stalled({5, 4}, 4.5, 1)) << "better than what was best one validation ago";
  EXPECT_TRUE(has_stalled({3, 4, 5, 6}, 3.5, 2));
  EXPECT_FALSE(has_stalled({4, 4, 3, 3}, 3.5, 2));
  EXPECT_FALSE(has_stalled({3, 4, 5}, std::nan(""), 1));
}

}  // namespace
}  // namespace cellwright
