// ports_test.cpp: several vectors between layers, and layers without a state.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "cellwright/error.h"
#include "nn/model.h"
#include "nn/test_help.h"
#include "verify/differences.h"

namespace cellwright {
namespace {

using test::engine;
using test::stack;

struct Case {
  const char* name;
  std::vector<std::pair<std::string, int>> layers;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class Ports : public testing::TestWithParam<Case> {
 protected:
  static constexpr int kClasses = 5, kSteps = 6, kLanes = 2;
  ModelSpec spec() const { return stack(kClasses, 3, GetParam().layers); }
  std::vector<std::int32_t> inputs = test::random_tokens(kSteps * kLanes, kClasses, 1);
  std::vector<std::int32_t> targets = test::random_tokens(kSteps * kLanes, kClasses, 2);
  TokenWindow window(int first = 0, int steps = kSteps) const {
    return {steps, kLanes, inputs.data() + first * kLanes, targets.data() + first * kLanes, 0};
  }
};

TEST_P(Ports, GradientsOfTheStackAreThoseOfDifferences) {
  Model<double> model(spec(), engine(2));
  test::randomise(model, 1);
  const ModelState<double> start = model.make_state(kLanes);
  ModelState<double> state = start;
  model.train_window(window(), state);
  std::vector<std::vector<double>> gradients;
  for (std::size_t i = 0; i < model.tensors().size(); ++i) gradients.push_back(model.gradient(i));
  const double largest = largest_entry(gradients);
  EXPECT_GT(largest, 1e-3);
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    std::vector<double> values = model.get(i);
    const GradientRow row = check_tensor(model.tensors()[i].name, values, gradients[i], {}, largest, [&] {
      model.set(i, values);
      ModelState<double> again = start;
      const WindowLoss loss = model.evaluate_window(window(), again);
      return loss.nats / static_cast<double>(loss.tokens);
    });
    model.set(i, values);
    EXPECT_TRUE(row.passed) << row.name << ": " << row.error << " where " << row.allowed << " is allowed";
  }
}

TEST_P(Ports, StepByStepLeavesTheStatesOfTheWindow) {
  Model<float> model(spec(), engine(2));
  model.initialise(1);
  ModelState<float> whole = model.make_state(kLanes), stepped = model.make_state(kLanes);
  model.evaluate_window(window(), whole);
  std::vector<float> logits(kClasses * kLanes);
  for (int t = 0; t < kSteps; ++t) model.step(inputs.data() + t * kLanes, stepped, logits.data());
  for (std::size_t l = 0; l < whole.layers.size(); ++l) {
    EXPECT_EQ(whole.layers[l].step, kSteps);
    EXPECT_EQ(stepped.layers[l].step, kSteps);
    ASSERT_EQ(whole.layers[l].values.size(), stepped.layers[l].values.size());
    for (std::size_t s = 0; s < whole.layers[l].values.size(); ++s) {
      const auto& a = whole.layers[l].values[s];
      EXPECT_EQ(std::memcmp(a.data(), stepped.layers[l].values[s].data(), a.size() * sizeof(float)), 0);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Stacks, Ports,
                         testing::Values(Case{"grid", {{"grid_edge", 4}, {"grid_lstm", 4}, {"grid_lstm", 4}}},
                                         Case{"depth_gated",
                                              {{"lstm_depth_gated", 4}, {"lstm_depth_gated", 4}}},
                                         Case{"fewer_ports_above", {{"lstm_depth_gated", 4}, {"gru", 3}}},
                                         Case{"no_state_at_all", {{"linear", 4}}},
                                         Case{"no_state_between", {{"lstm", 3}, {"linear", 4}, {"mut1", 4}}}),
                         [](const auto& info) { return info.param.name; });

std::string message(const ModelSpec& spec) {
  try {
    tensors_of(spec);
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

TEST(PortsTrouble, AMissingPortNamesTheWayOut) {
  const std::string text = message(stack(5, 3, {{"grid_lstm", 4}}));
  EXPECT_EQ(text.rfind("layer 0: the cell 'grid_lstm' wants an input 'C_below' from below", 0), 0u) << text;
  EXPECT_NE(text.find("offers 1 value;"), std::string::npos) << text;
  EXPECT_NE(text.find("--cell grid_edge,grid_lstm"), std::string::npos) << text;
}

TEST(PortsTrouble, LayersOfUnequalWidthNameBothSizesAndTheLayer) {
  const std::string text = message(stack(5, 3, {{"lstm_depth_gated", 4}, {"lstm_depth_gated", 6}}));
  EXPECT_NE(text.find("size conflict"), std::string::npos) << text;
  EXPECT_NE(text.find("input 'C_below'"), std::string::npos) << text;
  EXPECT_NE(text.find("size 4"), std::string::npos) << text;
  EXPECT_NE(text.find("size 6"), std::string::npos) << text;
  EXPECT_NE(text.find("in layer 1"), std::string::npos) << text;
}

}  // namespace
}  // namespace cellwright
