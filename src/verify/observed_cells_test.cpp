// Observing a plan: the numbers it computes stay the same to the bit, and what it kept is what the text says,
// by the naive evaluation; for every shipped cell, and for cells whose lines melt into sums or are cut into
// parts.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "graph/evaluate.h"
#include "support/shipped_bindings.h"
#include "verify/trial.h"

namespace cellwright {
namespace {

Observation everything(bool gradients) {
  Observation o;
  o.all_lines = o.states = o.belts = true;
  o.gradients = gradients;
  return o;
}

VerifyOptions small() {
  VerifyOptions options;
  options.steps = 5;
  options.lanes = 3;
  return options;
}

std::vector<std::vector<int>> pieces_of(const Plan& plan) {
  std::vector<std::vector<int>> all;
  for (const Piece& p : plan.pieces)
    all.push_back({p.parameter, p.row, p.rows, p.column, p.columns, p.matrix});
  return all;
}

bool has_clock(const Graph& graph) {
  return std::any_of(graph.nodes.begin(), graph.nodes.end(),
                     [](const Node& n) { return n.op == Op::kClock; });
}

void expect_same_bits(const Graph& source) {
  const Plan plain = make_plan(source, true), kept = make_plan(source, true, everything(false)),
             with_gradients = make_plan(source, true, everything(true)), inference = make_plan(source, false),
             kept_inference = make_plan(source, false, everything(false));
  EXPECT_TRUE(plain.observed.empty());
  EXPECT_EQ(pieces_of(plain), pieces_of(kept));
  EXPECT_EQ(pieces_of(plain), pieces_of(with_gradients));
  EXPECT_EQ(pieces_of(plain), pieces_of(kept_inference));
  Trial<float> a(plain, small(), 2), b(kept, small(), 2), c(with_gradients, small(), 2),
      d(inference, small(), 2), e(kept_inference, small(), 2);
  const TrialResult<float> ra = a.run(true), rb = b.run(true), rc = c.run(true), rd = d.run(false),
                           re = e.run(false);
  EXPECT_EQ(ra.outputs, rb.outputs);
  EXPECT_EQ(ra.final_states, rb.final_states);
  EXPECT_EQ(ra.d_parameters, rb.d_parameters);
  EXPECT_EQ(ra.d_inputs, rb.d_inputs);
  EXPECT_EQ(ra.outputs, rc.outputs);
  EXPECT_EQ(rd.outputs, re.outputs);
  EXPECT_EQ(rd.final_states, re.final_states);
}

std::vector<Sequence> sequences(const Trial<double>& trial) {
  std::vector<Sequence> all;
  for (const auto& flat : trial.inputs) {
    Sequence s(flat.empty() ? 0 : static_cast<std::size_t>(trial.steps),
               std::vector<Vector>(static_cast<std::size_t>(trial.lanes)));
    const std::size_t size = flat.size() / static_cast<std::size_t>(trial.steps * trial.lanes);
    auto at = flat.begin();
    for (auto& step : s) {
      for (Vector& lane : step) {
        lane.assign(at, at + static_cast<std::ptrdiff_t>(size));
        at += static_cast<std::ptrdiff_t>(size);
      }
    }
    all.push_back(std::move(s));
  }
  return all;
}

NaiveForward naive(const Graph& source, const Trial<double>& trial) {
  std::vector<std::vector<Vector>> start;
  for (const auto& flat : trial.start) {
    const std::size_t size = flat.size() / static_cast<std::size_t>(trial.lanes);
    start.emplace_back();
    for (int b = 0; b < trial.lanes; ++b) {
      const auto first = flat.begin() + static_cast<std::ptrdiff_t>(size) * b;
      start.back().emplace_back(first, first + static_cast<std::ptrdiff_t>(size));
    }
  }
  return naive_forward(source, trial.parameters, sequences(trial), trial.steps, trial.lanes, start);
}

/// Lines compared with the text's own nodes; belts with their own algebra. Returns how many lines were
/// compared.
int expect_right_values(const Graph& source) {
  const Plan plan = make_plan(source, false, everything(false));
  Trial<double> trial(plan, small(), 1);
  trial.run(false);
  const NaiveForward expected = naive(source, trial);
  std::map<std::string, std::size_t> by_name;
  for (std::size_t i = 0; i < source.nodes.size(); ++i) {
    const Node& n = source.nodes[i];
    if (!n.name.empty() && n.op != Op::kPrevious) by_name[n.name] = i;
  }
  const auto at = [&](int observed, int t, int b, int k) {
    const int size = plan.observed[static_cast<std::size_t>(observed)].size;
    return trial.runner().observed(observed)[(t * trial.lanes + b) * size + k];
  };
  int compared = 0;
  const bool clocked = has_clock(source);  // what an idle unit throws away need not be computed
  for (std::size_t i = 0; i < plan.observed.size(); ++i) {
    const Observed& o = plan.observed[i];
    if (clocked || by_name.count(o.name) == 0) continue;
    ++compared;
    for (int t = 0; t < trial.steps; ++t) {
      for (int b = 0; b < trial.lanes; ++b) {
        const Vector& v =
            expected.values[static_cast<std::size_t>(t)][static_cast<std::size_t>(b)][by_name[o.name]];
        EXPECT_EQ(static_cast<int>(v.size()), o.size) << o.name;
        for (int k = 0; k < o.size; ++k) {
          const double wanted = v[static_cast<std::size_t>(k)];
          EXPECT_NEAR(at(static_cast<int>(i), t, b, k), wanted, 1e-12 * std::max(1.0, std::fabs(wanted)))
              << o.name;
        }
      }
    }
  }
  for (const Belt& belt : plan.belts) {
    for (int t = 0; t < trial.steps; ++t) {
      for (int b = 0; b < trial.lanes; ++b) {
        for (int k = 0; k < plan.observed[static_cast<std::size_t>(belt.next)].size; ++k) {
          double sum = at(belt.coefficient, t, b, k) * at(belt.old, t, b, k);
          for (int term : belt.terms) sum += at(term, t, b, k);
          const double wanted = at(belt.next, t, b, k);
          EXPECT_NEAR(sum, wanted, 1e-12 * std::max(1.0, std::fabs(wanted)));
        }
      }
    }
  }
  return compared;
}

std::vector<std::string> belts_of(const Graph& source) {
  const Plan plan = make_plan(source, false, everything(false));
  std::vector<std::string> all;
  for (const Belt& b : plan.belts) {
    std::string text = plan.observed[static_cast<std::size_t>(b.coefficient)].name;
    for (int t : b.terms) text += " | " + plan.observed[static_cast<std::size_t>(t)].name;
    all.push_back(plan.graph.states[static_cast<std::size_t>(b.state)].name + ": " + text);
  }
  return all;
}

Graph lowered(const std::string& text, int units) {
  CellBinding binding{units, {units}, {}, {}};
  return lower(syntax::parse_cell(text, "test.cell"), binding);
}

class ObservedCell : public testing::TestWithParam<std::string> {};

TEST_P(ObservedCell, KeepsItsBitsAndShowsItsLines) {
  const syntax::Cell cell = test::shipped(GetParam());
  for (const CellBinding& binding : test::shipped_bindings(GetParam(), 18, 5)) {
    const Graph source = lower(cell, binding);
    expect_same_bits(source);
    if (!has_clock(source)) {
      EXPECT_GT(expect_right_values(source), 0);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, ObservedCell, testing::ValuesIn(shipped_cells()),
                         [](const auto& name) { return name.param; });

// A line that is an addend of a sum with products would be swallowed by its chain; one that is only read in
// parts has no array.
TEST(ObservedCells, LinesThatMeltOrAreCutAreThereAndChangeNothing) {
  for (const std::string text :
       {"cell m(x) -> h\na = W·x\nu = U·h[t-1]\ns = a + u\nh = tanh(s + b)\n",
        "cell m(x) -> h\ns = W·[h[t-1], x] + b\nf, g = split(s)\nh = σ(f) ⊙ h[t-1] + tanh(g)\n",
        "cell m(x) -> h\nk = W·x + b\nh = 0.5 ⊙ h[t-1] + k\nq = h\n",
        "cell m(x) -> h\nz = σ(W·[h[t-1], x] + b)\ng = V·x\nh = h[t-1] + z ⊙ (g - h[t-1])\n"}) {
    const Graph source = lowered(text, 7);
    expect_same_bits(source);
    const std::string lines = text.substr(text.find('\n'));
    EXPECT_GE(expect_right_values(source), std::count(lines.begin(), lines.end(), '=') - 1) << text;
  }
}

TEST(ObservedCells, BeltsAreFoundByTheirAlgebra) {
  const auto of = [](const std::string& name) {
    return belts_of(lower(test::shipped(name), {4, {4}, {}, {}}));
  };
  using Texts = std::vector<std::string>;
  EXPECT_EQ(of("rnn"), Texts{});
  EXPECT_EQ(of("lstm"), Texts{"C: f | i ⊙ C̃"});
  EXPECT_EQ(of("gru"), Texts{"h: 1 - z | z ⊙ h̃"});
  EXPECT_EQ(of("lstm_coupled"), Texts{"C: f | (1 - f) ⊙ C̃"});
  CellBinding depth{4, {4, 0}, {}, {}};
  EXPECT_EQ(belts_of(lower(test::shipped("lstm_depth_gated"), depth)), Texts{"C: f | i ⊙ C̃ | d ⊙ W_0·x"});
  EXPECT_EQ(
      belts_of(lowered("cell own(x) -> y\nz = σ(W·x + b)\ny = y[t-1] - z ⊙ (y[t-1] - V·x) / 2\n", 3)).size(),
      1u);
  EXPECT_EQ(belts_of(lowered("cell own(x) -> y\ny = y[t-1] ⊙ y[t-1] + W·x\n", 3)), Texts{});
}

TEST(ObservedCells, AGradientIsThatOfTheValue) {
  const Graph source = lower(test::shipped("lstm"), {4, {5}, {}, {}});
  const Plan plan = make_plan(source, true, everything(true));
  ASSERT_EQ(plan.gradients.size(), plan.observed.size());
  Trial<double> trial(plan, small(), 1);
  trial.run(true);
  // Of the last step's h: the objective's weights there, and those of the final state.
  int h = -1;
  for (std::size_t i = 0; i < plan.observed.size(); ++i) {
    if (plan.observed[i].name == "h") h = static_cast<int>(i);
  }
  ASSERT_GE(h, 0);
  const double* d = trial.runner().observed_gradient(h);
  const int last = (trial.steps - 1) * trial.lanes * 4;
  std::size_t state = 0;
  while (plan.graph.states[state].name != "h") ++state;
  for (int i = 0; i < trial.lanes * 4; ++i) {
    EXPECT_NEAR(d[last + i],
                trial.output_weights[0][static_cast<std::size_t>(last + i)] +
                    trial.final_weights[state][static_cast<std::size_t>(i)],
                1e-12);
  }
}

TEST(ObservedCells, AnUnknownLineIsToldWithTheLinesThereAre) {
  Observation o;
  o.lines = {"q"};
  try {
    make_plan(lower(test::shipped("gru"), {4, {5}, {}, {}}), false, o);
    FAIL();
  } catch (const SpecError& e) {
    EXPECT_STREQ(e.what(), "the cell 'gru' has no line 'q'; its lines are z, r, h̃, h");
  }
}

}  // namespace
}  // namespace cellwright
