// memory_test.cpp: amounts of memory, budgets and what does not fit. Predicted against measured peaks:
// scripts/results/memory.
#include "train/memory.h"

#include <gtest/gtest.h>

#include "cellwright/error.h"
#include "nn/test_help.h"

namespace cellwright {
namespace {

TEST(Memory, AmountsAreRead) {
  EXPECT_EQ(parse_bytes("2G", "--memory"), 2000000000u);
  EXPECT_EQ(parse_bytes("1.5GiB", "--memory"), 1610612736u);
  EXPECT_EQ(parse_bytes("800MB", "--memory"), 800000000u);
  EXPECT_EQ(parse_bytes("12345", "--memory"), 12345u);
  for (const char* bad : {"", "G", "2X", "-1G", "0", "1.2.3M", "2Gi2", "nan", "1e30T"})
    EXPECT_THROW(parse_bytes(bad, "--memory"), SpecError) << bad;
}

TEST(Memory, ABudgetTakesTheFewestStretchesThatFitOrSaysTheLeast) {
  Model<float> model(test::stack(20, 8, {{"lstm", 16}, {"gru", 8}}), test::engine(1));
  TrainOptions options;
  options.steps = 1000;
  options.batch = 3;
  MemoryRequest request;
  request.valid_lanes = 2;
  request.valid_steps = 1000;
  const MemoryPlan whole = plan_memory(model, options, request);
  EXPECT_EQ(whole.stretch, 0);
  for (const int percent : {100, 80, 50, 30}) {
    request.budget = whole.total() / 100 * static_cast<std::size_t>(percent) + 100;
    const MemoryPlan plan = plan_memory(model, options, request);
    EXPECT_LE(plan.total(), request.budget);
    EXPECT_EQ(plan.stretches == 1, percent == 100);
    EXPECT_GT(plan.total(), request.budget / 4);
  }
  request.budget = 1000;
  try {
    plan_memory(model, options, request);
    ADD_FAILURE() << "1 kB was enough";
  } catch (const SpecError& e) {
    EXPECT_NE(std::string(e.what()).find("needs"), std::string::npos) << e.what();
  }
}

}  // namespace
}  // namespace cellwright
