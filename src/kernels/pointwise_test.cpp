// pointwise_test.cpp: every pointwise op and reduction against the scalar reference; tails, positions,
// aliasing; the 16-lane tree and the cross-entropy.
#include <gtest/gtest.h>

#include <set>

#include "kernels/softmax_row.h"
#include "kernels/test_help.h"

namespace cellwright::kernels::test {
namespace {

constexpr std::size_t index(Op op) { return static_cast<std::size_t>(op); }
bool is_reduction(Op op) { return op == Op::kSum || op == Op::kSoftmax; }

template <class T>
class Pointwise : public testing::Test {};
using Numbers = testing::Types<float, double>;
TYPED_TEST_SUITE(Pointwise, Numbers);

TYPED_TEST(Pointwise, EveryTargetHasTheSameOps) {
  using T = TypeParam;
  const Kernels<T>& reference = kernels<T>("scalar");
  for_each_simd<T>([&](const Kernels<T>& k) {
    for (std::size_t op = 0; op < kOpCount; ++op) {
      EXPECT_EQ(k.tile[op] == nullptr, reference.tile[op] == nullptr) << op;
      EXPECT_EQ(k.tile_accurate[op] == nullptr, reference.tile_accurate[op] == nullptr) << op;
    }
    EXPECT_NE(k.tile[index(Op::kSelect)], nullptr);
  });
}

TYPED_TEST(Pointwise, EveryOpEqualsTheReference) {
  using T = TypeParam;
  // Arithmetic is exact to the bit; functions within both sides' errors.
  const std::set<Op> rounded = {Op::kSigmoid,    Op::kTanh,     Op::kExp, Op::kLog,
                                Op::kLogSigmoid, Op::kSoftplus, Op::kElu, Op::kSoftmax,
                                Op::kMulSigmoid, Op::kMulTanh,  Op::kAddSigmoid, Op::kAddTanh};
  const std::size_t n = 333;
  AlignedArray<T> a = random_array<T>(n, 1), b = random_array<T>(n, 2), c = random_array<T>(n, 3);
  for (std::size_t i = 0; i < n; i += 7) a[i] = b[i] = 0;
  for (std::size_t i = 0; i < n; ++i) a[i] *= 4;
  for_each_simd<T>([&](const Kernels<T>& k) {
    for (std::size_t op = 0; op < kOpCount; ++op) {
      if (k.tile[op] == nullptr) continue;
      AlignedArray<T> found(n), expected(n);
      kernels<T>("scalar").tile[op](expected.data(), a.data(), b.data(), c.data(), n);
      for (bool accurate : {false, true}) {
        (accurate ? k.tile_accurate : k.tile)[op](found.data(), a.data(), b.data(), c.data(), n);
        for (std::size_t i = 0; i < n; ++i) {
          if (rounded.count(static_cast<Op>(op)) && !std::isnan(expected[i]) && !std::isinf(expected[i])) {
            const bool fast = !accurate && sizeof(T) == 4;
            const double tolerance =
                (fast ? 1e-6 : 0) + 8 * std::numeric_limits<T>::epsilon() * std::fabs(expected[i]);
            ASSERT_NEAR(found[i], expected[i], tolerance) << "op " << op << " at " << i;
          } else if (!std::isnan(expected[i]) || !std::isnan(found[i])) {
            ASSERT_TRUE(same_bits(&found[i], &expected[i], 1))
                << "op " << op << " at " << i << ": " << found[i];
          }
        }
      }
    }
  });
}

TYPED_TEST(Pointwise, AResultDoesNotDependOnWhereItStands) {
  using T = TypeParam;
  const std::size_t most = 70, room = 16;
  AlignedArray<T> a = random_array<T>(most + room, 1), b = random_array<T>(most + room, 2),
                  c = random_array<T>(most + room, 3);
  for (T& v : a) v *= 9;
  for_each_simd<T>([&](const Kernels<T>& k) {
    for (std::size_t op = 0; op < kOpCount; ++op) {
      if (k.tile[op] == nullptr || is_reduction(static_cast<Op>(op)) || static_cast<Op>(op) == Op::kBroadcast)
        continue;
      for (const auto* table : {&k.tile, &k.tile_accurate}) {
        const TileFunction<T> f = (*table)[op];
        AlignedArray<T> whole(most + room);
        f(whole.data(), a.data(), b.data(), c.data(), most + room);
        for (std::size_t n = 1; n <= most; ++n) {
          const std::size_t at = n % room;  // another alignment and another lane each time
          AlignedArray<T> found(most + 2 * room);
          found.fill(T(77));
          f(found.data() + at, a.data() + at, b.data() + at, c.data() + at, n);
          ASSERT_TRUE(same_bits(found.data() + at, whole.data() + at, n)) << "op " << op << ", n " << n;
          for (std::size_t i = 0; i < found.size(); ++i) {
            ASSERT_TRUE((i >= at && i < at + n) || found[i] == T(77))
                << "op " << op << ", n " << n << " wrote at " << i;
          }
        }
      }
    }
  });
}

TYPED_TEST(Pointwise, OutMayBeAnyOperand) {
  using T = TypeParam;
  const std::size_t n = 45;
  const AlignedArray<T> x[3] = {random_array<T>(n, 1), random_array<T>(n, 2), random_array<T>(n, 3)};
  for_each_simd<T>([&](const Kernels<T>& k) {
    for (std::size_t op = 0; op < kOpCount; ++op) {
      if (k.tile[op] == nullptr) continue;
      const std::size_t written = static_cast<Op>(op) == Op::kSum ? 1 : n;
      AlignedArray<T> expected(n);
      k.tile[op](expected.data(), x[0].data(), x[1].data(), x[2].data(), n);
      for (int alias = 0; alias < 3; ++alias) {
        AlignedArray<T> y[3] = {x[0], x[1], x[2]};
        k.tile[op](y[alias].data(), y[0].data(), y[1].data(), y[2].data(), n);
        EXPECT_TRUE(same_bits(y[alias].data(), expected.data(), written))
            << "op " << op << ", operand " << alias;
      }
    }
  });
}

TYPED_TEST(Pointwise, SumsAreTheTreeOf16Lanes) {
  using T = TypeParam;
  for (std::size_t n : {0, 1, 3, 8, 15, 16, 17, 31, 32, 100, 1000, 1037}) {
    const AlignedArray<T> x = random_array<T>(n + 1, 5);
    // The tree of kernels.h, spelled out.
    T lane[16] = {};
    double square[16] = {};
    for (std::size_t i = 0; i < n; ++i) lane[i % 16] += x[i], square[i % 16] += double(x[i]) * double(x[i]);
    for (int half : {8, 4, 2, 1}) {
      for (int l = 0; l < half; ++l) lane[l] += lane[l + half], square[l] += square[l + half];
    }
    for (const std::string& target : available_targets()) {
      T found = 5;
      kernels<T>(target).tile[index(Op::kSum)](&found, x.data(), nullptr, nullptr, n);
      EXPECT_EQ(found, lane[0]) << target << " n " << n;
      EXPECT_EQ(kernels<T>(target).sum_of_squares(x.data(), n), square[0]) << target << " n " << n;
    }
  }
}

TYPED_TEST(Pointwise, SoftmaxIsAccurateAndStandsLargeShifts) {
  using T = TypeParam;
  for (std::size_t n : {1, 2, 7, 16, 33, 65, 500}) {
    for (T shift : {T(0), T(5000), T(-5000)}) {
      AlignedArray<T> x = random_array<T>(n, 6);
      for (T& v : x) v = v * 20 + shift;
      long double most = -1e30L, total = 0;
      for (T v : x) most = std::max<long double>(most, v);
      for (T v : x) total += expl(v - most);
      for (const std::string& target : available_targets()) {
        AlignedArray<T> found(n);
        kernels<T>(target).tile[index(Op::kSoftmax)](found.data(), x.data(), nullptr, nullptr, n);
        for (std::size_t i = 0; i < n; ++i) {
          const double exact = static_cast<double>(expl(x[i] - most) / total);
          // The difference to the largest is itself rounded, which the exponential magnifies.
          const double slack = 8 + static_cast<double>(most - x[i]);
          EXPECT_NEAR(found[i], exact, slack * std::numeric_limits<T>::epsilon() * exact)
              << target << " n " << n;
        }
      }
    }
  }
}

TYPED_TEST(Pointwise, CrossEntropyAndItsGradientAreThoseOfTheDefinition) {
  using T = TypeParam;
  for (int classes : {1, 2, 5, 16, 65, 300, 10000}) {
    AlignedArray<T> x = random_array<T>(static_cast<std::size_t>(classes), 7);
    for (T& v : x) v *= 6;
    const int target_class = classes / 3;
    long double most = -1e30L, total = 0;
    for (T v : x) most = std::max<long double>(most, v);
    for (T v : x) total += expl(v - most);
    const double exact = static_cast<double>(logl(total) + most - x[target_class]);
    const double epsilon = std::numeric_limits<T>::epsilon();
    for (const std::string& target : available_targets()) {
      const Kernels<T>& k = kernels<T>(target);
      EXPECT_NEAR(softmax_cross_entropy(k, x.data(), classes, target_class, T(0), T(1), nullptr), exact,
                  20 * epsilon)
          << target;
      AlignedArray<T> d(x.size()), in_place = x;
      const double loss = softmax_cross_entropy(k, x.data(), classes, target_class, T(0), T(0.25), d.data());
      EXPECT_EQ(loss, softmax_cross_entropy(k, x.data(), classes, target_class, T(0), T(1), nullptr));
      EXPECT_EQ(loss, softmax_cross_entropy(k, in_place.data(), classes, target_class, T(0), T(0.25),
                                              in_place.data()));
      EXPECT_TRUE(same_bits(d.data(), in_place.data(), d.size())) << "in place";
      for (int i = 0; i < classes; ++i) {
        const double p = static_cast<double>(expl(x[i] - most) / total);
        ASSERT_NEAR(d[i], 0.25 * (p - (i == target_class)), 30 * epsilon * (p + (i == target_class)))
            << target << " at " << i;
      }
      for (const int stretch : {1, 7, 64, 256}) {  // however the row is cut
        EXPECT_NEAR(softmax_cross_entropy(k, x.data(), classes, target_class, T(0), T(0.25), d.data(), stretch), exact,
                    20 * epsilon)
            << target << " in stretches of " << stretch;
        for (int i = 0; i < classes; ++i) {
          const double p = static_cast<double>(expl(x[i] - most) / total);
          ASSERT_NEAR(d[i], 0.25 * (p - (i == target_class)), 60 * epsilon * (p + (i == target_class)))
              << target << " at " << i << " in stretches of " << stretch;
        }
      }
    }
  }
}

TYPED_TEST(Pointwise, CrossEntropyShowsNaNAndMasksMinusInfinity) {
  using T = TypeParam;
  const T inf = std::numeric_limits<T>::infinity();
  for (const std::string& target : available_targets()) {
    const Kernels<T>& k = kernels<T>(target);
    T x[20] = {}, d[20];
    x[3] = std::numeric_limits<T>::quiet_NaN();
    EXPECT_TRUE(std::isnan(softmax_cross_entropy(k, x, 20, 5, T(0), T(1), d))) << target;
    EXPECT_TRUE(std::isnan(d[7])) << target;
    for (int i = 0; i < 20; ++i) x[i] = i < 10 ? T(0) : -inf;  // ten equal, ten impossible
    EXPECT_NEAR(softmax_cross_entropy(k, x, 20, 5, T(0), T(1), d), 2.302585092994046, 1e-6) << target;
    EXPECT_EQ(d[15], T(0)) << target;
    EXPECT_NEAR(softmax_cross_entropy(k, x, 20, 5, T(0), T(1), d, 5), 2.302585092994046, 1e-6) << target;
    EXPECT_EQ(d[15], T(0)) << target << ": a stretch of impossible classes alone";
  }
}

}  // namespace
}  // namespace cellwright::kernels::test
