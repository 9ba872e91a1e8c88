// parameter_update_test.cpp: groups, noise and max-norm on a model's packed parameters: what moves, what
// stays, and that padding stays 0.
#include "train/parameter_update.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "cellwright/error.h"
#include "nn/test_help.h"

namespace cellwright {
namespace {

using test::engine;
using test::stack;

// 21 units: panels are never full.
ModelSpec small_spec() { return stack(7, 5, {{"lstm", 21}, {"gru", 9}}); }

void fill_gradients(Model<float>& model, std::uint64_t seed) {
  for (std::size_t i = 0; i < model.tensors().size(); ++i) {
    const Random random(seed, hash_name(model.tensors()[i].name));
    std::vector<float> values = model.get(i);
    for (std::size_t k = 0; k < values.size(); ++k) values[k] = static_cast<float>(random.normal(k));
    model.pack(i, values, model.gradients());
  }
}

// Zero wherever no tensor has a number.
bool padding_is_zero(Model<float>& model, const float* flat) {
  std::vector<float> again(model.size());
  for (std::size_t i = 0; i < model.tensors().size(); ++i) model.pack(i, model.unpack(i, flat), again.data());
  return std::equal(again.begin(), again.end(), flat);
}

TrainOptions with_groups(const std::vector<std::string>& groups) {
  TrainOptions o;
  o.clip_norm = 0;
  o.optimizer = optimizer_defaults("sgd");
  for (const std::string& g : groups) o.groups.push_back(parse_group(g));
  return o;
}

TEST(ModelPieces, CoverTheArrayAndHoldTheTensors) {
  for (const char* cell : {"lstm", "gru", "lstm_peephole", "slstm", "clockwork", "tied"}) {
    const bool tied = cell == std::string("tied");
    ModelSpec spec = stack(7, tied ? 18 : 5, {{tied ? "rnn" : cell, 24}, {"rnn", 18}});
    spec.tied = tied;
    Model<float> model(spec, engine(1));
    test::randomise(model, 1);
    std::size_t at = 0;
    for (const TensorPiece& p : model.pieces()) {
      EXPECT_EQ(p.first, at);
      at = p.last;
      EXPECT_EQ(at % 16, 0u);
      std::vector<float> alone(model.size());  // the numbers of this stretch belong to its tensor
      model.pack(p.tensor, model.get(p.tensor), alone.data());
      EXPECT_TRUE(std::equal(alone.begin() + static_cast<std::ptrdiff_t>(p.first),
                             alone.begin() + static_cast<std::ptrdiff_t>(p.last),
                             model.parameters() + p.first));
    }
    EXPECT_LE(at, model.size());
    EXPECT_LT(model.size() - at, 16u);
  }
}

TEST(ParameterUpdate, EveryGroupHasItsOwnRateAndDecay) {
  Model<float> model(small_spec(), engine(2));
  test::randomise(model, 1);
  fill_gradients(model, 2);
  TrainOptions o =
      with_groups({"embedding.*:frozen", "layers.*.b*:weight-decay=0", "layers.1.*:lr=0.5", "*:lr=2"});
  o.optimizer.weight_decay = 0.1;
  std::vector<std::vector<float>> before, gradient;
  for (std::size_t i = 0; i < model.tensors().size(); ++i) {
    before.push_back(model.get(i));
    gradient.push_back(model.gradient(i));
  }
  ParameterUpdate change(model, o);
  double squares = 0;
  for (std::size_t i = 1; i < gradient.size(); ++i) {
    for (const float g : gradient[i]) squares += static_cast<double>(g) * g;
  }
  const double norm = change.gradient_norm();
  EXPECT_NEAR(norm, std::sqrt(squares), 1e-4) << "a frozen tensor does not count";
  change.apply(0.25, norm, 0);
  for (std::size_t i = 0; i < before.size(); ++i) {
    const std::string& name = model.tensors()[i].name;
    const bool bias = name.find(".b") != std::string::npos && name.rfind("layers", 0) == 0;
    const double factor = name == "embedding.weight"       ? 0
                          : bias                           ? 1
                          : name.rfind("layers.1", 0) == 0 ? 0.5
                                                           : 2;
    const double decay = bias ? 0 : 0.1;
    const std::vector<float> after = model.get(i);
    for (std::size_t k = 0; k < after.size(); ++k) {
      const double x = before[i][k];
      if (factor == 0) {
        ASSERT_EQ(after[k], before[i][k]) << name;
      } else {
        ASSERT_NEAR(after[k], x - 0.25 * factor * (gradient[i][k] + decay * x), 1e-5) << name;
      }
    }
  }
  EXPECT_TRUE(padding_is_zero(model, model.parameters()));
}

TEST(ParameterUpdate, RowsOfTheTableWithoutAGradientAreLeftOutWithTheSameBits) {
  for (const char* rule : {"sgd", "adam"}) {
    const int threads = rule[0] == 's' ? 2 : 1;
    Model<float> sparse(stack(500, 5, {{"lstm", 21}}), engine(threads)), dense(stack(500, 5, {{"lstm", 21}}), engine(1));
    TrainOptions options = with_groups({});
    options.optimizer = optimizer_defaults(rule);
    options.clip_norm = 0.01;
    ParameterUpdate sparse_update(sparse, options), dense_update(dense, options);
    for (Model<float>* model : {&sparse, &dense}) test::randomise(*model, 3);
    ModelState<float> states[2] = {sparse.make_state(4), dense.make_state(4)};
    for (std::uint64_t w = 0; w < 4; ++w) {  // few of the 500 tokens, others each time
      const auto tokens = test::random_tokens(20, 500, w), targets = test::random_tokens(20, 500, w + 9);
      const TokenWindow window{5, 4, tokens.data(), targets.data(), 0};
      sparse.train_window(window, states[0]);
      dense.train_window(window, states[1]);
      ASSERT_NE(sparse.touched_rows().rows, nullptr);
      EXPECT_LE(sparse.touched_rows().rows->size(), 20u);
      dense.gradients();  // who may write makes all rows count
      ASSERT_EQ(dense.touched_rows().rows, nullptr);
      EXPECT_EQ(sparse.gradient(0), dense.gradient(0)) << rule << " window " << w;
      for (ParameterUpdate* update : {&sparse_update, &dense_update})
        update->apply(0.5, update->gradient_norm(), static_cast<std::int64_t>(w));
      EXPECT_TRUE(std::equal(sparse.parameters(), sparse.parameters() + sparse.size(), dense.parameters())) << rule;
    }
  }
}

TEST(ParameterUpdate, AGroupThatMatchesNothingListsTheTensors) {
  Model<float> model(small_spec(), engine(1));
  try {
    ParameterUpdate(model, with_groups({"layer.*:lr=2"}));
    FAIL();
  } catch (const SpecError& error) {
    EXPECT_NE(std::string(error.what()).find("layers.0.W_f"), std::string::npos) << error.what();
  }
}

TEST(ParameterUpdate, NoiseReachesEveryTrainedNumberAndNothingElse) {
  TrainOptions o = with_groups({"layers.0.b*:frozen"});
  o.gradient_noise = 0.04;
  o.clip_norm = 1;
  Model<float> model(small_spec(), engine(2));
  fill_gradients(model, 3);
  std::vector<float> gradients(model.gradients(), model.gradients() + model.size());
  ParameterUpdate change(model, o);
  const double norm = change.gradient_norm();
  change.apply(1, norm, 5);
  const double expected = 0.04 / std::pow(6, 0.55);
  double squares = 0, count = 0;
  for (const TensorPiece& p : model.pieces()) {
    const std::string& name = model.tensors()[p.tensor].name;
    const bool frozen = name.rfind("layers.0.b", 0) == 0;
    for (std::size_t i = p.first; i < p.last; ++i) {
      if (frozen || gradients[i] == 0) {  // padding: no gradient drawn from a normal is 0
        ASSERT_EQ(model.parameters()[i], 0) << name;
        continue;
      }
      const double noise = -model.parameters()[i] - gradients[i] / norm;
      EXPECT_NE(noise, 0);
      squares += noise * noise;
      ++count;
    }
  }
  EXPECT_NEAR(squares / count / expected, 1, 0.1) << "it is not clipped";
  EXPECT_TRUE(padding_is_zero(model, model.gradients()));
}

TEST(ParameterUpdate, MaxNormBoundsLayersAndHead) {
  TrainOptions o = with_groups({"layers.1.*:frozen"});
  o.max_norm = 0.5;
  Model<float> model(small_spec(), engine(2));
  test::randomise(model, 4);
  fill_gradients(model, 5);
  std::vector<std::vector<float>> before;
  for (std::size_t i = 0; i < model.tensors().size(); ++i) before.push_back(model.get(i));
  ParameterUpdate change(model, o);
  change.apply(0, change.gradient_norm(), 0);  // rate 0: only the bound acts
  for (std::size_t i = 0; i < before.size(); ++i) {
    const TensorInfo& info = model.tensors()[i];
    const bool bounded =
        info.shape.size() == 2 && info.name != "embedding.weight" && info.name.rfind("layers.1", 0) != 0;
    const std::vector<float> after = model.get(i);
    const std::size_t columns = bounded ? static_cast<std::size_t>(info.shape[1]) : after.size();
    for (std::size_t r = 0; r < after.size() / columns; ++r) {
      double squares = 0, old = 0;
      for (std::size_t k = 0; k < columns; ++k) {
        squares += std::pow(static_cast<double>(after[r * columns + k]), 2);
        old += std::pow(static_cast<double>(before[i][r * columns + k]), 2);
      }
      if (bounded) {
        EXPECT_GT(old, 0.25);
        EXPECT_NEAR(std::sqrt(squares), 0.5, 1e-5) << info.name;
      } else {
        EXPECT_EQ(squares, old) << info.name;
      }
    }
  }
  EXPECT_TRUE(padding_is_zero(model, model.parameters()));
}

}  // namespace
}  // namespace cellwright
