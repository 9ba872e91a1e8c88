// stretch_test.cpp: a window trained in stretches, whose states at the borders alone are kept, gives the bits
// of the whole window.
#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "base/rng.h"
#include "language/parse.h"
#include "language/shipped.h"
#include "language/signature.h"
#include "nn/model.h"
#include "nn/test_help.h"

namespace cellwright {
namespace {

struct Bits {
  std::vector<std::vector<float>> gradients, states;
  std::vector<double> losses;
  bool operator==(const Bits&) const = default;
};

// k2 = 12, k1 = 5 after a carried window, 3 lanes; then a validation. Masks of dropout and noise are on where
// the specification has them.
Bits train(Model<float>& model, int stretch, int steps, int lanes, int first_counted, int advance) {
  const std::vector<std::int32_t> inputs =
      test::random_tokens(static_cast<std::size_t>(steps * lanes), model.spec().classes, 5);
  std::vector<std::int32_t> targets =
      test::random_tokens(static_cast<std::size_t>(steps * lanes), model.spec().classes, 6);
  targets[targets.size() / 2] = -1;
  Bits bits;
  ModelState<float> state = model.make_state(lanes);
  model.set_stretch(stretch);
  for (int update = 0; update < 2; ++update) {
    model.set_noise(3, static_cast<std::uint64_t>(update));
    const WindowLoss loss = model.train_window(
        {steps, lanes, inputs.data(), targets.data(), update * first_counted}, state, advance);
    bits.losses.insert(bits.losses.end(), {loss.nats, loss.cell_losses, static_cast<double>(loss.tokens)});
    for (std::size_t i = 0; i < model.tensors().size(); ++i) bits.gradients.push_back(model.gradient(i));
    for (const auto& layer : state.layers) {
      for (const auto& values : layer.values) bits.states.emplace_back(values.begin(), values.end());
    }
  }
  const WindowLoss loss = model.evaluate_window({steps, lanes, inputs.data(), targets.data(), 0}, state);
  bits.losses.push_back(loss.nats);
  return bits;
}

void expect_same_bits(const ModelSpec& spec, std::uint64_t seed) {
  Model<float> model(spec, test::engine(2));
  test::randomise(model, seed);
  const Random random(seed, hash_name("test.stretch"));
  const int steps = 9 + static_cast<int>(random.below(12, 0)),
            lanes = 1 + static_cast<int>(random.below(4, 1));
  const int counted = static_cast<int>(random.below(static_cast<std::uint64_t>(steps), 2)),
            advance = static_cast<int>(random.below(static_cast<std::uint64_t>(steps), 3));
  const Bits whole = train(model, 0, steps, lanes, counted, advance);
  for (const int stretch : {1, 2, 2 + static_cast<int>(random.below(7, 4)), steps - 1, steps + 3}) {
    EXPECT_EQ(whole, train(model, stretch, steps, lanes, counted, advance))
        << spec.layers[0].cell_file << ", " << steps << " steps in stretches of " << stretch << ", " << lanes
        << " lanes, counted from " << counted << ", advance " << advance;
  }
}

TEST(Stretch, EveryShippedCellGivesTheBitsOfTheWholeWindow) {
  std::uint64_t seed = 1;
  for (const std::string& cell : shipped_cells()) {
    ModelSpec spec = test::stack(7, 12, {{cell, 12}, {"lstm", 6}});
    const Signature ports = signature(syntax::parse_cell(shipped_cell_text(cell), cell));
    for (const std::string& size : ports.size_names) spec.layers[0].sizes[size] = 5;
    if (ports.inputs.size() > 1 && !ports.inputs[1].optional)
      spec.layers.insert(spec.layers.begin(), test::layer("grid_edge", 12));
    expect_same_bits(spec, seed++);
  }
}

TEST(Stretch, OneHotTiedAndPerturbedModelsToo) {
  for (std::uint64_t seed = 50; seed < 54; ++seed) {
    expect_same_bits(test::stack(9, 0, {{"gru", 5}}), seed);
    ModelSpec spec = test::stack(9, 6, {{"lstm", 6}, {"gru", 6}});
    spec.tied = true;
    spec.embedding_dropout = 0.3;
    spec.label_smoothing = 0.1;
    spec.weight_noise = 0.05;
    spec.layers[0].regularisation.weight_drop = 0.4;
    spec.layers[1].residual = true;
    spec.layers[1].regularisation.input_dropout = 0.2;
    spec.layers[0].regularisation.recurrent_dropout = 0.3;
    spec.layers[0].regularisation.zoneout[""] = 0.2;
    spec.layers[1].regularisation.temporal_penalty = 0.7;
    spec.layers[0].regularisation.activation_penalty = 0.5;
    expect_same_bits(spec, seed);
    spec.tied = false;
    spec.layers[1].residual = false;
    spec.skip = true;
    expect_same_bits(spec, seed);
  }
}

}  // namespace
}  // namespace cellwright
