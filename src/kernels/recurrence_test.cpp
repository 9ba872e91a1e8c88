// recurrence_test.cpp: s ← a ⊙ s + b against the scalar reference, to the bit: tails, steps backwards,
// operands that stay; and all steps as one against the steps.
#include <gtest/gtest.h>

#include "kernels/test_help.h"

namespace cellwright::kernels::test {
namespace {

template <class T>
class RecurrenceKernel : public testing::Test {};
using Numbers = testing::Types<float, double>;
TYPED_TEST_SUITE(RecurrenceKernel, Numbers);

constexpr int kSteps = 19;
constexpr std::size_t kRow = 101;

template <class T>
struct Case {
  AlignedArray<T> a = random_array<T>(kRow * kSteps, 1), b = random_array<T>(kRow * kSteps, 2),
                  start = random_array<T>(kRow, 3);

  Recurrence<T> of(std::size_t n, bool fixed, bool reverse) const {
    const auto row = static_cast<std::ptrdiff_t>(kRow);
    const std::ptrdiff_t last = row * (kSteps - 1);
    return {a.data() + (fixed || !reverse ? 0 : last),
            fixed     ? 0
            : reverse ? -row
                      : row,
            b.data() + (reverse ? last : 0),
            reverse ? -row : row,
            kSteps,
            n};
  }
};

TYPED_TEST(RecurrenceKernel, HasTheReferencesBits) {
  using T = TypeParam;
  const Case<T> c;
  for_each_simd<T>([&](const Kernels<T>& k) {
    for (const std::size_t n : {std::size_t{1}, std::size_t{3}, std::size_t{8}, std::size_t{16},
                                std::size_t{37}, std::size_t{64}, kRow}) {
      for (const bool fixed : {false, true}) {
        for (const bool reverse : {false, true}) {
          const Recurrence<T> r = c.of(n, fixed, reverse);
          AlignedArray<T> expected(kRow * kSteps), found(kRow * kSteps);
          kernels<T>("scalar").recurrence(r, c.start.data(), expected.data(), kRow);
          k.recurrence(r, c.start.data(), found.data(), kRow);
          EXPECT_TRUE(same_bits(found.data(), expected.data(), found.size())) << n << fixed << reverse;
          AlignedArray<T> factor(2 * kRow), rest(2 * kRow);
          for (std::size_t j = 0; j < kRow; ++j) {
            factor[j] = factor[kRow + j] = c.start[j];
            rest[j] = rest[kRow + j] = c.a[j];
          }
          kernels<T>("scalar").recurrence_summary(r, factor.data(), rest.data());
          k.recurrence_summary(r, factor.data() + kRow, rest.data() + kRow);
          EXPECT_TRUE(same_bits(factor.data(), factor.data() + kRow, kRow)) << n << fixed << reverse;
          EXPECT_TRUE(same_bits(rest.data(), rest.data() + kRow, kRow)) << n << fixed << reverse;
        }
      }
    }
  });
}

TYPED_TEST(RecurrenceKernel, TheStepsAsOneLeadWhereTheStepsLead) {
  using T = TypeParam;
  const Case<T> c;
  for (const std::string& target : available_targets()) {
    const Kernels<T>& k = kernels<T>(target);
    const Recurrence<T> r = c.of(kRow, false, false);
    AlignedArray<T> out(kRow * kSteps), factor(kRow), rest(kRow);
    k.recurrence(r, c.start.data(), out.data(), kRow);
    factor.fill(T(1));
    k.recurrence_summary(r, factor.data(), rest.data());
    for (std::size_t j = 0; j < kRow; ++j) {
      EXPECT_NEAR(factor[j] * c.start[j] + rest[j], out[kRow * (kSteps - 1) + j],
                  kSteps * std::numeric_limits<T>::epsilon() * 4);
    }
  }
}

}  // namespace
}  // namespace cellwright::kernels::test
