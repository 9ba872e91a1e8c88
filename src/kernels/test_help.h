// test_help.h: what the tests of kernels share: random arrays, distance in units of the last place, bit
// comparison.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "base/aligned.h"
#include "graph/op.h"
#include "kernels/kernels.h"

namespace cellwright::kernels::test {

template <class T>
AlignedArray<T> random_array(std::size_t n, std::uint32_t seed) {
  std::mt19937 generator(seed);
  AlignedArray<T> x(n);
  for (T& v : x) v = static_cast<T>(static_cast<double>(generator()) / 2147483648.0 - 1.0);
  return x;
}

/// True if both hold the same bits, NaN included.
template <class T>
bool same_bits(const T* x, const T* y, std::size_t n) {
  return std::memcmp(x, y, n * sizeof(T)) == 0;
}

/// |x - exact| in units of T's last place at `exact`; 0 if both are the same special value.
template <class T>
double ulps(T x, long double exact) {
  const T rounded = static_cast<T>(exact);
  if (std::isnan(rounded) || std::isnan(x)) return std::isnan(rounded) && std::isnan(x) ? 0 : 1e30;
  if (std::isinf(rounded) || std::isinf(x)) return rounded == x ? 0 : 1e30;
  int exponent = 0;
  std::frexp(std::fabs(exact), &exponent);
  const int least = std::numeric_limits<T>::min_exponent;
  const long double unit =
      std::ldexp(1.0L, (exponent < least ? least : exponent) - std::numeric_limits<T>::digits);
  return static_cast<double>(std::fabs(static_cast<long double>(x) - exact) / unit);
}

/// Targets whose multiply-add is fused: their chains have the reference's bits.
inline bool is_fused(const Kernels<float>& k) { return std::string(k.target) != "sse4"; }
inline bool is_fused(const Kernels<double>& k) { return std::string(k.target) != "sse4"; }

/// Runs f(table) for every available target but "scalar".
template <class T, class F>
void for_each_simd(const F& f) {
  for (const std::string& target : available_targets()) {
    if (target == "scalar") continue;
    SCOPED_TRACE(target + (sizeof(T) == 4 ? " float" : " double"));
    f(kernels<T>(target));
  }
}

}  // namespace cellwright::kernels::test
