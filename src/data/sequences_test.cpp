// sequences_test.cpp: every sequence once an epoch, the same order for a seed, little padding; windows of
// sequences; sets that do not fit.
#include "data/sequences.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "cellwright/error.h"

namespace cellwright {
namespace {

// Sequence i has lengths[i] steps; step t's input is 100 i + t, its target that + 0.5.
SequenceSet set_of(const std::vector<int>& lengths, bool each = true) {
  SequenceSet set;
  set.inputs = 1;
  set.target_width = 1;
  set.each = each;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    Sequence s;
    s.steps = lengths[i];
    for (int t = 0; t < s.steps; ++t) s.inputs.push_back(static_cast<float>(100 * i) + static_cast<float>(t));
    s.targets = {static_cast<float>(i)};
    if (each) {
      s.targets = s.inputs;
      for (float& y : s.targets) y += 0.5f;
    }
    set.sequences.push_back(s);
  }
  return set;
}

std::vector<int> lengths_of(int n) {
  std::vector<int> lengths;
  for (int i = 0; i < n; ++i) lengths.push_back(1 + i * 37 % 61);
  return lengths;
}

TEST(Sequences, EveryOneComesOnceAnEpochInAnOrderOfSeedAndEpoch) {
  const SequenceSet set = set_of(lengths_of(103));
  const BatchPlan plan = shuffled_batches(set, 4, 7, 2);
  std::vector<int> seen;
  for (const auto& batch : plan) {
    EXPECT_LE(batch.size(), 4u);
    seen.insert(seen.end(), batch.begin(), batch.end());
  }
  std::sort(seen.begin(), seen.end());
  ASSERT_EQ(seen.size(), 103u);
  for (int i = 0; i < 103; ++i) EXPECT_EQ(seen[static_cast<std::size_t>(i)], i);
  EXPECT_EQ(shuffled_batches(set, 4, 7, 2), plan);
  EXPECT_NE(shuffled_batches(set, 4, 7, 3), plan);
  EXPECT_NE(shuffled_batches(set, 4, 8, 2), plan);
}

TEST(Sequences, BatchesHoldSequencesOfLikeLength) {
  const SequenceSet set = set_of(lengths_of(200));
  const auto padded_steps = [&](const BatchPlan& plan) {
    int sum = 0;
    for (const auto& batch : plan) {
      SequenceBatch b;
      gather(set, batch, 0, 0, b);
      sum += b.steps * b.lanes;
    }
    return sum;
  };
  EXPECT_LT(padded_steps(batches_by_length(set, 8)), 1.05 * static_cast<double>(set.steps()));
  EXPECT_LT(padded_steps(shuffled_batches(set, 8, 1, 0)), 1.2 * static_cast<double>(set.steps()));
}

TEST(Sequences, WindowsAreCutAndPadded) {
  SequenceSet set = set_of({5, 3});
  set.sequences[0].counted = {1, 1, 1, 0, 1};
  SequenceBatch b;
  gather(set, {1, 0}, 2, 2, b);
  EXPECT_EQ(b.steps, 2);
  EXPECT_EQ(b.inputs, (std::vector<float>{102, 2, 0, 3}));
  EXPECT_EQ(b.targets, (std::vector<float>{102.5f, 2.5f, 0, 3.5f}));
  EXPECT_EQ(b.mask, (std::vector<std::uint8_t>{1, 1, 0, 1}));
  EXPECT_EQ(b.counted, (std::vector<std::uint8_t>{1, 1, 0, 0}));
  EXPECT_TRUE(b.padded);
  gather(set, {0}, 3, 1, b);
  EXPECT_FALSE(b.padded);
  EXPECT_FALSE(b.counts);
  gather(set, {0, 1}, 4, 0, b);
  EXPECT_EQ(b.steps, 1);
  const SequenceSet once = set_of({5, 3}, false);
  gather(once, {1, 0}, 0, 0, b);
  EXPECT_EQ(b.targets, (std::vector<float>{1, 0}));
  EXPECT_EQ(b.counted, (std::vector<std::uint8_t>{1, 1}));
  EXPECT_EQ(set.targets(), 7);
  EXPECT_EQ(once.targets(), 2);
}

TEST(Sequences, WhatDoesNotFitIsToldByName) {
  const auto message = [](const SequenceSet& set) -> std::string {
    try {
      set.check();
    } catch (const ShapeError& e) {
      return e.what();
    }
    return "";
  };
  SequenceSet set = set_of({5, 3});
  EXPECT_EQ(message(set), "");
  const std::uint64_t hash = set.hash();
  set.sequences[1].name = "b.csv";
  EXPECT_EQ(set.hash(), hash);
  set.sequences[1].inputs[0] += 1;
  EXPECT_NE(set.hash(), hash);
  set.sequences[1].targets.pop_back();
  EXPECT_EQ(message(set), "b.csv: 2 target numbers for 3 steps, expected 3");
  set.sequences[0].steps = 0;
  EXPECT_EQ(message(set), "sequence 0: it has no steps");
}

}  // namespace
}  // namespace cellwright
