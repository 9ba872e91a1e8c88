// step_test.cpp: one sequence step by step on its short way: the bits of a window, for every shipped cell.
#include <gtest/gtest.h>

#include "cellwright/error.h"
#include "run/step_runner.h"
#include "support/shipped_bindings.h"
#include "verify/trial.h"

namespace cellwright {
namespace {

constexpr std::uint64_t kSeed = 5, kStream = 7;

/// A window of `steps` steps from the cell's start, at step `first` of its clocks.
template <class T>
struct Experiment {
  Plan plan;
  const kernels::Kernels<T>& kernels;
  RunOptions options;
  int steps, first;
  AlignedArray<T> parameters{};
  std::vector<AlignedArray<T>> inputs{};

  Experiment(const Graph& graph, const kernels::Kernels<T>& k, bool accurate, int n, int at)
      : plan(make_plan(graph, false)), kernels(k), options{accurate}, steps(n), first(at) {
    VerifyOptions random;
    random.lanes = 1;
    random.steps = n;
    const Trial<T> trial(plan, random, 1);
    const ParameterLayout<T> layout(plan);
    parameters = AlignedArray<T>(layout.size());
    for (std::size_t p = 0; p < trial.parameters.size(); ++p)
      layout.pack(static_cast<int>(p), trial.parameters[p].data(), parameters.data());
    for (const auto& x : trial.inputs) {
      inputs.emplace_back(x.size());
      std::copy(x.begin(), x.end(), inputs.back().data());
    }
  }

  LayerState<T> start() const {
    LayerState<T> state = make_state<T>(plan, 1);
    state.step = first;
    return state;
  }

  /// Inputs of step t, by port.
  std::vector<const T*> at(int t) const {
    std::vector<const T*> ports;
    for (const auto& x : inputs)
      ports.push_back(x.empty() ? nullptr
                                : x.data() + x.size() / static_cast<std::size_t>(steps) *
                                                 static_cast<std::size_t>(t));
    return ports;
  }

  std::unique_ptr<StepRunner<T>> stepper() const {
    auto runner = std::make_unique<StepRunner<T>>(plan, kernels, options);
    runner->set_noise(kSeed, kStream);
    runner->bind(parameters.data());
    runner->set_state(start());
    return runner;
  }
};

template <class T>
std::vector<T> values_of(const LayerState<T>& state) {
  std::vector<T> all;
  for (const auto& v : state.values) all.insert(all.end(), v.begin(), v.end());
  return all;
}

template <class T>
void expect_bits_of_a_window(const Experiment<T>& e) {
  ThreadPool pool(1);
  Runner<T> window(e.plan, e.kernels, pool, e.options);
  window.set_noise(kSeed, kStream);
  window.bind(e.parameters.data());
  window.prepare(e.steps, 1);
  LayerState<T> state = e.start(), last = e.start();
  window.forward(e.steps, e.at(0).data(), state);

  const auto step = e.stepper();
  for (int t = 0; t < e.steps; ++t) {
    step->step(e.at(t).data());
    for (std::size_t p = 0; p < e.plan.outputs.size(); ++p) {
      const auto size = static_cast<std::size_t>(e.plan.graph.outputs[p].size);
      const T *expected = window.output(static_cast<int>(p)) + size * static_cast<std::size_t>(t),
              *found = step->output(static_cast<int>(p));
      ASSERT_EQ(std::vector<T>(found, found + size), std::vector<T>(expected, expected + size))
          << "output " << p << " at step " << t;
    }
    EXPECT_EQ(step->loss(), window.loss_at(t));
  }
  step->get_state(last);
  EXPECT_EQ(values_of(last), values_of(state));
  EXPECT_EQ(last.step, state.step);
  EXPECT_EQ(last.fresh, state.fresh);
}

class Step : public testing::TestWithParam<std::string> {};

TEST_P(Step, HasTheBitsOfAWindowOnEveryTarget) {
  for (const int units : {2, 18, 48}) {
    for (const CellBinding& binding : test::shipped_bindings(GetParam(), units, units == 18 ? 37 : 1)) {
      const Graph graph = lower(test::shipped(GetParam()), binding);
      for (const std::string& target : kernels::available_targets()) {
        SCOPED_TRACE(target + ", " + std::to_string(units) + " units");
        for (const bool accurate : {false, true})
          expect_bits_of_a_window(
              Experiment<float>(graph, kernels::kernels<float>(target), accurate, 9, units == 18 ? 3 : 0));
        expect_bits_of_a_window(Experiment<double>(graph, kernels::kernels<double>(target), true, 5, 0));
      }
    }
  }
}

TEST_P(Step, GoesOnFromASnapshotAndFromTheStart) {
  const CellBinding binding = test::shipped_bindings(GetParam(), 18, 5).back();
  const Experiment<float> e(lower(test::shipped(GetParam()), binding), kernels::kernels<float>(), false, 8,
                            0);
  const auto one = e.stepper(), other = e.stepper();
  const auto run = [&](StepRunner<float>& runner, int first, int last) {
    std::vector<float> all;
    for (int t = first; t < last; ++t) {
      runner.step(e.at(t).data());
      all.insert(all.end(), runner.output(0), runner.output(0) + e.plan.graph.outputs[0].size);
    }
    return all;
  };
  const std::vector<float> begin = run(*one, 0, 3);
  LayerState<float> state = e.start();
  one->get_state(state);
  other->set_state(state);
  EXPECT_EQ(run(*other, 3, 8), run(*one, 3, 8));
  one->restart();
  EXPECT_EQ(run(*one, 0, 3), begin);
}

INSTANTIATE_TEST_SUITE_P(All, Step, testing::ValuesIn(shipped_cells()),
                         [](const auto& name) { return name.param; });

TEST(Step, JoinsWhatTheWindowMakesInTwoParts) {
  const CellBinding binding = test::shipped_bindings("lstm", 16, 1).front();
  const Plan plan = make_plan(lower(test::shipped("lstm"), binding), false);
  std::size_t terms = 0, outputs = 0;
  for (const StepInstruction& code : make_step_code(plan).instructions) {
    for (const ProductOutput& o : code.products) {
      ++outputs;
      terms += o.terms.size();
      EXPECT_EQ(o.start, ProductOutput::Start::kBias);
    }
  }
  EXPECT_EQ(outputs, 4u);  // the gates
  EXPECT_EQ(terms, 8u);    // x and h each
}

TEST(Step, CallsAnActivationOnceForAllGates) {
  const Plan plan = make_plan(lower(test::shipped("lstm"), CellBinding{18, {5}, {}, {}}), false);
  const StepCode code = make_step_code(plan);
  int sigmoids = 0, calls = 0;
  for (const StepInstruction& in : code.instructions) {
    for (std::size_t i = 0; i < in.tiles.tiles.size(); ++i) {
      if (in.tiles.tiles[i].op != Op::kSigmoid) continue;
      ++calls;
      sigmoids += in.repeats[i];
    }
  }
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(sigmoids, 3);
}

// A value that something reads between its two parts must not move.
TEST(Step, LeavesApartWhatIsReadInBetween) {
  const Graph graph = lower(syntax::parse_cell("cell c(x) -> h\n"
                                               "u = W·x + b\n"
                                               "h = tanh(u + U·(h[t-1] ⊙ u))\n",
                                               "c.cell"),
                            CellBinding{18, {5}, {}, {}});
  expect_bits_of_a_window(Experiment<float>(graph, kernels::kernels<float>(), false, 6, 0));
}

TEST(Step, RefusesAnotherCellsStateAndTrainingPlans) {
  const Experiment<float> lstm(lower(test::shipped("lstm"), CellBinding{4, {3}, {}, {}}),
                               kernels::kernels<float>(), false, 1, 0),
      wide(lower(test::shipped("lstm"), CellBinding{5, {3}, {}, {}}), kernels::kernels<float>(), false, 1, 0);
  const auto step = lstm.stepper();
  EXPECT_THROW(step->set_state(wide.start()), ShapeError);
  EXPECT_THROW(step->set_state(lstm.start(), 1), ShapeError);
  const Plan training = make_plan(lower(test::shipped("lstm"), CellBinding{4, {3}, {}, {}}), true);
  EXPECT_THROW(StepRunner<float>(training, kernels::kernels<float>()), InternalError);
}

}  // namespace
}  // namespace cellwright
