// scan_test.cpp: a plan with scans against the naive evaluation, against central differences, against the
// plain plan, and against itself on other threads; which cells have a scan, and what is said of those that
// have none.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "cellwright/error.h"
#include "graph/affine_recurrence.h"
#include "graph/canonicalize.h"
#include "graph/regularise.h"
#include "support/shipped_bindings.h"
#include "verify/trial.h"

namespace cellwright {
namespace {

constexpr int kUnits = 5;

struct ScanCell {
  const char* name;
  const char* text;   ///< null: shipped
  bool whole = true;  ///< nothing stays in a loop
};

// What follows min_gru and its like is a user's own: nothing in the library has heard of these names.
const ScanCell kCells[] = {
    {"min_gru", nullptr},
    {"min_lstm", nullptr},
    {"rg_lru", nullptr},
    {"first_sru", R"(cell first_sru(x) -> h
f = σ(W_f·x + b_f)
r = σ(W_r·x + b_r)
C = f ⊙ C[t-1] + (1 - f) ⊙ (W·x)
h = r ⊙ tanh(C) + (1 - r) ⊙ x)"},
    {"leak", R"(cell leak(x) -> h
const α = 0.9
h = α ⊙ h[t-1] + W·x + b)"},
    {"learned_leak", R"(cell learned_leak(x) -> h
param p_a, p_0
h = p_a ⊙ h[t-1] - x / 2
start h = p_0)"},
    {"running_sum", R"(cell running_sum(x) -> h
h = h[t-1] + W·x)"},
    {"divided", R"(cell divided(x) -> h
d = 2 + σ(W·x + b)
h = (x - h[t-1]) / d)"},
    {"twice_read", R"(cell twice_read(x) -> h, y
z = σ(W·x)
h = z ⊙ h[t-1] - (h[t-1] - x) ⊙ z ⊙ z
y = tanh(V·h[t-1] + h + b))"},
    {"one_above_the_other", R"(cell one_above_the_other(x) -> n
z = σ(W·x + b)
m = z ⊙ m[t-1] + (1 - z) ⊙ x
n = tanh(m[t-1]) ⊙ n[t-1] + m
size m = units)"},
    {"clocked", R"(cell clocked(x) -> h
option periods = 1, 2, 4, 4, 8
z = σ(W·x + b)
h = every(periods, z ⊙ h[t-1] + V·x, h[t-1]))"},
    {"with_loss", R"(cell with_loss(x) -> h
z = σ(W·x + b)
h = z ⊙ h[t-1] + x
loss slow = sum(square(h - h[t-1])))"},
    {"behind_a_loop", R"(cell behind_a_loop(x) -> m
h = tanh(W·[h[t-1], x] + b)
m = σ(h) ⊙ m[t-1] + V·h
size h = units)",
     false},
    {"before_a_loop", R"(cell before_a_loop(x) -> h
m = σ(V·x) ⊙ m[t-1] + x
h = tanh(W·[h[t-1], m] + b))",
     false},
};

syntax::Cell cell_of(const ScanCell& c) {
  return c.text ? syntax::parse_cell(c.text, "own.cell") : test::shipped(c.name);
}

Graph graph_of(const ScanCell& c, int units = kUnits) {
  const syntax::Cell cell = cell_of(c);
  return lower(cell, test::binding_of(cell, units, units, false));
}

PlanOptions chunks_of(int steps) {
  PlanOptions options;
  options.scan = true;
  options.scan_chunk = steps;
  return options;
}

/// Largest difference, of the largest number of the tensor.
template <class T>
double relative(const std::vector<std::vector<T>>& a, const std::vector<std::vector<T>>& b) {
  double worst = 0;
  EXPECT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < b.size(); ++i) {
    double largest = 1e-30, difference = 0;
    for (std::size_t k = 0; k < b[i].size(); ++k) {
      largest = std::max(largest, std::abs(static_cast<double>(b[i][k])));
      difference =
          std::max(difference, std::abs(static_cast<double>(a[i][k]) - static_cast<double>(b[i][k])));
    }
    worst = std::max(worst, difference / largest);
  }
  return worst;
}

template <class T>
void expect_same(const TrialResult<T>& a, const TrialResult<T>& b, const std::string& where) {
  // Bits, for a NaN is not equal to itself: rg_lru's gradient has one where a gate closes wholly.
  const auto same = [](const std::vector<std::vector<T>>& x, const std::vector<std::vector<T>>& y) {
    bool all = x.size() == y.size();
    for (std::size_t i = 0; all && i < x.size(); ++i)
      all = x[i].size() == y[i].size() && std::memcmp(x[i].data(), y[i].data(), x[i].size() * sizeof(T)) == 0;
    return all;
  };
  EXPECT_TRUE(same(a.outputs, b.outputs)) << where;
  EXPECT_TRUE(same(a.final_states, b.final_states)) << where;
  EXPECT_TRUE(same(a.d_parameters, b.d_parameters)) << where;
  EXPECT_TRUE(same(a.d_inputs, b.d_inputs)) << where;
  EXPECT_TRUE(same(a.d_start, b.d_start)) << where;
}

class ScanPlans : public testing::TestWithParam<ScanCell> {};

TEST_P(ScanPlans, NothingOfAnAffineCellStaysInALoop) {
  for (const bool training : {false, true}) {
    const Plan plan = make_plan(graph_of(GetParam()), training, chunks_of(2));
    EXPECT_TRUE(has_scan(plan));
    EXPECT_EQ(plan.forward_loop.instructions.empty(), GetParam().whole);
    EXPECT_EQ(plan.backward_loop.instructions.empty(), GetParam().whole || !training);
    EXPECT_NE(print_plan(plan).find("in chunks of 2 steps"), std::string::npos);
    EXPECT_FALSE(has_scan(make_plan(graph_of(GetParam()), training)));
  }
}

TEST_P(ScanPlans, EqualTheNaiveEvaluationAndTheirGradientsTheDifferences) {
  const Graph graph = graph_of(GetParam());
  for (const int lanes : {1, 3}) {
    VerifyOptions options;
    options.steps = 13;  // chunks of 3 and one of 1; and two windows of 6 and 7, below four chunks
    options.lanes = lanes;
    options.differences = lanes == 1;
    const Verification v = verify_plans(graph, make_plan(graph, true, chunks_of(3)),
                                        make_plan(graph, false, chunks_of(3)), options);
    EXPECT_LE(v.forward_error, 1e-12);
    EXPECT_LE(v.backward_error, 1e-12);
    for (const auto* rows : {&v.full, &v.truncated}) {
      for (const GradientRow& row : *rows) EXPECT_TRUE(row.passed) << row.name << ": " << row.error;
    }
    EXPECT_TRUE(v.windows_agree);
    EXPECT_TRUE(v.threads_agree);
  }
}

// Below four chunks a window is one chain; a sequence taken step by step gives its very bits.
TEST_P(ScanPlans, StepsHaveTheBitsOfAShortWindow) {
  const Graph graph = graph_of(GetParam());
  for (const int lanes : {1, 2}) {
    VerifyOptions options;
    options.steps = 11;
    options.lanes = lanes;
    options.differences = false;
    const Verification v = verify_plans(graph, make_plan(graph, true, chunks_of(3)),
                                        make_plan(graph, false, chunks_of(3)), options);
    EXPECT_TRUE(v.passed) << v.failure;
  }
}

TEST_P(ScanPlans, ThreadsChangeNoBit) {
  for (const int units : {kUnits, 70}) {
    const Graph graph = graph_of(GetParam(), units);
    const Plan plan = make_plan(graph, true, chunks_of(4));
    VerifyOptions options;
    for (const int lanes : {1, 3}) {  // of three lanes, one thread's stretches of a window end within chunks
      for (const int steps : {9, 150}) {
        options.lanes = lanes;
        options.steps = steps;
        const std::string where = std::to_string(units) + " units, " + std::to_string(lanes) + " lanes, " +
                                  std::to_string(steps) + " steps";
        const TrialResult<float> one = Trial<float>(plan, options, 1).run(true);
        expect_same(Trial<float>(plan, options, 2).run(true), one, where);
        expect_same(Trial<float>(plan, options, 7).run(true), one, where);
      }
    }
  }
}

TEST_P(ScanPlans, EqualThePlainPlanWithinRounding) {
  const Graph graph = graph_of(GetParam());
  const Plan plain = make_plan(graph, true), scanned = make_plan(graph, true, chunks_of(128));
  VerifyOptions options;
  options.lanes = 2;
  options.deviation = 0.2;
  options.steps = 900;
  const TrialResult<float> p = Trial<float>(plain, options, 2).run(true),
                           s = Trial<float>(scanned, options, 2).run(true);
  EXPECT_LE(relative(s.outputs, p.outputs), 1e-5);
  EXPECT_LE(relative(s.final_states, p.final_states), 1e-5);
  const TrialResult<double> dp = Trial<double>(plain, options, 2).run(true),
                            ds = Trial<double>(scanned, options, 2).run(true);
  EXPECT_LE(relative(ds.outputs, dp.outputs), 1e-12);
  EXPECT_LE(relative(ds.final_states, dp.final_states), 1e-12);
  EXPECT_LE(relative(ds.d_inputs, dp.d_inputs), 1e-12);
  EXPECT_LE(relative(ds.d_start, dp.d_start), 1e-12);
  EXPECT_LE(relative(ds.d_parameters, dp.d_parameters), 1e-11);  // sums over 1,800 rows
}

// A lane's bits do not ask who its neighbours are.
TEST_P(ScanPlans, LanesDoNotSeeEachOther) {
  const Graph graph = graph_of(GetParam());
  const Plan plan = make_plan(graph, false, chunks_of(4));
  VerifyOptions options;
  options.lanes = 3;
  options.steps = 40;
  Trial<float> three(plan, options, 2);
  VerifyOptions alone = options;
  alone.lanes = 1;
  Trial<float> one(plan, alone, 2);
  one.parameters = three.parameters;
  const auto lane = [&](const std::vector<float>& all, int steps) {
    const std::size_t row = all.size() / static_cast<std::size_t>(3 * steps);
    std::vector<float> mine;
    for (int t = 0; t < steps; ++t) {
      const auto from =
          all.begin() + static_cast<std::ptrdiff_t>((static_cast<std::size_t>(t) * 3 + 1) * row);
      mine.insert(mine.end(), from, from + static_cast<std::ptrdiff_t>(row));
    }
    return mine;
  };
  for (std::size_t p = 0; p < one.inputs.size(); ++p) one.inputs[p] = lane(three.inputs[p], options.steps);
  for (std::size_t s = 0; s < one.start.size(); ++s) one.start[s] = lane(three.start[s], 1);
  const TrialResult<float> all = three.run(false), own = one.run(false);
  for (std::size_t p = 0; p < own.outputs.size(); ++p)
    EXPECT_EQ(own.outputs[p], lane(all.outputs[p], options.steps));
}

INSTANTIATE_TEST_SUITE_P(All, ScanPlans, testing::ValuesIn(kCells),
                         [](const auto& c) { return c.param.name; });

// Zoneout, dropouts, penalties and padding leave an affine state affine.
TEST(Scan, RegularisedAndMaskedCellsEqualTheNaiveEvaluation) {
  Regularisation r;
  r.input_dropout = 0.2;
  r.output_dropout = 0.3;
  r.zoneout["h"] = 0.3;
  r.activation_penalty = 0.5;
  r.temporal_penalty = 0.5;
  for (const char* name : {"min_gru", "rg_lru"}) {
    const Graph source = regularise(graph_of({name, nullptr}), r, true);
    VerifyOptions options;
    options.steps = 13;
    options.lanes = 2;
    options.differences = false;
    for (const Graph& graph : {source, with_step_mask(source)}) {
      const Plan plan = make_plan(graph, true, chunks_of(3));
      EXPECT_TRUE(plan.forward_loop.instructions.empty());
      EXPECT_TRUE(plan.backward_loop.instructions.empty());
      const Verification v = verify_plans(graph, plan, make_plan(graph, false, chunks_of(3)), options);
      EXPECT_LE(v.forward_error, 1e-12) << name;
      EXPECT_LE(v.backward_error, 1e-12) << name;
      EXPECT_TRUE(v.threads_agree) << name;
    }
  }
}

/// s = a ⊙ s[t-1] + b with a and b the inputs.
Graph bare() {
  return lower(syntax::parse_cell("cell bare(a, b) -> s\ns = a ⊙ s[t-1] + b", "bare.cell"),
               {1, {1, 1}, {}, {}});
}

template <class T>
std::vector<T> run_bare(bool scan, const std::vector<T>& a, const std::vector<T>& b, T start) {
  PlanOptions plan_options;
  plan_options.scan = scan;
  const Plan plan = make_plan(bare(), false, plan_options);
  VerifyOptions options;
  options.lanes = 1;
  options.steps = static_cast<int>(a.size());
  Trial<T> trial(plan, options, 1);
  trial.inputs = {a, b};
  trial.start = {{start}};
  return trial.run(false).outputs[0];
}

// Factors whose product is 0 in float: what enters a chunk is forgotten, as it is step by step.
TEST(Scan, FactorsThatVanishForget) {
  std::vector<float> a(1000, 1e-3f), b(1000, 1.0f);
  for (std::size_t i = 300; i < 400; ++i) a[i] = 0;
  EXPECT_EQ(run_bare(true, a, b, 1e20f), run_bare(false, a, b, 1e20f));
}

// Factors whose product overflows: step by step a state of 0 stays 0, and a small one grows within float's
// range.
TEST(Scan, FactorsThatOverflowTakeTheSteps) {
  std::vector<float> a(1000, 10.0f), b(1000, 0.0f);
  EXPECT_EQ(run_bare(true, a, b, 0.0f), std::vector<float>(1000, 0.0f));
  // 2.5^128 overflows; the state halves before and after.
  std::fill(a.begin(), a.end(), 0.5f);
  std::fill(a.begin() + 128, a.begin() + 256, 2.5f);
  const std::vector<float> plain = run_bare(false, a, b, 1.0f), scanned = run_bare(true, a, b, 1.0f);
  for (std::size_t i = 0; i < plain.size(); ++i) {
    ASSERT_TRUE(std::isfinite(scanned[i])) << i;
    ASSERT_NEAR(scanned[i], plain[i], 1e-5f * std::abs(plain[i])) << i;
  }
}

TEST(Scan, CellsThatAreNotAffineHaveNone) {
  struct Case {
    const char* cell;
    const char* why;
    bool gradient;  ///< its units see themselves alone, so the gradient is affine though the state is not
  };
  for (const Case& c : {Case{"lstm", "a matrix mixes the units of 'h'", false},
                        Case{"gru", "a matrix mixes the units of 'h'", false},
                        Case{"rnn", "a matrix mixes the units of 'h'", false},
                        Case{"indrnn", "'h' goes through relu (line 6)", true},
                        Case{"sru", "'C' goes through sigmoid", true}}) {
    const Graph graph = graph_of({c.cell, nullptr});
    EXPECT_FALSE(has_scan(make_plan(graph, false, chunks_of(2)))) << c.cell;
    EXPECT_EQ(has_scan(make_plan(graph, true, chunks_of(2))), c.gradient) << c.cell;
    EXPECT_EQ(why_not_affine(canonicalize(graph)).rfind(c.why, 0), 0) << why_not_affine(canonicalize(graph));
  }
  const auto why = [](const char* text) { return why_not_affine(canonicalize(graph_of({"", text}))); };
  EXPECT_EQ(why("cell own(x) -> h\nh = h[t-1] ⊙ h[t-1] + x"), "'h' goes through square (line 2)");
  EXPECT_EQ(why("cell own(x) -> h\nz = 2 + h[t-1]\nh = z ⊙ h[t-1] + x"),
            "'h' is multiplied with itself (line 3)");
  EXPECT_EQ(why("cell own(x) -> h\ng = h[t-1] + x\nh = x - g[t-1]\nsize g = units"),
            "'h' and 'g' depend on each other");
  EXPECT_EQ(why("cell own(x) -> h\nh = x / h[t-1]"), "'h' is divided by (line 2)");
  EXPECT_EQ(why("cell own(x) -> h\nh = W·x"), "it has no state that depends on its own past");
  EXPECT_EQ(why("cell own(x) -> h\nh = σ(W·x) ⊙ h[t-1] + x"), "");
}

// Where the state is not affine, its gradient still is when units see themselves alone.
TEST(Scan, GradientsOfUnitsThatSeeThemselvesAlone) {
  for (const char* name : {"indrnn", "sru"}) {
    const Graph graph = graph_of({name, nullptr});
    const Plan plan = make_plan(graph, true, chunks_of(3));
    EXPECT_FALSE(plan.forward_loop.instructions.empty());
    EXPECT_TRUE(plan.backward_loop.instructions.empty());
    VerifyOptions options;
    options.steps = 13;
    options.lanes = 2;
    const Verification v = verify_plans(graph, plan, make_plan(graph, false, chunks_of(3)), options);
    EXPECT_TRUE(v.passed) << name << ": " << v.failure;
  }
}

// Chunks are a function of the window's length.
TEST(Scan, ShortWindowsAreOneChunk) {
  const Plan plan = make_plan(bare(), false, chunks_of(128));
  EXPECT_EQ(scan_chunk(plan, 1), 1);
  EXPECT_EQ(scan_chunk(plan, 511), 511);
  EXPECT_EQ(scan_chunk(plan, 512), 128);
  EXPECT_EQ(scan_chunk(plan, 1 << 20), 128);
}

}  // namespace
}  // namespace cellwright
