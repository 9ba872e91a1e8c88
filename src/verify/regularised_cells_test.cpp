// Every shipped cell with every regulariser that it offers a site for: plan = naive evaluation, gradients =
// central differences under the masks drawn, bits independent of threads, windows and streaming; and an error
// where there is no site.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "cellwright/error.h"
#include "graph/regularise.h"
#include "language/parse.h"
#include "language/shipped.h"
#include "support/shipped_bindings.h"
#include "verify/trial.h"
#include "verify/verify.h"

namespace cellwright {
namespace {

/// With its optional inputs, where it has any.
Graph lowered(const std::string& name) {
  return lower(test::shipped(name), test::shipped_bindings(name, 4, 5).back());
}

bool has_states(const Graph& graph) {
  for (const State& s : graph.states) {
    if (s.zone >= 0) return true;
  }
  return false;
}

bool meets_a_state(const Graph& graph) {
  for (const auto& ranges : recurrent_columns(graph)) {
    if (!ranges.empty()) return true;
  }
  return false;
}

bool first_output_is_a_state(const Graph& graph) {
  for (const State& s : graph.states) {
    if (s.next == graph.outputs[0].node) return true;
  }
  return false;
}

/// What goes together without hiding one another.
std::vector<Regularisation> options_for(const Graph& graph) {
  std::vector<Regularisation> all(has_states(graph) ? 4 : 3);
  all[0].input_dropout = 0.3;
  all[0].output_dropout = 0.5;
  all[1].input_dropout = all[1].output_dropout = 0.4;
  all[1].variational = true;
  if (meets_a_state(graph)) all[1].recurrent_dropout = 0.25;
  all[2].activation_penalty = 2;
  if (first_output_is_a_state(graph)) all[2].temporal_penalty = 1.5;
  all[2].output_dropout = 0.5;
  if (has_states(graph)) all[3].zoneout = {{"", 0.3}};
  return all;
}

class RegularisedCell : public testing::TestWithParam<std::string> {};

TEST_P(RegularisedCell, HasRightPlanAndGradients) {
  const Graph source = lowered(GetParam());
  int number = 0;
  for (const Regularisation& r : options_for(source)) {
    VerifyOptions options;
    options.steps = 5;
    const Graph graph = regularise(source, r, true);
    const Verification v = verify_plans(graph, make_plan(graph, true), make_plan(graph, false), options);
    EXPECT_TRUE(v.passed) << "options " << number << ": " << v.failure;
    for (const GradientRow& row : v.full) EXPECT_GT(row.entries, 0u) << row.name;
    ++number;
  }
}

TEST_P(RegularisedCell, CutsParametersAlikeInEveryPlan) {
  const Graph source = lowered(GetParam());
  const auto describe = [](const Plan& plan) {
    std::vector<std::vector<int>> pieces;
    for (const Piece& p : plan.pieces)
      pieces.push_back({p.parameter, p.row, p.rows, p.column, p.columns, p.matrix});
    return pieces;
  };
  const auto plain = describe(make_plan(source, false));
  for (const Regularisation& r : options_for(source)) {
    for (const bool training : {true, false}) {
      const Graph graph = regularise(source, r, training);
      EXPECT_EQ(describe(make_plan(graph, training)), plain);
      EXPECT_EQ(describe(make_plan(with_step_mask(graph), training)), plain);
    }
  }
}

TEST_P(RegularisedCell, RefusesWhatItHasNoSiteFor) {
  const Graph source = lowered(GetParam());
  Regularisation recurrent, temporal, zones;
  zones.zoneout = {{"", 0.3}};
  recurrent.recurrent_dropout = 0.5;
  temporal.temporal_penalty = 1;
  if (meets_a_state(source)) {
    EXPECT_NO_THROW(regularise(source, recurrent, true));
  } else {
    EXPECT_THROW(regularise(source, recurrent, true), SpecError);
    EXPECT_THROW(regularise(source, recurrent, false), SpecError);
  }
  if (has_states(source)) {
    EXPECT_NO_THROW(regularise(source, zones, true));
  } else {
    EXPECT_THROW(regularise(source, zones, true), SpecError);
  }
  if (first_output_is_a_state(source)) {
    EXPECT_NO_THROW(regularise(source, temporal, true));
  } else {
    EXPECT_THROW(regularise(source, temporal, true), SpecError);
  }
}

INSTANTIATE_TEST_SUITE_P(All, RegularisedCell, testing::ValuesIn(shipped_cells()),
                         [](const auto& name) { return name.param; });

/// A cell that hands its input up: what comes out is the mask.
Graph bare(int units) {
  CellBinding binding;
  binding.units = units;
  binding.inputs = {units};
  return lower(syntax::parse_cell("cell bare(x) -> y\ny = x + 0 ⊙ h\nh = 0 ⊙ x + 0 ⊙ h[t-1]\nsize h = units",
                                  "bare.cell"),
               binding);
}

constexpr int kUnits = 200, kSteps = 6, kLanes = 5;

/// [steps, lanes, units] of the masks drawn: ones go in.
std::vector<float> drawn(const Regularisation& r, std::uint64_t seed, std::uint64_t stream, int threads = 1,
                         std::int64_t first_step = 0) {
  const Plan plan = make_plan(regularise(bare(kUnits), r, true), false);
  ThreadPool pool(threads);
  Runner<float> runner(plan, kernels::kernels<float>(), pool);
  AlignedArray<float> parameters(runner.layout().size() + 16), ones(kSteps * kLanes * kUnits);
  ones.fill(1);
  runner.bind(parameters.data());
  runner.prepare(kSteps, kLanes);
  runner.set_noise(seed, stream);
  LayerState<float> state = make_state<float>(plan, kLanes);
  state.step = first_step;
  const float* inputs[] = {ones.data()};
  runner.forward(kSteps, inputs, state);
  return {runner.output(0), runner.output(0) + ones.size()};
}

Regularisation dropout(double input, double output, bool variational) {
  Regularisation r;
  r.input_dropout = input;
  r.output_dropout = output;
  r.variational = variational;
  return r;
}

bool same_row(const std::vector<float>& a, int t, int lane, const std::vector<float>& b, int u, int other) {
  const auto row = [](const std::vector<float>& v, int step, int l) {
    const auto first = v.begin() + (step * kLanes + l) * kUnits;
    return std::vector<float>(first, first + kUnits);
  };
  return row(a, t, lane) == row(b, u, other);
}

TEST(DropMask, IsZeroOrTheScaleAtTheRateAskedFor) {
  for (const double rate : {0.1, 0.5, 0.65}) {
    const std::vector<float> mask = drawn(dropout(rate, 0, false), 3, 9);
    double dropped = 0;
    for (const float m : mask) {
      if (m == 0) {
        ++dropped;
      } else {
        EXPECT_EQ(m, static_cast<float>(1 / (1 - rate)));
      }
    }
    const auto n =
        static_cast<double>(mask.size());  // 6000: five standard deviations are missed once in 10^6
    EXPECT_LT(std::abs(dropped - rate * n), 5 * std::sqrt(n * rate * (1 - rate)));
  }
}

TEST(DropMask, IsAnotherOnePerStepLaneSiteStreamAndSeed) {
  const std::vector<float> mask = drawn(dropout(0.5, 0, false), 3, 9);
  for (int t = 1; t < kSteps; ++t) EXPECT_FALSE(same_row(mask, t, 0, mask, 0, 0)) << t;
  for (int b = 1; b < kLanes; ++b) EXPECT_FALSE(same_row(mask, 0, b, mask, 0, 0)) << b;
  EXPECT_FALSE(same_row(mask, 0, 0, drawn(dropout(0, 0.5, false), 3, 9), 0, 0));   // another site
  EXPECT_FALSE(same_row(mask, 0, 0, drawn(dropout(0.5, 0, false), 3, 10), 0, 0));  // layer, update
  EXPECT_FALSE(same_row(mask, 0, 0, drawn(dropout(0.5, 0, false), 4, 9), 0, 0));   // seed
}

TEST(DropMask, OfASequenceHoldsAllAlong) {
  const std::vector<float> mask = drawn(dropout(0.5, 0, true), 3, 9);
  for (int t = 1; t < kSteps; ++t) {
    for (int b = 0; b < kLanes; ++b) EXPECT_TRUE(same_row(mask, t, b, mask, 0, b)) << t;
  }
  for (int b = 1; b < kLanes; ++b) EXPECT_FALSE(same_row(mask, 0, b, mask, 0, 0)) << b;
  // And in the next window of the same update.
  EXPECT_EQ(drawn(dropout(0.5, 0, true), 3, 9, 1, kSteps), mask);
  EXPECT_NE(drawn(dropout(0.5, 0, true), 3, 10), mask);
}

TEST(DropMask, DoesNotDependOnThreadsOrWindows) {
  for (const bool variational : {false, true}) {
    const Regularisation r = dropout(0.3, 0.5, variational);
    const std::vector<float> mask = drawn(r, 3, 9);
    for (const int threads : {2, 7}) EXPECT_EQ(drawn(r, 3, 9, threads), mask);
    const std::vector<float> later = drawn(r, 3, 9, 1, 2);  // two steps on
    for (int t = 0; t + 2 < kSteps; ++t) {
      for (int b = 0; b < kLanes; ++b) EXPECT_TRUE(same_row(later, t, b, mask, t + 2, b));
    }
  }
}

}  // namespace
}  // namespace cellwright
