// The account of the belt: its entries sum to the state as the run had it, for gated cells and for one the
// library has never seen.
#include "explain/ledger.h"

#include <gtest/gtest.h>

#include <cmath>

#include "cellwright/error.h"
#include "explain/explain_test_help.h"

namespace cellwright {
namespace {

constexpr int kSteps = 60, kLanes = 2, kUnits = 9;

template <class T>
Trace<T> belts_of(Model<T>& model, int window = 256) {
  TraceOptions options;
  options.belts = options.only_belts = true;
  options.window = window;
  const auto tokens = test::random_tokens(kSteps * kLanes, model.spec().classes, 3);
  return trace(model, tokens.data(), kSteps, kLanes, options);
}

TEST(Ledger, EntriesSumToTheState) {
  std::vector<LayerSpec> cells{test::layer("lstm", kUnits), test::layer("gru", kUnits),
                               test::layer("lstm_coupled", kUnits), test::layer("lstm_depth_gated", kUnits),
                               test::unseen_cell(kUnits)};
  for (const LayerSpec& cell : cells) {
    // Two layers, so that the depth gate has a cell below.
    const auto model = test::random_model<float>({cell, cell}, 11, 6, 5);
    const Trace<float> t = belts_of(*model);
    ASSERT_EQ(t.belts.size(), 2u) << cell.cell_file;
    for (const TracedBelt& belt : t.belts) {
      for (int lane = 0; lane < kLanes; ++lane) {
        for (int step : {0, 1, 7, kSteps - 1}) {
          for (int unit = 0; unit < kUnits; ++unit) {
            const Ledger l = ledger(t, belt, unit, step, lane);
            double turnover = std::fabs(l.value);
            for (const LedgerEntry& e : l.entries) {
              for (double a : e.amount) turnover += std::fabs(a);
            }
            EXPECT_NEAR(l.sum(), l.value, 1e-5 * turnover)
                << cell.cell_file << " unit " << unit << " step " << step;
            EXPECT_EQ(l.entries.size(), static_cast<std::size_t>(step) + 1);
            EXPECT_EQ(l.entries.back().kept, 1);
          }
        }
      }
    }
  }
}

// What a step put there, found another way: the state with that step's addend taken away, carried on by the
// recorded gate.
TEST(Ledger, AnEntryIsWhatWouldBeMissingWithoutItsStep) {
  const auto model = test::random_model<double>({test::layer("lstm", kUnits)}, 11, 6, 5);
  const Trace<double> t = belts_of(*model);
  const TracedBelt& belt = t.belts.at(0);
  const auto at = [&](int line, int step) {
    return t.lines[static_cast<std::size_t>(line)]
        .values[static_cast<std::size_t>(step * kLanes * kUnits + 4)];
  };
  for (int left_out : {0, 5, 20}) {
    double with = 0, without = 0;
    for (int s = 0; s <= 25; ++s) {
      with = at(belt.coefficient, s) * with + at(belt.terms[0], s);
      without = at(belt.coefficient, s) * without + (s == left_out ? 0 : at(belt.terms[0], s));
    }
    const Ledger l = ledger(t, belt, 4, 25, 0);
    EXPECT_NEAR(l.entries[static_cast<std::size_t>(left_out)].amount[0], with - without, 1e-14);
  }
}

TEST(Ledger, AgesAddTheUnitsUp) {
  const auto model = test::random_model<float>({test::layer("gru", kUnits)}, 11, 6, 5);
  const Trace<float> t = belts_of(*model);
  const std::vector<double> ages = belt_ages(t, t.belts.at(0), 30);
  ASSERT_EQ(ages.size(), 31u);
  double expected = 0;
  for (int unit = 0; unit < kUnits; ++unit)
    expected += std::fabs(ledger(t, t.belts[0], unit, 30).entries[28].amount[0]);
  EXPECT_NEAR(ages[2], expected, 1e-12);
}

TEST(Trace, DoesNotDependOnWindowsAndMatchesTheRun) {
  const auto model =
      test::random_model<float>({test::layer("lstm", kUnits), test::layer("gru", 5)}, 11, 6, 5);
  const auto tokens = test::random_tokens(kSteps, 11, 3);
  TraceOptions cut;
  cut.window = 7;
  const Trace<float> whole = trace(*model, tokens.data(), kSteps, 1),
                     parts = trace(*model, tokens.data(), kSteps, 1, cut);
  ASSERT_EQ(whole.lines.size(), 10u);  // f i C̃ C o h, z r h̃ h
  for (std::size_t i = 0; i < whole.lines.size(); ++i)
    EXPECT_EQ(whole.lines[i].values, parts.lines[i].values);
  // The state that the unobserved model ends in.
  ModelState<float> state = model->make_state(1);
  std::vector<float> logits(11);
  for (std::int32_t token : tokens) model->step(&token, state, logits.data());
  const TracedLine<float>* c = whole.find(0, "C");
  ASSERT_NE(c, nullptr);
  const Graph& graph = model->inside().stack.track(0).graph();
  for (std::size_t s = 0; s < graph.states.size(); ++s) {
    const TracedLine<float>* line = whole.find(0, graph.states[s].name);
    for (int k = 0; k < kUnits; ++k)
      EXPECT_EQ(state.layers[0].values[s][static_cast<std::size_t>(k)],
                line->values[static_cast<std::size_t>((kSteps - 1) * kUnits + k)]);
  }
}

TEST(Trace, ATrainingGoesOnToTheBitAsIfNobodyHadLooked) {
  const std::vector<LayerSpec> layers{test::layer("lstm", kUnits)};
  const auto a = test::random_model<float>(layers, 11, 6, 5), b = test::random_model<float>(layers, 11, 6, 5);
  const auto tokens = test::random_tokens(40, 11, 3);
  const auto train = [&](Model<float>& m) {
    ModelState<float> state = m.make_state(2);
    m.train_window({10, 2, tokens.data(), tokens.data() + 20, 0}, state);
    return std::vector<float>(m.gradients(), m.gradients() + m.size());
  };
  const auto first = train(*a);
  trace(*a, tokens.data(), 40, 1);
  EXPECT_EQ(train(*a), first);
  EXPECT_EQ(train(*b), first);
}

TEST(Trace, WrongWishesAreTold) {
  const auto model = test::random_model<float>({test::layer("lstm", 4), test::layer("gru", 4)}, 11, 6, 5);
  const auto tokens = test::random_tokens(5, 11, 3);
  TraceOptions o;
  o.lines = {"z"};
  EXPECT_EQ(trace(*model, tokens.data(), 5, 1, o).lines.size(), 1u);  // the second layer's alone
  o.layers = {0};
  EXPECT_THROW(trace(*model, tokens.data(), 5, 1, o), SpecError);
  o.layers = {2};
  EXPECT_THROW(trace(*model, tokens.data(), 5, 1, o), SpecError);
  EXPECT_EQ(trace(*model, tokens.data(), 5, 1).lines.size(), 10u);  // and the model is as before
}

}  // namespace
}  // namespace cellwright
