// split_test.cpp: where threads that share lanes must meet, and which way the model takes. That no way
// changes a bit is src/verify/threads_test.cpp.
#include "run/split.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "language/parse.h"
#include "run/runner.h"
#include "support/shipped_bindings.h"

namespace cellwright {
namespace {

Plan plan_of(const std::string& name, int units) {
  return make_plan(lower(test::shipped(name), {units, {units}, {}, {}}), true);
}

int waits(const Plan& plan, bool reverse, int parts) {
  return waits_of(LoopShares(plan, reverse, 16).of(parts));
}

// A thread's own units need no barrier; a product over all of them needs one.
TEST(UnitShares, ThreadsMeetBeforeEachProductThatReadsAllUnits) {
  struct Case {
    const char* cell;
    int forward, backward;
  };
  for (const Case& c : {Case{"lstm", 1, 1},             // h[t-1] to all gates; the gates' gradients to h[t-1]
                        Case{"gru_reset_after", 1, 1},  // the same
                        Case{"gru", 2, 2},        // r ⊙ h[t-1] is made from r, behind a product of its own
                        Case{"indrnn", 0, 0}}) {  // units see themselves alone
    const Plan plan = plan_of(c.cell, 64);
    for (const int parts : {2, 3, 4}) {
      EXPECT_EQ(waits(plan, false, parts), c.forward) << c.cell << " forward, " << parts;
      EXPECT_EQ(waits(plan, true, parts), c.backward) << c.cell << " backward, " << parts;
    }
    EXPECT_EQ(waits(plan, false, 1), 0) << c.cell;
  }
}

// A mean over units reads what all threads made, and whole rows are then taken by lanes.
TEST(UnitShares, ReductionsOverUnitsTakeWholeRows) {
  const Plan plan = plan_of("lstm_layernorm", 64);
  LoopShares shares(plan, false, 16);
  const std::vector<InstructionShares>& two = shares.of(2);
  EXPECT_TRUE(std::any_of(two.begin(), two.end(), [](const InstructionShares& s) { return s.by_lanes; }));
  EXPECT_GE(waits_of(two), 2);
}

// Every panel and unit has one thread, and no panel is cut.
TEST(UnitShares, DealOutEverythingOnce) {
  for (const std::string& name : shipped_cells()) {
    for (const CellBinding& binding : test::shipped_bindings(name, 72, 72)) {
      const Plan plan = make_plan(lower(test::shipped(name), binding), true);
      for (const bool reverse : {false, true}) {
        const Program& loop = reverse ? plan.backward_loop : plan.forward_loop;
        LoopShares shares(plan, reverse, 16);
        for (const int parts : {1, 2, 3, 7}) {
          const std::vector<InstructionShares>& all = shares.of(parts);
          ASSERT_EQ(all.size(), loop.instructions.size());
          for (std::size_t i = 0; i < all.size(); ++i) {
            const auto deals_out = [&](const std::vector<int>& borders, int count) {
              ASSERT_EQ(borders.size(), static_cast<std::size_t>(parts) + 1);
              EXPECT_TRUE(std::is_sorted(borders.begin(), borders.end())) << name;
              EXPECT_EQ(borders.front(), 0) << name;
              EXPECT_EQ(borders.back(), count) << name;
            };
            const Instruction& code = loop.instructions[i];
            for (std::size_t o = 0; o < code.products.size(); ++o)
              deals_out(all[i].panels[o], (code.products[o].width + 15) / 16);
            if (code.products.empty() && !code.by_row) deals_out(all[i].units, code.width);
          }
        }
      }
    }
  }
}

Split taken(const Plan& plan, int lanes, int threads) {
  LoopShares shares(plan, false, 16);
  return cheapest(estimate_splits(shares, 100, lanes, threads));
}

TEST(SplitCosts, TakeLanesWhereThereAreEnoughAndUnitsWhereTheyStarve) {
  const Plan plan = plan_of("lstm", 256);
  EXPECT_EQ(taken(plan, 64, 2).lanes, 2);
  EXPECT_EQ(taken(plan, 64, 2).units, 1);
  EXPECT_EQ(taken(plan, 1, 2).lanes, 1);
  EXPECT_EQ(taken(plan, 1, 2).units, 2);
  const Split both = taken(plan, 2, 8);
  EXPECT_GT(both.units, 1);
  EXPECT_LE(both.team(), 8);
  EXPECT_EQ(taken(plan, 64, 1).team(), 1);
  // Too little work to wake anybody for.
  EXPECT_EQ(taken(plan_of("lstm", 4), 1, 2).team(), 1);
}

TEST(SplitCosts, NeverTakeMoreThreadsThanThereAreNorPartsThanPanels) {
  const Plan plan = plan_of("lstm", 48);
  for (const int threads : {1, 2, 3, 5, 8, 64}) {
    for (const int lanes : {1, 2, 3, 20, 100}) {
      LoopShares shares(plan, false, 16);
      const std::vector<SplitEstimate> ways = estimate_splits(shares, 10, lanes, threads);
      EXPECT_EQ(ways.front().split.team(), 1);
      for (const SplitEstimate& e : ways) {
        EXPECT_LE(e.split.team(), threads);
        EXPECT_LE(e.split.lanes, lanes);
        EXPECT_LE(e.split.units, 3);
        EXPECT_GT(e.nanoseconds, 0);
      }
    }
  }
}

// The runner goes by the model, and by a split that it is given.
TEST(Runner, SplitsAsTheModelSaysUnlessTold) {
  const Plan plan = plan_of("lstm", 256);
  ThreadPool pool(2);
  const auto split_of = [&](RunOptions options, int lanes) {
    Runner<float> runner(plan, kernels::kernels<float>(), pool, options);
    runner.prepare(100, lanes);
    const AlignedArray<float> parameters(runner.layout().size());
    const AlignedArray<float> x(static_cast<std::size_t>(100 * lanes * 256));
    runner.bind(parameters.data());
    const float* inputs[] = {x.data()};
    LayerState<float> state = make_state<float>(plan, lanes);
    runner.forward(100, inputs, state);
    return runner.split(false);
  };
  EXPECT_EQ(split_of({}, 1).units, 2);
  EXPECT_EQ(split_of({}, 32).lanes, 2);
  RunOptions told;
  told.split = {1, 2};
  EXPECT_EQ(split_of(told, 32).units, 2);
}

}  // namespace
}  // namespace cellwright
