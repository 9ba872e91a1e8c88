// A streaming step allocates nothing: every form of operator new is counted while forward(1, …) runs.
#include <gtest/gtest.h>

#include "cellwright/step.h"
#include "run/runner.h"
#include "run/step_runner.h"
#include "support/counted_new.h"
#include "support/shipped_bindings.h"

namespace cellwright {
namespace {

TEST(CountedNew, CountsWhatThisTestIsAbout) {
  const long allocations = test::allocations_during([] {
    { const AlignedArray<float> array(100); }
    { const std::vector<int> vector(100); }
  });
  EXPECT_EQ(allocations, 2);
}

class Streaming : public testing::TestWithParam<std::string> {};

TEST_P(Streaming, AllocatesNothingAfterTheFirstStep) {
  const CellBinding binding = test::shipped_bindings(GetParam(), 24, 10).back();
  const Graph graph = lower(test::shipped(GetParam()), binding);
  for (const bool training : {false, true}) {
    const Plan plan = make_plan(graph, training);
    for (const int threads : {1, 2}) {
      for (const int lanes : {1, 3}) {
        ThreadPool pool(threads);
        Runner<float> runner(plan, kernels::kernels<float>(), pool);
        runner.prepare(1, lanes);
        AlignedArray<float> parameters(runner.layout().size()), x(24 * static_cast<std::size_t>(lanes));
        runner.bind(parameters.data());
        LayerState<float> state = make_state<float>(plan, lanes);
        const std::vector<const float*> ports(binding.inputs.size(), x.data());  // none is wider
        const float* const* inputs = ports.data();
        runner.forward(1, inputs, state);
        const long allocations = test::allocations_during([&] {
          for (int t = 0; t < 20; ++t) runner.forward(1, inputs, state);
        });
        EXPECT_EQ(allocations, 0) << threads << " threads, " << lanes << " lanes";
      }
    }
  }
}

// The short way of a single sequence, from its first step on.
TEST_P(Streaming, OfASingleSequenceNeverAllocates) {
  const CellBinding binding = test::shipped_bindings(GetParam(), 24, 10).back();
  const Plan plan = make_plan(lower(test::shipped(GetParam()), binding), false);
  StepRunner<float> step(plan, kernels::kernels<float>());
  AlignedArray<float> parameters(step.layout().size()), x(24);
  step.bind(parameters.data());
  const std::vector<const float*> ports(binding.inputs.size(), x.data());
  LayerState<float> state = make_state<float>(plan, 1);
  static_assert(noexcept(step.step(ports.data())));
  const long allocations = test::allocations_during([&] {
    for (int t = 0; t < 20; ++t) step.step(ports.data());
    step.get_state(state);
    step.set_state(state);
    step.restart();
    step.step(ports.data());
  });
  EXPECT_EQ(allocations, 0);
}

TEST(PublicStep, NeverAllocatesOnceMade) {
  Step step({{Cell::named("lstm"), {.units = 20, .inputs = {2}}}, {Cell::named("gru"), {.units = 7}}});
  StepState kept = step.state();
  const std::vector<float> x(40);
  std::vector<float> y(140);
  const long allocations = test::allocations_during([&] {
    step.run(20, x.data(), y.data());
    step.step(x.data(), y.data());
    step.save(kept);
    step.restore(kept);
    step.restart();
  });
  EXPECT_EQ(allocations, 0);
}

INSTANTIATE_TEST_SUITE_P(Cells, Streaming, testing::ValuesIn(shipped_cells()),
                         [](const auto& name) { return name.param; });

}  // namespace
}  // namespace cellwright
