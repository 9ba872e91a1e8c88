// ahead_test.cpp: what products fetch is what the pointwise programs read next, and nothing that is at hand.
#include "run/ahead.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "language/lower.h"
#include "language/parse.h"
#include "language/shipped.h"

namespace cellwright {
namespace {

Plan lstm(bool training) {
  return make_plan(lower(syntax::parse_cell(shipped_cell_text("lstm"), "lstm.cell"), CellBinding{8, {40}, {}, {}}),
                   training);
}

std::set<std::string> names_of(const Plan& plan, const std::vector<AheadRows>& ahead) {
  std::set<std::string> names;
  for (const AheadRows& a : ahead) names.insert(plan.buffers[static_cast<std::size_t>(a.buffer)].name);
  return names;
}

TEST(Ahead, AnLstmGoingBackFetchesTheGatesOfTheStepBefore) {
  const Plan plan = lstm(true);
  const auto ahead = find_ahead(plan, plan.backward_loop, -1);
  ASSERT_EQ(ahead.size(), 2u);
  EXPECT_TRUE(ahead[0].empty()) << "only a product has time";
  const std::set<std::string> names = names_of(plan, ahead[1]);
  for (const char* gate : {"f", "i", "C̃", "o", "C[t-1]", "d_h"}) EXPECT_EQ(names.count(gate), 1u) << gate;
  for (const AheadRows& a : ahead[1]) {
    EXPECT_EQ(a.steps, -1);
    EXPECT_EQ(plan.buffers[static_cast<std::size_t>(a.buffer)].ring, 0) << "the others stay in the cache";
  }
}

TEST(Ahead, WhatTheStepBeforeTouchedIsAtHand) {
  const Plan plan = lstm(true);
  for (const auto& list : find_ahead(plan, plan.forward_loop, 1)) {
    for (const AheadRows& a : list) {
      const Buffer& b = plan.buffers[static_cast<std::size_t>(a.buffer)];
      // The state before this step is the one after the last.
      EXPECT_FALSE(b.kind == Buffer::Kind::kState && a.steps + a.shift == 0) << b.name;
    }
  }
}

}  // namespace
}  // namespace cellwright
