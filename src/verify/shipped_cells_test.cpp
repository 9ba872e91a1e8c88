// Every shipped cell: plan = naive evaluation, gradients = central differences, bits independent of threads
// and streaming; with and without the optional inputs.
#include <gtest/gtest.h>

#include "support/shipped_bindings.h"
#include "verify/verify.h"

namespace cellwright {
namespace {

class ShippedCell : public testing::TestWithParam<std::string> {};

TEST_P(ShippedCell, HasRightPlanAndGradients) {
  const syntax::Cell cell = test::shipped(GetParam());
  for (const int units : {4, 18}) {  // 18: more than a panel of either type, and not a multiple of one
    for (const CellBinding& binding : test::shipped_bindings(GetParam(), units, 5)) {
      VerifyOptions options;
      options.binding = binding;
      options.differences = units == 4;
      const Verification v = verify_cell(cell, options);
      EXPECT_TRUE(v.passed) << v.failure;
      for (const GradientRow& row : v.full) EXPECT_GT(row.entries, 0u) << row.name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, ShippedCell, testing::ValuesIn(shipped_cells()),
                         [](const auto& name) { return name.param; });

}  // namespace
}  // namespace cellwright
