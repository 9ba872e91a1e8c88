// split_test.cpp: the cuts of both rules, by hand.
#include "data/split.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "cellwright/error.h"

namespace cellwright {
namespace {

std::vector<std::int32_t> counting(int n) {
  std::vector<std::int32_t> ids(n);
  std::iota(ids.begin(), ids.end(), 0);
  return ids;
}

TEST(SplitTokens, KeepsTheOrderAndLosesNothing) {
  const TokenSplit s = split_tokens(counting(100), 0.05, 0.05);
  EXPECT_EQ(s.train.size(), 90u);
  EXPECT_EQ(s.valid.to_vector(), (std::vector<std::int32_t>{90, 91, 92, 93, 94}));
  EXPECT_EQ(s.test.to_vector(), (std::vector<std::int32_t>{95, 96, 97, 98, 99}));
  EXPECT_EQ(split_tokens(counting(1115394), 0.05, 0).train.size(), 1059624u);  // floor(1,059,624.3)
  EXPECT_EQ(split_tokens(counting(10), 0, 0).train.size(), 10u);
}

TEST(SplitTokens, RefusesWhatCannotBe) {
  EXPECT_THROW(split_tokens(counting(100), 0.5, 0.5), SpecError);
  EXPECT_THROW(split_tokens(counting(100), -0.1, 0), SpecError);
  EXPECT_THROW(split_tokens(counting(100), NAN, 0), SpecError);
  EXPECT_THROW(split_tokens(counting(10), 0.05, 0), SpecError) << "one token predicts nothing";
  EXPECT_THROW(split_tokens(TokenView(), 0, 0), SpecError);
}

TEST(SplitWindows, FollowsCharRnn) {  // tinyshakespeare, 50 x 50: floor(1115394 / 2500) = 446 windows
  const WindowSplit s = split_windows(446, 0.95, 0.05);
  EXPECT_EQ(s.train.first, 0);
  EXPECT_EQ(s.train.last, 423);  // floor(423.7)
  EXPECT_EQ(s.valid.first, 423);
  EXPECT_EQ(s.valid.last, 446);
  EXPECT_EQ(s.test.size(), 0);
  const WindowSplit t = split_windows(100, 0.8, 0.1);
  EXPECT_EQ(t.valid.size(), 10);
  EXPECT_EQ(t.test.first, 90);
  EXPECT_EQ(t.test.last, 100);
}

TEST(SplitWindows, RefusesWhatCannotBe) {
  EXPECT_THROW(split_windows(0, 0.95, 0.05), SpecError);
  EXPECT_THROW(split_windows(1, 0.95, 0.05), SpecError) << "no window is left for training";
  EXPECT_NO_THROW(split_windows(2, 0.95, 0.05));
  EXPECT_THROW(split_windows(10, 0.95, 0.1), SpecError);
  EXPECT_THROW(split_windows(10, NAN, 0.1), SpecError);
}

}  // namespace
}  // namespace cellwright
