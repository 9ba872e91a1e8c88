// one_hot_test.cpp: a one-hot input given by its place equals the vector itself, forward, backward and step by step.
#include "run/one_hot.h"

#include <gtest/gtest.h>

#include "base/thread_pool.h"
#include "kernels/test_help.h"
#include "language/lower.h"
#include "language/parse.h"
#include "run/runner.h"
#include "run/step_runner.h"

namespace cellwright {
namespace {

constexpr int kClasses = 37, kUnits = 20, kSteps = 23, kLanes = 5;

constexpr const char* kLstm = R"(cell a(x) -> h
f = σ(W_f·[h[t-1], x] + b_f)
i = σ(W_i·[h[t-1], x] + b_i)
C = f ⊙ C[t-1] + i ⊙ tanh(W·[h[t-1], x])
h = σ(W_o·[h[t-1], x] + b_o) ⊙ tanh(C)
)";

Plan plan_of(const std::string& text, bool training, int classes = kClasses) {
  return make_plan(lower(syntax::parse_cell(text, "a.cell"), CellBinding{kUnits, {classes}, {}, {}}), training);
}

template <class T>
class OneHot : public testing::Test {};
using Numbers = testing::Types<float, double>;
TYPED_TEST_SUITE(OneHot, Numbers);

TYPED_TEST(OneHot, PlacesHaveTheBitsOfVectors) {
  using T = TypeParam;
  for (const int classes : {7, kClasses}) {  // the product in the loop, and before it
    const Plan plan = plan_of(kLstm, true, classes), inference = plan_of(kLstm, false, classes);
    ASSERT_TRUE(takes_one_hot(plan, 0) && takes_one_hot(inference, 0));
    std::vector<std::int32_t> places;
    for (int i = 0; i < kSteps * kLanes; ++i) places.push_back(i * i % classes);
    AlignedArray<T> vectors(places.size() * static_cast<std::size_t>(classes));
    for (std::size_t i = 0; i < places.size(); ++i)
      vectors[i * static_cast<std::size_t>(classes) + static_cast<std::size_t>(places[i])] = 1;
    for (const std::string& target : kernels::available_targets()) {
      const kernels::Kernels<T>& k = kernels::kernels<T>(target);
      AlignedArray<T> outputs[2], gradients[2];
      AlignedArray<T> parameters;
      for (const bool one_hot : {false, true}) {
        ThreadPool pool(one_hot ? 2 : 1);
        Runner<T> runner(plan, k, pool, {});
        parameters = kernels::test::random_array<T>(runner.layout().size(), 3);
        runner.prepare(kSteps, kLanes);
        runner.bind(parameters.data());
        LayerState<T> state = make_state<T>(plan, kLanes);
        const T* inputs[] = {one_hot ? nullptr : vectors.data()};
        runner.set_one_hot(one_hot ? places.data() : nullptr);
        runner.forward(kSteps, inputs, state);
        const std::size_t count = std::size_t{kSteps} * kLanes * kUnits;
        outputs[one_hot] = AlignedArray<T>(count);
        std::copy_n(runner.output(0), count, outputs[one_hot].data());
        const AlignedArray<T> d = kernels::test::random_array<T>(count, 4);
        const T* d_outputs[] = {d.data()};
        gradients[one_hot] = AlignedArray<T>(runner.layout().size());
        typename Runner<T>::Backward b;
        b.d_outputs = d_outputs;
        b.gradients = gradients[one_hot].data();
        runner.backward(b);
      }
      EXPECT_TRUE(kernels::test::same_bits(outputs[0].data(), outputs[1].data(), outputs[0].size())) << target;
      EXPECT_TRUE(kernels::test::same_bits(gradients[0].data(), gradients[1].data(), gradients[0].size())) << target;

      StepRunner<T> step(inference, k, {});
      step.take_one_hot(true);
      step.bind(parameters.data());
      const T* none[] = {nullptr};
      for (int t = 0; t < kSteps; ++t) {
        step.step(none, places[static_cast<std::size_t>(t * kLanes)]);
        EXPECT_TRUE(kernels::test::same_bits(step.output(0), outputs[0].data() + t * kLanes * kUnits, kUnits))
            << target << " step " << t;
      }
    }
  }
}

TEST(TakesOneHot, NotWhereTheInputMeetsMoreThanAMatrix) {
  EXPECT_FALSE(takes_one_hot(plan_of("cell a(x) -> h\nh = tanh(W·h[t-1] + U·tanh(x))\n", true), 0));
  EXPECT_FALSE(takes_one_hot(plan_of("cell a(x) -> h\nh = tanh(W·h[t-1] + U·x[t-1])\n", true), 0));
  EXPECT_FALSE(takes_one_hot(plan_of("cell a(x) -> h\nh = x + W·h[t-1]\n", false, kUnits), 0));
  EXPECT_TRUE(takes_one_hot(plan_of("cell a(x) -> h\nh = tanh(W·h[t-1] + U·x)\n", true), 0));
}

}  // namespace
}  // namespace cellwright
