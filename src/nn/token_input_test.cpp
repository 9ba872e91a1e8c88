// token_input_test.cpp: embedding dropout and the tied embedding.
#include "nn/token_input.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "cellwright/error.h"
#include "nn/regulariser_test_help.h"

namespace cellwright {
namespace {

using test::engine;
using test::stack;
using test::Tokens;

// The definition, written anew: what a token's row is multiplied by.
double scale_of(std::int32_t token, double rate, std::uint64_t seed, std::uint64_t update) {
  const Random random(seed, hash_name("noise.embedding") + update * 0x9E3779B97F4A7C15u);
  const double dropped = std::round(rate * 4294967296.0);
  return random.words(static_cast<std::uint64_t>(token))[0] < dropped ? 0 : 1 / (1 - dropped / 4294967296.0);
}

TEST(EmbeddingDropout, IsATableWithWholeRowsDroppedAndTheOthersScaled) {
  for (const bool tied : {false, true}) {
    ModelSpec spec = stack(37, 6, {{"lstm", 6}});
    spec.tied = tied;
    spec.embedding_dropout = 0.4;
    Model<double> model(spec, engine(2));
    test::randomise(model, 1);
    const Tokens tokens(8, 5, 37, 3);
    for (const std::uint64_t update : {0u, 1u, 2u}) {
      const double nats = test::train_once(model, tokens.window(), 5, update).nats;
      const std::vector<double> gradient = model.gradient(0), table = model.get(0);
      // A tied table is the head's too, which sees all of it: there, only the untied model says what the
      // lookup does.
      ModelSpec plain = stack(37, 6, {{"lstm", 6}});
      Model<double> other(plain, engine(1));
      test::copy_parameters(model, other);
      if (tied) other.set(test::index_of(other, "head.weight"), table);
      std::vector<double> dropped = table;
      for (std::int32_t v = 0; v < 37; ++v) {
        for (std::size_t j = 0; j < 6; ++j)
          dropped[static_cast<std::size_t>(v) * 6 + j] *= scale_of(v, 0.4, 5, update);
      }
      other.set(0, dropped);
      EXPECT_EQ(test::train_once(other, tokens.window()).nats, nats);
      const std::vector<double> of_lookup = other.gradient(0),
                                of_head = other.gradient(test::index_of(other, "head.weight"));
      for (std::size_t i = 0; i < gradient.size(); ++i) {
        const double expected = of_lookup[i] * scale_of(static_cast<std::int32_t>(i / 6), 0.4, 5, update) +
                                (tied ? of_head[i] : 0);
        EXPECT_NEAR(gradient[i], expected, 1e-14) << i;
      }
    }
  }
}

TEST(EmbeddingDropout, KeepsItsRateAndChangesFromUpdateToUpdate) {
  constexpr int kClasses = 3000;
  ModelSpec spec = stack(kClasses, 2, {{"rnn", 2}});
  spec.embedding_dropout = 0.1;
  TokenInput<float> input(spec, engine(2).pool);
  const std::vector<float> table(2 * kClasses, 1.0f);
  std::vector<std::int32_t> ids(kClasses);
  for (int i = 0; i < kClasses; ++i) ids[static_cast<std::size_t>(i)] = i;
  input.bind(table.data());
  input.prepare(kClasses);
  std::set<std::vector<float>> seen;
  for (const std::uint64_t update : {0u, 1u, 7u}) {
    input.set_noise(1, update);
    const float* x = input.forward(true, ids.data(), kClasses);
    std::size_t dropped = 0;
    for (std::size_t i = 0; i < kClasses; ++i) {
      EXPECT_EQ(x[2 * i], x[2 * i + 1]) << "a row lives or dies as a whole";
      EXPECT_TRUE(x[2 * i] == 0 || x[2 * i] == static_cast<float>(1 / 0.9)) << x[2 * i];
      dropped += x[2 * i] == 0;
    }
    test::expect_rate(dropped, kClasses, 0.1);
    EXPECT_TRUE(seen.emplace(x, x + 2 * kClasses).second) << "another update, another draw";
    x = input.forward(false, ids.data(), kClasses);
    EXPECT_EQ(std::count(x, x + 2 * kClasses, 1.0f), 2 * kClasses) << "inference drops nothing";
  }
}

TEST(EmbeddingDropout, GradientIsThatOfDifferencesWithTheDrawFixed) {
  for (const bool tied : {false, true}) {
    ModelSpec spec = stack(9, 4, {{"gru", 4}});
    spec.embedding_dropout = 0.5;
    spec.tied = tied;
    Model<double> model(spec, engine(1));
    test::randomise(model, 2);
    const Tokens tokens(5, 3, 9, 4);
    test::expect_gradients(model, tokens.window());
  }
}

TEST(EmbeddingDropout, NeedsAnEmbedding) {
  ModelSpec spec = stack(9, 0, {{"gru", 4}});
  spec.embedding_dropout = 0.5;
  try {
    Model<float> model(spec, engine(1));
    FAIL();
  } catch (const SpecError& e) {
    EXPECT_NE(std::string(e.what()).find("--embedding"), std::string::npos) << e.what();
  }
  spec.embedding = 4;
  spec.embedding_dropout = 1;
  EXPECT_THROW(tensors_of(spec), SpecError);
}

TEST(TiedEmbedding, IsAnUntiedModelWhoseTwoTablesAreEqual) {
  ModelSpec spec = stack(37, 6, {{"lstm", 5}, {"gru", 6}});  // 37: no whole number of panels
  Model<double> untied(spec, engine(2));
  spec.tied = true;
  Model<double> tied(spec, engine(2));
  test::randomise(tied, 1);
  test::copy_parameters(tied, untied);
  untied.set(test::index_of(untied, "head.weight"), tied.get(0));
  const Tokens tokens(7, 4, 37, 5);
  EXPECT_EQ(test::train_once(tied, tokens.window()).nats, test::train_once(untied, tokens.window()).nats);
  const std::vector<double> sum = tied.gradient(0), lookup = untied.gradient(0),
                            head = untied.gradient(test::index_of(untied, "head.weight"));
  for (std::size_t i = 0; i < sum.size(); ++i) EXPECT_NEAR(sum[i], lookup[i] + head[i], 1e-14) << i;
  for (std::size_t i = 1; i < tied.tensors().size(); ++i) {
    EXPECT_EQ(tied.gradient(i), untied.gradient(test::index_of(untied, tied.tensors()[i].name)))
        << tied.tensors()[i].name;
  }
}

TEST(TiedEmbedding, GradientIsThatOfDifferences) {
  ModelSpec spec = stack(9, 4, {{"lstm", 3}, {"gru", 4}});
  spec.tied = true;
  Model<double> model(spec, engine(1));
  test::randomise(model, 3);
  const Tokens tokens(5, 3, 9, 6);
  test::expect_gradients(model, tokens.window());
}

TEST(TiedEmbedding, IsOneTensorCountedOnce) {
  ModelSpec spec = stack(7, 5, {{"lstm", 5}});
  spec.tied = true;
  Model<float> model(spec, engine(1));
  EXPECT_EQ(model.parameter_count(), 7 * 5 + 4 * 5 * (5 + 5 + 1) + 7);
  EXPECT_EQ(model.tensors().front().name, "embedding.weight");
  EXPECT_EQ(model.tensors().front().shape, (std::vector<std::int64_t>{7, 5}));
  EXPECT_EQ(model.tensors().back().name, "head.bias");
  std::int64_t trained = 0;
  for (const TensorInfo& info : model.tensors()) {
    EXPECT_NE(info.name, "head.weight");
    trained += info.trained;
  }
  EXPECT_EQ(trained, model.parameter_count());
  for (std::size_t i = 0; i < model.tensors().size(); ++i) {
    std::vector<float> values = model.get(i);
    for (std::size_t k = 0; k < values.size(); ++k) values[k] = static_cast<float>(k + 1 + 100 * i);
    model.set(i, values);
  }
  for (std::size_t i = 0; i < model.tensors().size(); ++i) {
    const std::vector<float> values = model.get(i);
    for (std::size_t k = 0; k < values.size(); ++k) ASSERT_EQ(values[k], static_cast<float>(k + 1 + 100 * i));
  }
}

TEST(TiedEmbedding, StartsSmallAndStepsAsItEvaluates) {
  ModelSpec spec = stack(23, 8, {{"gru", 8}});
  spec.tied = true;
  Model<float> model(spec, engine(2));
  model.initialise(4);
  double most = 0;
  for (const float v : model.get(0)) most = std::max(most, static_cast<double>(std::abs(v)));
  EXPECT_GT(most, 0.09);
  EXPECT_LE(most, 0.1);
  const Tokens tokens(3, 2, 23, 8);
  ModelState<float> a = model.make_state(2), b = model.make_state(2);
  const double expected = model.evaluate_window(tokens.window(), a).nats;
  double nats = 0;
  std::vector<float> logits(46);
  for (std::size_t t = 0; t < 3; ++t) {
    model.step(tokens.inputs.data() + 2 * t, b, logits.data());
    for (std::size_t lane = 0; lane < 2; ++lane) {
      double sum = 0;
      for (std::size_t c = 0; c < 23; ++c) sum += std::exp(static_cast<double>(logits[23 * lane + c]));
      nats += std::log(sum) -
              static_cast<double>(logits[23 * lane + static_cast<std::size_t>(tokens.targets[2 * t + lane])]);
    }
  }
  EXPECT_NEAR(nats, expected, 1e-5);
}

TEST(TiedEmbedding, NeedsTheTopLayersWidth) {
  for (const int embedding : {0, 5}) {
    ModelSpec spec = stack(7, embedding, {{"lstm", 5}, {"lstm", 8}});
    spec.tied = true;
    try {
      tensors_of(spec);
      FAIL();
    } catch (const SpecError& e) {
      EXPECT_NE(std::string(e.what()).find("--embedding 8"), std::string::npos) << e.what();
    }
  }
}

}  // namespace
}  // namespace cellwright
