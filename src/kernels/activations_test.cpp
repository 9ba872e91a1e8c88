// activations_test.cpp: errors of exp, log, tanh, sigmoid and their kin against long double, and their
// special values.
#include <gtest/gtest.h>

#include <functional>

#include "base/denormals.h"
#include "kernels/test_help.h"

namespace cellwright::kernels::test {
namespace {

using Exact = long double (*)(long double);

long double exact_sigmoid(long double x) { return x < 0 ? expl(x) / (1 + expl(x)) : 1 / (1 + expl(-x)); }
long double exact_softplus(long double x) { return (x > 0 ? x : 0) + log1pl(expl(-fabsl(x))); }
long double exact_log_sigmoid(long double x) { return -exact_softplus(-x); }
long double exact_elu(long double x) { return x < 0 ? expm1l(x) : x; }

struct Function {
  const char* name;
  Op op;
  Exact exact;
  double most_ulps;
  bool positive_only;
};
const Function kFunctions[] = {
    {"sigmoid", Op::kSigmoid, exact_sigmoid, 2.5, false},
    {"tanh", Op::kTanh, tanhl, 2.5, false},
    {"exp", Op::kExp, expl, 4, false},
    {"log", Op::kLog, logl, 4, true},
    {"softplus", Op::kSoftplus, exact_softplus, 4, false},
    {"log_sigmoid", Op::kLogSigmoid, exact_log_sigmoid, 4, false},
    {"elu", Op::kElu, exact_elu, 4, false},
};

/// Every step-th number of each sign and exponent of the format (floats: by their bits), and a fine grid on
/// [-range, range].
template <class T>
AlignedArray<T> arguments(bool positive_only) {
  std::vector<T> x;
  const int low = std::numeric_limits<T>::min_exponent - std::numeric_limits<T>::digits,
            high = std::numeric_limits<T>::max_exponent;
  std::mt19937 generator(7);
  for (int exponent = low; exponent <= high; ++exponent) {
    for (int i = 0; i < (sizeof(T) == 4 ? 64 : 12); ++i) {
      const T v =
          static_cast<T>(std::ldexp(0.5L + static_cast<long double>(generator()) / 8589934592.0L, exponent));
      x.push_back(v);
      x.push_back(-v);
    }
  }
  const double range = sizeof(T) == 4 ? 110 : 760;
  for (int i = -30000; i <= 30000; ++i) {
    x.push_back(static_cast<T>(i * (range / 30000)));
    x.push_back(static_cast<T>(i * (4.0 / 30000)));
  }
  if (positive_only) {
    for (T& v : x) v = std::fabs(v);
  }
  AlignedArray<T> result(x.size());
  std::copy(x.begin(), x.end(), result.begin());
  return result;
}

template <class T>
class ActivationTest : public testing::Test {};
using Numbers = testing::Types<float, double>;
TYPED_TEST_SUITE(ActivationTest, Numbers);

TYPED_TEST(ActivationTest, AccurateOnesStayWithinTheirUnitsInTheLastPlace) {
  using T = TypeParam;
  for (const Function& f : kFunctions) {
    const AlignedArray<T> x = arguments<T>(f.positive_only);
    std::vector<long double> exact(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) exact[i] = f.exact(x[i]);
    for (const std::string& target : available_targets()) {
      AlignedArray<T> found(x.size());
      kernels<T>(target).tile_accurate[static_cast<int>(f.op)](found.data(), x.data(), nullptr, nullptr,
                                                               x.size());
      double most = 0;
      T where = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double error = ulps(found[i], exact[i]);
        if (error > most) most = error, where = x[i];
      }
      EXPECT_LE(most, f.most_ulps) << f.name << " on " << target << " at " << where;
      this->RecordProperty(std::string(f.name) + "_" + target, std::to_string(most));
    }
  }
}

TYPED_TEST(ActivationTest, FastOnesStayWithinAMillionthAndReachTheirLimits) {
  using T = TypeParam;
  const AlignedArray<T> x = arguments<T>(false);
  for_each_simd<T>([&](const Kernels<T>& k) {
    for (const auto& [op, exact, low, limit] : {std::tuple<Op, Exact, T, T>{Op::kTanh, tanhl, -1, T(20)},
                                                {Op::kSigmoid, exact_sigmoid, 0, T(40)}}) {
      AlignedArray<T> found(x.size());
      k.tile[static_cast<int>(op)](found.data(), x.data(), nullptr, nullptr, x.size());
      for (std::size_t i = 0; i < x.size(); ++i) {
        ASSERT_NEAR(found[i], static_cast<double>(exact(x[i])), 1e-6) << x[i];
        ASSERT_GE(found[i], low);
        ASSERT_LE(found[i], 1);
        ASSERT_TRUE(x[i] <= limit || found[i] == 1) << x[i];
        // Double's sigmoid is accurate in its tail, and so not 0.
        ASSERT_TRUE(x[i] >= -limit || found[i] == low || (sizeof(T) == 8 && op == Op::kSigmoid)) << x[i];
      }
    }
  });
}

TYPED_TEST(ActivationTest, FastTanhIsOddAndSigmoidSymmetric) {
  using T = TypeParam;
  AlignedArray<T> x = arguments<T>(true), minus = x;
  for (T& v : minus) v = -v;
  for_each_simd<T>([&](const Kernels<T>& k) {
    AlignedArray<T> up(x.size()), down(x.size());
    k.tile[static_cast<int>(Op::kTanh)](up.data(), x.data(), nullptr, nullptr, x.size());
    k.tile[static_cast<int>(Op::kTanh)](down.data(), minus.data(), nullptr, nullptr, x.size());
    for (std::size_t i = 0; i < x.size(); ++i) ASSERT_EQ(up[i], -down[i]) << x[i];
    k.tile[static_cast<int>(Op::kSigmoid)](up.data(), x.data(), nullptr, nullptr, x.size());
    k.tile[static_cast<int>(Op::kSigmoid)](down.data(), minus.data(), nullptr, nullptr, x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      ASSERT_NEAR(up[i] + down[i], 1, 2 * std::numeric_limits<T>::epsilon()) << x[i];
    }
  });
}

TYPED_TEST(ActivationTest, SpecialValuesAreSane) {
  using T = TypeParam;
  const T inf = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
  struct Case {
    Op op;
    T x, expected;
  };
  const Case cases[] = {
      {Op::kSigmoid, inf, 1},
      {Op::kSigmoid, -inf, 0},
      {Op::kSigmoid, T(-0.0), T(0.5)},
      {Op::kTanh, inf, 1},
      {Op::kTanh, -inf, -1},
      {Op::kTanh, T(-0.0), T(-0.0)},
      {Op::kExp, inf, inf},
      {Op::kExp, -inf, 0},
      {Op::kExp, T(-0.0), 1},
      {Op::kLog, inf, inf},
      {Op::kLog, 0, -inf},
      {Op::kLog, T(-0.0), -inf},
      {Op::kLog, 1, 0},
      {Op::kLog, -1, nan},
      {Op::kLog, -inf, nan},
      {Op::kSoftplus, inf, inf},
      {Op::kSoftplus, -inf, 0},
      {Op::kLogSigmoid, inf, 0},
      {Op::kLogSigmoid, -inf, -inf},
      {Op::kElu, inf, inf},
      {Op::kElu, -inf, -1},
      {Op::kElu, T(-0.0), T(-0.0)},
      {Op::kSoftsign, inf, 1},
      {Op::kSoftsign, -inf, -1},
      {Op::kHardSigmoid, inf, 1},
      {Op::kHardSigmoid, -inf, 0},
      {Op::kHardSigmoidKeras, 3, 1},
      {Op::kHardSigmoidKeras, -3, 0},
      {Op::kRelu, -inf, 0},
      {Op::kRelu, inf, inf},
      {Op::kSqrt, -1, nan},
      {Op::kReciprocal, 0, inf},
      {Op::kStep, 0, 0},
      {Op::kStep, T(0.1), 1},
      {Op::kSign, -5, -1},
      {Op::kSign, T(-0.0), 0},
      {Op::kSign, 7, 1},
      {Op::kInRange, 0, 0},
      {Op::kInRange, 1, 0},
      {Op::kInRange, T(0.3), 1},
  };
  for (const std::string& target : available_targets()) {
    const Kernels<T>& k = kernels<T>(target);
    for (const Case& c : cases) {
      for (auto* table : {&k.tile, &k.tile_accurate}) {
        T found = 17;
        (*table)[static_cast<int>(c.op)](&found, &c.x, nullptr, nullptr, 1);
        SCOPED_TRACE(testing::Message() << target << ", op " << static_cast<int>(c.op) << " of " << c.x);
        if (std::isnan(c.expected)) {
          EXPECT_TRUE(std::isnan(found)) << found;
        } else {
          EXPECT_EQ(found, c.expected);
          EXPECT_EQ(std::signbit(found) && c.expected == 0 && std::signbit(c.x),
                    std::signbit(c.expected) && c.expected == 0);
        }
      }
    }
  }
}

TYPED_TEST(ActivationTest, NaNStaysNaNInEveryLane) {
  using T = TypeParam;
  for_each_simd<T>([](const Kernels<T>& k) {
    for (Op op : {Op::kNegate,      Op::kSigmoid,
                  Op::kTanh,        Op::kRelu,
                  Op::kExp,         Op::kLog,
                  Op::kLogSigmoid,  Op::kSoftplus,
                  Op::kSqrt,        Op::kSquare,
                  Op::kAbs,         Op::kReciprocal,
                  Op::kHardSigmoid, Op::kHardSigmoidKeras,
                  Op::kSoftsign,    Op::kElu,
                  Op::kIdentity,    Op::kAdd,
                  Op::kSub,         Op::kMul,
                  Op::kDiv,         Op::kMax,
                  Op::kMin}) {
      const int n = 19;
      for (int at = 0; at < n; ++at) {
        for (int operand = 0; operand < (op >= Op::kAdd ? 2 : 1); ++operand) {
          T x[2][n], out[n];
          for (int i = 0; i < n; ++i) x[0][i] = x[1][i] = 1;
          x[operand][at] = std::numeric_limits<T>::quiet_NaN();
          for (auto* table : {&k.tile, &k.tile_accurate}) {
            (*table)[static_cast<int>(op)](out, x[0], x[1], nullptr, n);
            for (int i = 0; i < n; ++i)
              EXPECT_EQ(std::isnan(out[i]), i == at) << "op " << static_cast<int>(op);
          }
        }
      }
    }
  });
}

TYPED_TEST(ActivationTest, FlushedDenormalsHarmNothingElse) {
  using T = TypeParam;
  const T least = std::numeric_limits<T>::min();
  for_each_simd<T>([&](const Kernels<T>& k) {
    for (const Function& f : kFunctions) {
      AlignedArray<T> x = arguments<T>(f.positive_only), plain(x.size()), flushed(x.size());
      for (T& v : x) v = std::fabs(v) < least ? std::copysign(least, v) : v;
      k.tile_accurate[static_cast<int>(f.op)](plain.data(), x.data(), nullptr, nullptr, x.size());
      {
        const FlushDenormals flush;
        k.tile_accurate[static_cast<int>(f.op)](flushed.data(), x.data(), nullptr, nullptr, x.size());
      }
      for (std::size_t i = 0; i < x.size(); ++i) {
        if (plain[i] == flushed[i]) continue;  // infinite ones too
        const T tolerance = std::max(least, 4 * std::numeric_limits<T>::epsilon() * std::fabs(plain[i]));
        ASSERT_LE(std::fabs(plain[i] - flushed[i]), tolerance) << f.name << " at " << x[i];
      }
    }
  });
}

}  // namespace
}  // namespace cellwright::kernels::test
