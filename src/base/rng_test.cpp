// rng_test.cpp: the paper's known answers, and that what is drawn has the promised distribution.
#include "base/rng.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

namespace cellwright {
namespace {

using Block = std::array<std::uint32_t, 4>;

TEST(Philox, GivesTheKnownAnswersOfRandom123) {
  EXPECT_EQ(philox({0, 0}, {0, 0, 0, 0}), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  const std::uint32_t f = 0xffffffff;
  EXPECT_EQ(philox({f, f}, {f, f, f, f}), (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0xa4093822, 0x299f31d0}, {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(HashName, IsFnv1a64) {  // values of the algorithm's published test suite
  EXPECT_EQ(hash_name(""), 0xcbf29ce484222325u);
  EXPECT_EQ(hash_name("a"), 0xaf63dc4c8601ec8cu);
  EXPECT_EQ(hash_name("foobar"), 0x85944171f73967e8u);
}

TEST(Random, NeverRepeatsOverNeighbouringSeedsStreamsAndPositions) {
  std::set<std::uint64_t> seen;
  int drawn = 0;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    for (std::uint64_t stream = 0; stream < 8; ++stream) {
      const Random random(seed, stream);
      for (std::uint64_t i = 0; i < 8; ++i) {
        for (std::uint64_t j = 0; j < 8; ++j, ++drawn) seen.insert(random.bits(i, j));
      }
    }
  }
  EXPECT_EQ(static_cast<int>(seen.size()), drawn);
}

TEST(Random, IsAFunctionOfPositionAlone) {
  const Random a(7, hash_name("mask"));
  const Random b = a;
  const double late = a.normal(1000, 3);
  (void)b.uniform(5);
  EXPECT_EQ(b.normal(1000, 3), late);
}

TEST(Random, UniformHasTheMomentsOfUniformAndStaysInside) {
  const Random random(1, 2);
  const int n = 200000;
  double sum = 0, squares = 0;
  for (int i = 0; i < n; ++i) {
    const double u = random.uniform(i);
    ASSERT_GT(u, 0.0);
    ASSERT_LT(u, 1.0);
    sum += u;
    squares += u * u;
  }
  EXPECT_NEAR(sum / n, 0.5, 5 * std::sqrt(1.0 / 12 / n));
  EXPECT_NEAR(squares / n, 1.0 / 3, 5 * std::sqrt(4.0 / 45 / n));
}

TEST(Random, NormalHasTheMomentsOfNormal) {
  const Random random(3, 4);
  const int n = 200000;
  double m1 = 0, m2 = 0, m4 = 0;
  int inside = 0;
  for (int i = 0; i < n; ++i) {
    const double x = random.normal(i, 9);
    m1 += x;
    m2 += x * x;
    m4 += x * x * x * x;
    inside += std::fabs(x) < 1;
  }
  EXPECT_NEAR(m1 / n, 0, 5 / std::sqrt(n));
  EXPECT_NEAR(m2 / n, 1, 5 * std::sqrt(2.0 / n));
  EXPECT_NEAR(m4 / n, 3, 5 * std::sqrt(96.0 / n));
  EXPECT_NEAR(inside / double(n), std::erf(std::sqrt(0.5)), 0.006);
}

TEST(Random, BelowIsTheHighHalfOfTheProductAndReachesEveryValue) {
  const Random random(5, 6);
  EXPECT_EQ(random.below(1, 17), 0u);
  std::vector<int> counts(7);
  for (int i = 0; i < 70000; ++i) ++counts.at(random.below(7, i));
  for (const int count : counts) EXPECT_NEAR(count, 10000, 5 * std::sqrt(10000.0 * 6 / 7));
#ifdef __SIZEOF_INT128__
  for (const std::uint64_t n : {std::uint64_t{3}, std::uint64_t{1} << 33, ~std::uint64_t{0}}) {
    for (int i = 0; i < 1000; ++i) {
      const auto product = static_cast<unsigned __int128>(random.bits(i)) * n;
      ASSERT_EQ(random.below(n, i), static_cast<std::uint64_t>(product >> 64));
    }
  }
#endif
}

}  // namespace
}  // namespace cellwright
