// denormals_test.cpp: the mode holds inside, and the caller's mode comes back.
#include "base/denormals.h"

#include <gtest/gtest.h>

#include <limits>

namespace cellwright {
namespace {

// volatile: the compiler would otherwise divide at compile time, in its own mode.
double half_of_smallest_normal() {
  volatile double x = std::numeric_limits<double>::min();
  volatile double half = x * 0.5;
  return half;
}
double denormal_times_large() {
  volatile double x = std::numeric_limits<double>::denorm_min();
  volatile double product = x * 0x1p100;
  return product;
}

TEST(FlushDenormals, FlushesResultsAndInputsAndRestores) {
  ASSERT_GT(half_of_smallest_normal(), 0);
  ASSERT_GT(denormal_times_large(), 0);
#if defined(__SSE2__) || defined(__aarch64__)
  {
    const FlushDenormals outer;
    EXPECT_EQ(half_of_smallest_normal(), 0);
    EXPECT_EQ(denormal_times_large(), 0);
    { const FlushDenormals inner; }
    EXPECT_EQ(half_of_smallest_normal(), 0) << "the inner object must give back the outer's mode";
    { const FlushDenormalsBriefly inner; }
    EXPECT_EQ(half_of_smallest_normal(), 0) << "the brief one too";
  }
  EXPECT_GT(half_of_smallest_normal(), 0);
  {
    const FlushDenormalsBriefly brief;
    EXPECT_EQ(half_of_smallest_normal(), 0);
    EXPECT_EQ(denormal_times_large(), 0);
  }
#endif
  EXPECT_GT(half_of_smallest_normal(), 0);
  EXPECT_GT(denormal_times_large(), 0);
}

}  // namespace
}  // namespace cellwright
