// step_mask_test.cpp: a graph with a step mask skips the steps that do not count, in every way: values,
// states, losses and gradients are those of the shorter sequence, whatever stands in the padding.
#include <gtest/gtest.h>

#include <limits>

#include "graph/canonicalize.h"
#include "graph/derive.h"
#include "graph/graph_test_cells.h"
#include "graph/graph_test_values.h"
#include "graph/regularise.h"

namespace cellwright {
namespace {

using namespace cellwright::testing;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Per lane: whole; a shorter one; none at all; a hole in the middle.
const std::vector<std::vector<int>> kCounted = {{0, 1, 2, 3, 4, 5, 6}, {0, 1, 2, 3}, {}, {0, 1, 4, 6}};

bool counts(int lane, std::int64_t step) {
  const auto& steps = kCounted[static_cast<std::size_t>(lane)];
  return std::find(steps.begin(), steps.end(), static_cast<int>(step)) != steps.end();
}

double masked_noise(const Node& node, std::int64_t step, int lane, int unit) {
  if (node.op == Op::kStepMask) return counts(lane, step) ? 1 : 0;
  return test_normal(node, step, lane, unit);
}

/// Clocks and noise go by the step of the whole batch, so skipped steps are not the same as none.
bool goes_by_step(const Graph& graph) {
  for (const Node& node : graph.nodes) {
    if (node.op == Op::kClock || node.op == Op::kNormal) return true;
  }
  return false;
}

std::vector<std::vector<Vector>> of_lane(const std::vector<std::vector<Vector>>& states, std::size_t lane) {
  std::vector<std::vector<Vector>> one;
  for (const auto& state : states)
    one.push_back(state.empty() ? std::vector<Vector>() : std::vector<Vector>{state[lane]});
  return one;
}

std::vector<Sequence> of_lane(const std::vector<Sequence>& all, std::size_t lane) {
  std::vector<Sequence> one;
  for (const Sequence& s : all) {
    one.emplace_back();
    if (s.empty()) continue;
    for (int t : kCounted[lane]) one.back().push_back({s[static_cast<std::size_t>(t)][lane]});
  }
  return one;
}

void expect_near(const Vector& a, const Vector& b, const std::string& what) {
  ASSERT_EQ(a.size(), b.size()) << what;
  for (std::size_t k = 0; k < a.size(); ++k) EXPECT_NEAR(a[k], b[k], 1e-12) << what << ", unit " << k;
}

class WithStepMask : public ::testing::TestWithParam<std::size_t> {};

TEST_P(WithStepMask, SkipsWhatDoesNotCount) {
  const auto [name, source] = test_cells()[GetParam()];
  const std::size_t lanes = goes_by_step(source) ? 3 : 4;
  Values v = random_values(source, 5, 7, static_cast<int>(lanes));
  for (auto* sequences : {&v.inputs, &v.d_outputs}) {
    for (Sequence& s : *sequences) {
      for (std::size_t t = 0; t < s.size(); ++t) {
        for (std::size_t b = 0; b < lanes; ++b) {
          if (!counts(static_cast<int>(b), static_cast<int>(t))) s[t][b].assign(s[t][b].size(), kNaN);
        }
      }
    }
  }
  Graph masked = canonicalize(with_step_mask(source));
  const Backward masked_backward = derive(masked);
  Graph plain = canonicalize(source);
  const Backward plain_backward = derive(plain);

  const NaiveForward ours =
      naive_forward(masked, v.parameters, v.inputs, v.steps, v.lanes, v.start, 0, masked_noise);
  const NaiveGradients gradients = naive_backward(masked, masked_backward, v.parameters, v.inputs, ours,
                                                  v.start, v.d_outputs, v.d_loss, v.d_final);
  std::vector<Vector> sums;
  for (const Vector& p : gradients.parameters) sums.emplace_back(p.size(), 0.0);
  for (std::size_t b = 0; b < lanes; ++b) {
    const std::string lane = name + ", lane " + std::to_string(b);
    const auto noise = [&](const Node& node, std::int64_t step, int, int unit) {
      return test_normal(node, step, static_cast<int>(b), unit);
    };
    const auto inputs = of_lane(v.inputs, b), d_outputs = of_lane(v.d_outputs, b);
    const auto start = of_lane(v.start, b), d_final = of_lane(v.d_final, b);
    const int steps = static_cast<int>(kCounted[b].size());
    const NaiveForward alone = naive_forward(plain, v.parameters, inputs, steps, 1, start, 0, noise);
    for (std::size_t s = 0; s < plain.states.size(); ++s)
      expect_near(ours.final_states[s][b], alone.final_states[s][0], lane + ", " + plain.states[s].name);
    std::size_t at = 0;
    for (std::size_t t = 0; t < 7; ++t) {
      const bool counted = counts(static_cast<int>(b), static_cast<int>(t));
      for (std::size_t p = 0; p < plain.outputs.size(); ++p) {
        const Vector zero(static_cast<std::size_t>(plain.outputs[p].size), 0.0);
        expect_near(ours.outputs[p][t][b], counted ? alone.outputs[p][at][0] : zero, lane + ", output");
      }
      for (std::size_t l = 0; l < plain.losses.size(); ++l)
        EXPECT_NEAR(ours.losses[l][t][b], counted ? alone.losses[l][at][0] : 0, 1e-12) << lane;
      at += counted;
    }
    if (steps == 0) {  // the state passes through, and so does its gradient
      for (std::size_t s = 0; s < plain.states.size(); ++s)
        expect_near(gradients.start[s][b], d_final[s][0], lane + ", d_" + plain.states[s].name);
      for (std::size_t s = 0; s < plain.states.size(); ++s) {
        if (plain.states[s].start_parameter < 0) continue;
        Vector& sum = sums[static_cast<std::size_t>(plain.states[s].start_parameter)];
        for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += d_final[s][0][k];
      }
      continue;
    }
    const NaiveGradients expected = naive_backward(plain, plain_backward, v.parameters, inputs, alone, start,
                                                   d_outputs, v.d_loss, d_final);
    for (std::size_t p = 0; p < sums.size(); ++p) {
      for (std::size_t k = 0; k < sums[p].size(); ++k) sums[p][k] += expected.parameters[p][k];
    }
    for (std::size_t s = 0; s < plain.states.size(); ++s)
      expect_near(gradients.start[s][b], expected.start[s][0], lane + ", d_" + plain.states[s].name);
    for (std::size_t p = 0; p < plain.inputs.size(); ++p) {
      at = 0;
      for (std::size_t t = 0; t < 7; ++t) {
        const bool counted = counts(static_cast<int>(b), static_cast<int>(t));
        const Vector zero(static_cast<std::size_t>(plain.inputs[p].size), 0.0);
        expect_near(gradients.inputs[p][t][b], counted ? expected.inputs[p][at][0] : zero, lane + ", d_x");
        at += counted;
      }
    }
  }
  for (std::size_t p = 0; p < sums.size(); ++p)
    expect_near(gradients.parameters[p], sums[p], name + ", " + plain.parameters[p].name);
}

INSTANTIATE_TEST_SUITE_P(All, WithStepMask, ::testing::Range<std::size_t>(0, 9),
                         [](const auto& cell) { return test_cells()[cell.param].first; });

TEST(StepMaskGraph, KeepsIndicesOfStatesPortsAndLosses) {
  for (const auto& [name, source] : test_cells()) {
    const Graph masked = with_step_mask(source);
    ASSERT_EQ(masked.states.size(), source.states.size()) << name;
    ASSERT_EQ(masked.losses.size(), source.losses.size()) << name;
    for (std::size_t p = 0; p < source.inputs.size(); ++p)
      EXPECT_EQ(masked[masked.inputs[p].node].op, Op::kInput) << name;
    for (std::size_t i = 0; i < masked.nodes.size(); ++i) {
      for (NodeId input : masked.nodes[i].inputs) EXPECT_LT(input, static_cast<NodeId>(i)) << name;
    }
  }
}

}  // namespace
}  // namespace cellwright
