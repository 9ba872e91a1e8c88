// model_test.cpp: the whole stack's gradients, windows, bits and starts.
#include "nn/model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "cellwright/error.h"
#include "nn/head.h"
#include "nn/test_help.h"

namespace cellwright {
namespace {

using test::engine;
using test::random_tokens;
using test::randomise;
using test::stack;

struct Tokens {
  std::vector<std::int32_t> inputs, targets;
  Tokens(int steps, int lanes, int classes, std::uint64_t seed)
      : inputs(random_tokens(static_cast<std::size_t>(steps * lanes), classes, seed)),
        targets(random_tokens(static_cast<std::size_t>(steps * lanes), classes, seed + 1)) {}
  TokenWindow window(int steps, int lanes, int first_step = 0, int first_counted = 0) const {
    return {steps, lanes, inputs.data() + first_step * lanes, targets.data() + first_step * lanes,
            first_counted};
  }
};

double objective(const WindowLoss& loss) {
  return (loss.nats + loss.cell_losses) / static_cast<double>(loss.tokens);
}

// language.md's rule: |a - n| <= 1e-6 · max(largest of the tensor, 1e-3 · largest of all tensors), h = 1e-5.
void expect_gradients(Model<double>& model, const TokenWindow& window, const ModelState<double>& start) {
  ModelState<double> state = start;
  model.train_window(window, state);
  std::vector<std::vector<double>> all;
  double largest = 0;
  for (std::size_t i = 0; i < model.tensors().size(); ++i) {
    all.push_back(model.gradient(i));
    for (const double g : all.back()) largest = std::max(largest, std::abs(g));
  }
  EXPECT_GT(largest, 1e-3);
  for (std::size_t i = 0; i < all.size(); ++i) {
    double of_tensor = 0;
    for (const double g : all[i]) of_tensor = std::max(of_tensor, std::abs(g));
    const std::vector<double> values = model.get(i);
    for (std::size_t k = 0; k < values.size(); ++k) {
      double side[2];
      for (int s = 0; s < 2; ++s) {
        std::vector<double> moved = values;
        moved[k] += s == 0 ? -1e-5 : 1e-5;
        model.set(i, moved);
        state = start;
        side[s] = objective(model.evaluate_window(window, state));
      }
      model.set(i, values);
      const double numeric = (side[1] - side[0]) / 2e-5;
      EXPECT_NEAR(all[i][k], numeric, 1e-6 * std::max(of_tensor, 1e-3 * largest))
          << model.tensors()[i].name << "[" << k << "]";
    }
  }
}

TEST(Model, GradientOfATwoLayerStackIsThatOfDifferences) {
  Model<double> model(stack(5, 3, {{"lstm", 4}, {"gru", 3}}), engine(2));
  randomise(model, 1);
  const Tokens tokens(6, 3, 5, 10);
  expect_gradients(model, tokens.window(6, 3), model.make_state(3));
}

TEST(Model, GradientWithOneHotInputIsThatOfDifferences) {
  Model<double> model(stack(4, 0, {{"lstm_peephole", 3}, {"lstm", 5}}), engine(2));
  randomise(model, 2);
  const Tokens tokens(5, 2, 4, 11);
  expect_gradients(model, tokens.window(5, 2), model.make_state(2));
}

TEST(Model, TruncatedGradientHoldsTheCarriedStateFixed) {
  Model<double> model(stack(5, 3, {{"lstm", 4}, {"rnn", 3}}), engine(1));
  randomise(model, 3);
  const Tokens tokens(7, 2, 5, 12);
  ModelState<double> state = model.make_state(2);
  model.train_window(tokens.window(4, 2), state);
  expect_gradients(model, tokens.window(3, 2, 4), state);
}

TEST(Model, UncountedAndAbsentTargetsHaveNoGradientOfTheirOwn) {
  Model<double> model(stack(5, 3, {{"lstm", 4}}), engine(2));
  randomise(model, 4);
  Tokens tokens(6, 2, 5, 13);
  tokens.targets[9] = -1;
  const TokenWindow window = tokens.window(6, 2, 0, 4);
  ModelState<double> state = model.make_state(2);
  EXPECT_EQ(model.train_window(window, state).tokens, 3);
  expect_gradients(model, window, model.make_state(2));
}

TEST(Model, OwnLossesOfACellJoinTheObjective) {
  ModelSpec spec = stack(4, 2, {{"rnn", 3}});
  spec.layers[0].cell_text = "cell own(x) -> h\nh = tanh(W·[h[t-1], x] + b)\nloss small = sum(square(h))\n";
  Model<double> model(spec, engine(2));
  randomise(model, 5);
  const Tokens tokens(4, 2, 4, 14);
  ModelState<double> state = model.make_state(2);
  EXPECT_GT(model.evaluate_window(tokens.window(4, 2), state).cell_losses, 0);
  expect_gradients(model, tokens.window(4, 2), model.make_state(2));
  expect_gradients(model, tokens.window(4, 2, 0, 2), model.make_state(2));
}

TEST(Model, WindowsOneAfterTheOtherGiveTheBitsOfOne) {
  Model<float> model(stack(7, 4, {{"lstm", 9}, {"gru", 5}}), engine(2));
  model.initialise(1);
  const Tokens tokens(9, 3, 7, 15);
  ModelState<float> whole = model.make_state(3), cut = model.make_state(3);
  const WindowLoss all = model.evaluate_window(tokens.window(9, 3), whole);
  double nats = 0;
  for (const auto& [first, steps] : {std::pair{0, 4}, {4, 1}, {5, 4}})
    nats += model.evaluate_window(tokens.window(steps, 3, first), cut).nats;
  EXPECT_NEAR(nats, all.nats, 1e-12 * all.nats);  // sums in another order; the states are the same to the bit
  for (std::size_t l = 0; l < 2; ++l) {
    EXPECT_EQ(whole.layers[l].step, 9);
    for (std::size_t s = 0; s < whole.layers[l].values.size(); ++s) {
      EXPECT_EQ(std::memcmp(whole.layers[l].values[s].data(), cut.layers[l].values[s].data(),
                            whole.layers[l].values[s].size() * sizeof(float)),
                0);
    }
  }
}

TEST(Model, AdvanceGivesTheStateInTheMiddleAndTheGradientOfTheWhole) {
  Model<float> model(stack(6, 4, {{"lstm", 5}}), engine(2));
  model.initialise(2);
  const Tokens tokens(6, 2, 6, 16);
  ModelState<float> plain = model.make_state(2), part_way = model.make_state(2), middle = model.make_state(2);
  model.train_window(tokens.window(6, 2), plain);
  const std::vector<float> whole(model.gradients(), model.gradients() + model.size());
  model.train_window(tokens.window(6, 2), part_way, 2);
  EXPECT_EQ(std::memcmp(whole.data(), model.gradients(), model.size() * sizeof(float)), 0);
  model.evaluate_window(tokens.window(2, 2), middle);
  EXPECT_EQ(part_way.layers[0].step, 2);
  for (std::size_t s = 0; s < middle.layers[0].values.size(); ++s) {
    const auto& a = part_way.layers[0].values[s];
    EXPECT_EQ(std::memcmp(a.data(), middle.layers[0].values[s].data(), a.size() * sizeof(float)), 0);
  }
}

TEST(Model, TrainingAndEvaluationSeeTheSameLossToTheBit) {
  Model<float> model(stack(11, 6, {{"lstm", 17}, {"lstm_layernorm", 8}}), engine(2));
  model.initialise(3);
  const Tokens tokens(8, 5, 11, 17);
  ModelState<float> a = model.make_state(5), b = model.make_state(5);
  EXPECT_EQ(model.train_window(tokens.window(8, 5), a).nats,
            model.evaluate_window(tokens.window(8, 5), b).nats);
}

TEST(Model, StepGivesTheLogitsThatEvaluationScores) {
  Model<float> model(stack(9, 4, {{"gru", 12}, {"lstm", 6}}), engine(2));
  model.initialise(4);
  const Tokens tokens(5, 2, 9, 18);
  ModelState<float> a = model.make_state(2), b = model.make_state(2);
  const double expected = model.evaluate_window(tokens.window(5, 2), a).nats;
  double nats = 0;
  std::vector<float> logits(18);
  for (int t = 0; t < 5; ++t) {
    model.step(tokens.inputs.data() + 2 * t, b, logits.data());
    for (int lane = 0; lane < 2; ++lane) {
      double sum = 0;
      for (int c = 0; c < 9; ++c)
        sum += std::exp(static_cast<double>(logits[static_cast<std::size_t>(9 * lane + c)]));
      nats += std::log(sum) - static_cast<double>(logits[static_cast<std::size_t>(
                                  9 * lane + tokens.targets[static_cast<std::size_t>(2 * t + lane)])]);
    }
  }
  EXPECT_NEAR(nats, expected, 1e-5);
}

TEST(Model, ThreadsDoNotChangeABitOfTheGradient) {
  const Tokens tokens(12, 10, 23, 19);
  std::vector<std::vector<float>> gradients;
  for (const int threads : {1, 2, 7}) {
    Model<float> model(stack(23, 19, {{"lstm", 21}, {"slstm", 16}}), engine(threads));
    model.initialise(5);
    ModelState<float> state = model.make_state(10);
    model.train_window(tokens.window(12, 10), state);
    gradients.emplace_back(model.gradients(), model.gradients() + model.size());
  }
  EXPECT_EQ(std::memcmp(gradients[0].data(), gradients[1].data(), gradients[0].size() * sizeof(float)), 0);
  EXPECT_EQ(std::memcmp(gradients[0].data(), gradients[2].data(), gradients[0].size() * sizeof(float)), 0);
}

TEST(Model, TensorsHaveNamesShapesAndTheFormulasCount) {
  Model<float> model(stack(7, 3, {{"lstm", 5}}), engine(1));
  EXPECT_EQ(model.parameter_count(), 7 * 3 + 4 * 5 * (3 + 5 + 1) + 7 * (5 + 1));
  EXPECT_EQ(model.tensors().front().name, "embedding.weight");
  EXPECT_EQ(model.tensors().back().name, "head.bias");
  EXPECT_EQ(model.tensors()[model.tensors().size() - 2].shape, (std::vector<std::int64_t>{7, 5}));
  const std::vector<TensorInfo> before = tensors_of(model.spec());
  ASSERT_EQ(before.size(), model.tensors().size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(before[i].name, model.tensors()[i].name);
    EXPECT_EQ(before[i].shape, model.tensors()[i].shape);
  }
  EXPECT_THROW(model.set(0, {1, 2}), ShapeError);
}

TEST(Model, SetAndGetAreInverse) {
  Model<float> model(stack(7, 3, {{"slstm", 6}}), engine(1));
  for (std::size_t i = 0; i < model.tensors().size(); ++i) {
    std::vector<float> values = model.get(i);
    for (std::size_t k = 0; k < values.size(); ++k) values[k] = static_cast<float>(k + 1 + 100 * i);
    model.set(i, values);
  }
  for (std::size_t i = 0; i < model.tensors().size(); ++i) {
    const std::vector<float> values = model.get(i);
    for (std::size_t k = 0; k < values.size(); ++k)
      ASSERT_EQ(values[k], static_cast<float>(k + 1 + 100 * i)) << model.tensors()[i].name;
  }
}

TEST(Model, StartsAsTheCellAsks) {
  ModelSpec spec = stack(5, 4, {{"rnn", 6}});
  spec.layers[0].cell_text =
      "cell own(x) -> h\nf = σ(W_f·[h[t-1], x] + b_f)\nc = tanh(W_c·[h[t-1], x] + b_c)\nh = f ⊙ h[t-1] + (1 "
      "- f) ⊙ c\n"
      "init b_f = chrono(50)\ninit W_f[h[t-1]] = orthogonal\ninit W_c[h[t-1]] = identity\ninit W_c[x] = "
      "0.25\n";
  Model<double> model(spec, engine(1));
  model.initialise(7);
  for (std::size_t i = 0; i < model.tensors().size(); ++i) {
    const std::string& name = model.tensors()[i].name;
    const std::vector<double> v = model.get(i);
    if (name == "layers.0.W_f") {
      for (std::size_t a = 0; a < 6; ++a) {
        for (std::size_t b = 0; b < 6; ++b) {
          double dot = 0;
          for (std::size_t k = 0; k < 6; ++k) dot += v[a * 10 + k] * v[b * 10 + k];
          EXPECT_NEAR(dot, a == b ? 1 : 0, 1e-12);
        }
        for (std::size_t k = 6; k < 10; ++k) EXPECT_LE(std::abs(v[a * 10 + k]), 1 / std::sqrt(6.0));
      }
    } else if (name == "layers.0.W_c") {
      for (std::size_t a = 0; a < 6; ++a) {
        for (std::size_t k = 0; k < 10; ++k) EXPECT_EQ(v[a * 10 + k], k < 6 ? (k == a ? 1 : 0) : 0.25);
      }
    } else if (name == "layers.0.b_f") {
      for (const double b : v) {
        EXPECT_GE(b, 0);
        EXPECT_LE(b, std::log(49.0));
      }
      EXPECT_NE(v[0], v[1]);
    } else if (name == "layers.0.b_c" || name == "head.bias") {
      for (const double b : v) EXPECT_EQ(b, 0);
    }
  }
  spec.init_uniform = 0.1;
  Model<double> zaremba(spec, engine(1));
  zaremba.initialise(7);
  for (std::size_t i = 0; i < zaremba.tensors().size(); ++i) {
    double largest = 0;
    for (const double v : zaremba.get(i)) largest = std::max(largest, std::abs(v));
    EXPECT_LE(largest, 0.1);
    EXPECT_GT(largest, 0.03) << zaremba.tensors()[i].name;
  }
}

TEST(Model, RefusesWhatCannotBe) {
  EXPECT_THROW(Model<float>(stack(5, 3, {{"lstm", 0}}), engine(1)), SpecError);
  EXPECT_THROW(Model<float>(stack(5, 3, {}), engine(1)), SpecError);
  EXPECT_THROW(tensors_of(stack(5, 3, {{"lstm", 1 << 20}})), SpecError);
  Model<float> model(stack(5, 3, {{"lstm", 2}}), engine(1));
  ModelState<float> state = model.make_state(1);
  const std::int32_t bad = 5;
  std::vector<float> logits(5);
  EXPECT_THROW(model.step(&bad, state, logits.data()), ShapeError);
  const Tokens tokens(2, 2, 5, 20);
  EXPECT_THROW(model.evaluate_window(tokens.window(2, 2), state), ShapeError);
}

TEST(Head, ChunksOfALargeVocabularyGiveThePlainSums) {
  constexpr int kInputs = 3, kClasses = 30011, kSteps = 12, kLanes = 4;  // more than one chunk of logits
  const auto& k = kernels::kernels<double>();
  Head<double> head(kInputs, kClasses, k, engine(2).pool);
  const Random random(1, 1);
  std::vector<double> w(static_cast<std::size_t>(kClasses * kInputs)),
      h(static_cast<std::size_t>(kSteps * kLanes * kInputs));
  for (std::size_t i = 0; i < w.size(); ++i) w[i] = random.normal(i);
  for (std::size_t i = 0; i < h.size(); ++i) h[i] = random.normal(i, 1);
  AlignedArray<double> packed(head.weight_size()), bias(head.bias_size()), d_w(head.weight_size()),
      d_b(head.bias_size()), d_h(h.size());
  kernels::pack(w.data(), kInputs, 0, kClasses, 0, kInputs, packed.data());
  for (int c = 0; c < kClasses; ++c)
    bias[static_cast<std::size_t>(c)] = random.normal(static_cast<std::uint64_t>(c), 2);
  head.bind(packed.data(), bias.data());
  const std::vector<std::int32_t> targets = random_tokens(kSteps * kLanes, kClasses, 3);
  const Head<double>::Gradients gradients{0.5, d_w.data(), d_b.data(), d_h.data()};
  const double nats = head.loss({h.data(), targets.data(), kSteps, kLanes, 1}, &gradients);

  double expected = 0;
  std::vector<double> e_b(kClasses), e_h(h.size());
  for (std::size_t r = kLanes; r < kSteps * kLanes; ++r) {
    std::vector<double> p(kClasses);
    double sum = 0;
    for (std::size_t c = 0; c < kClasses; ++c) {
      double z = bias[c];
      for (std::size_t i = 0; i < kInputs; ++i) z += w[c * kInputs + i] * h[r * kInputs + i];
      sum += p[c] = std::exp(z);
    }
    for (std::size_t c = 0; c < kClasses; ++c) {
      p[c] = p[c] / sum - (static_cast<std::int32_t>(c) == targets[r] ? 1 : 0);
      e_b[c] += 0.5 * p[c];
      for (std::size_t i = 0; i < kInputs; ++i) e_h[r * kInputs + i] += 0.5 * p[c] * w[c * kInputs + i];
    }
    expected -= std::log(p[static_cast<std::size_t>(targets[r])] + 1);
  }
  EXPECT_NEAR(nats, expected, 1e-9 * expected);
  for (std::size_t c = 0; c < kClasses; ++c) ASSERT_NEAR(d_b[c], e_b[c], 1e-12);
  for (std::size_t i = 0; i < h.size(); ++i) ASSERT_NEAR(d_h[i], e_h[i], 1e-9);
}

TEST(Spec, JsonKeepsEverything) {
  ModelSpec spec = stack(65, 0, {{"lstm", 128}, {"slstm", 64}});
  spec.layers[1].options["heads"] = {4};
  spec.layers[1].sizes["latent"] = 32;
  spec.init_uniform = 0.1;
  const ModelSpec back = model_spec_from_json(to_json(spec));
  EXPECT_EQ(to_json(back), to_json(spec));
  EXPECT_EQ(back.layers[1].options.at("heads"), std::vector<double>{4});
  EXPECT_EQ(back.layers[0].cell_text, spec.layers[0].cell_text);
}

TEST(Spec, HostileJsonIsRefused) {
  const std::string good = to_json(stack(65, 0, {{"lstm", 128}}));
  EXPECT_THROW(model_spec_from_json(""), FormatError);
  EXPECT_THROW(model_spec_from_json("[]"), FormatError);
  EXPECT_THROW(model_spec_from_json(good.substr(0, good.size() / 2)), FormatError);
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  for (const char* units : {"0", "-1", "99999999999", "18446744073709551615", "1.5", "\"8\"", "null"}) {
    EXPECT_THROW(model_spec_from_json(with("\"units\":128", std::string("\"units\":") + units)), FormatError)
        << units;
  }
  try {
    model_spec_from_json(with("\"classes\"", "\"glasses\""));
    FAIL();
  } catch (const FormatError& e) {
    EXPECT_NE(std::string(e.what()).find("'classes'"), std::string::npos);
  }
}

}  // namespace
}  // namespace cellwright
