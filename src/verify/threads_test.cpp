// More threads than lanes, steps or units: the bits are those of one thread.
#include <gtest/gtest.h>

#include <algorithm>

#include "cellwright/error.h"
#include "support/shipped_bindings.h"
#include "verify/trial.h"

namespace cellwright {
namespace {

class Threads : public testing::TestWithParam<std::string> {};

TEST_P(Threads, BeyondLanesAndUnitsChangeNoBit) {
  const syntax::Cell cell = test::shipped(GetParam());
  for (const int units : {2, 18}) {
    for (const CellBinding& binding : test::shipped_bindings(GetParam(), units, 1)) {
      VerifyOptions options;
      options.binding = binding;
      const Plan plan = make_plan(lower(cell, binding), true);
      for (const int lanes : {1, 2, 9}) {
        for (const int steps : {1, 5}) {
          options.lanes = lanes;
          options.steps = steps;
          const TrialResult<float> one = Trial<float>(plan, options, 1).run(true);
          const TrialResult<float> seven = Trial<float>(plan, options, 7).run(true);
          const std::string where = std::to_string(units) + " units, " + std::to_string(lanes) + " lanes, " +
                                    std::to_string(steps) + " steps";
          EXPECT_EQ(one.outputs, seven.outputs) << where;
          EXPECT_EQ(one.final_states, seven.final_states) << where;
          EXPECT_EQ(one.d_parameters, seven.d_parameters) << where;
          EXPECT_EQ(one.d_inputs, seven.d_inputs) << where;
          EXPECT_EQ(one.d_start, seven.d_start) << where;
        }
      }
    }
  }
}

// However lanes and units are dealt out, more parts than there are of either among them.
TEST_P(Threads, EverySplitGivesTheSameBits) {
  const syntax::Cell cell = test::shipped(GetParam());
  const int units = 72;  // five panels, the last of them half full
  for (const CellBinding& binding : test::shipped_bindings(GetParam(), units, 3)) {
    VerifyOptions options;
    options.binding = binding;
    options.steps = 4;
    const Plan plan = make_plan(lower(cell, binding), true);
    for (const int lanes : {1, 5}) {
      options.lanes = lanes;
      options.split = {0, 0};
      const TrialResult<float> one = Trial<float>(plan, options, 1).run(true);
      for (const Split split : {Split{1, 2}, Split{1, 3}, Split{1, 7}, Split{2, 1}, Split{2, 2}, Split{2, 3},
                                Split{3, 2}, Split{7, 1}, Split{1, 1}}) {
        options.split = split;
        const TrialResult<float> many = Trial<float>(plan, options, std::max(2, split.team())).run(true);
        const std::string where = std::to_string(lanes) + " lanes, split by " + std::to_string(split.lanes) +
                                  " × " + std::to_string(split.units);
        EXPECT_EQ(one.outputs, many.outputs) << where;
        EXPECT_EQ(one.final_states, many.final_states) << where;
        EXPECT_EQ(one.d_parameters, many.d_parameters) << where;
        EXPECT_EQ(one.d_inputs, many.d_inputs) << where;
        EXPECT_EQ(one.d_start, many.d_start) << where;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, Threads, testing::ValuesIn(shipped_cells()),
                         [](const auto& name) { return name.param; });

// Rows are counted in int: 2^31 of them once became a negative number.
TEST(Runner, RefusesMoreRowsThanItCanCount) {
  VerifyOptions options;
  options.binding.units = 2;
  options.binding.inputs = {1};
  const Plan plan = make_plan(lower(test::shipped("rnn"), options.binding), false);
  ThreadPool pool(1);
  Runner<float> runner(plan, kernels::kernels<float>(), pool);
  EXPECT_THROW(runner.prepare(1 << 20, 1 << 11), ShapeError);
  EXPECT_THROW(runner.prepare(0, 1), ShapeError);
  runner.prepare(1 << 10, 1);
  EXPECT_THROW(runner.prepare(1, 1 << 21), ShapeError);  // with the steps of before
  runner.prepare(3, 2);                                  // a refusal changes nothing
}

}  // namespace
}  // namespace cellwright
