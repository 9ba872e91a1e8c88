// step_test.cpp: the public Step: against CellRun, against itself cut otherwise, against the model of a file.
#include <gtest/gtest.h>

#include <cellwright/cellwright.h>

#include <cstdio>

#include "nn/model.h"
#include "train/checkpoint.h"

namespace cellwright {
namespace {

std::vector<float> signal(int count, int width) {
  std::vector<float> x(static_cast<std::size_t>(count * width));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>((i * 37 % 19) / 9.0 - 1);
  return x;
}

std::vector<float> run(Step& step, int count, const std::vector<float>& x) {
  std::vector<float> y(static_cast<std::size_t>(count * step.outputs()));
  step.run(count, x.data(), y.data());
  return y;
}

TEST(PublicStep, SaysWhatTheCellRunSaysInDouble) {
  for (const char* name : {"lstm", "gru", "clockwork", "slstm"}) {
    const CellSizes sizes{.units = 12, .inputs = {3}};
    Step step(Cell::named(name), sizes);
    CellRun exact(Cell::named(name), sizes);
    for (const Step::Parameter& p : step.parameters()) {
      const std::string own = p.name.substr(std::string("layers.0.").size());
      exact.set(own, std::vector<double>(p.values.begin(), p.values.end()));
    }
    const std::vector<float> x = signal(20, 3), y = run(step, 20, x);
    for (std::size_t t = 0; t < 20; ++t) {
      const std::vector<double> expected = exact.step({x[3 * t], x[3 * t + 1], x[3 * t + 2]});
      for (std::size_t k = 0; k < 12; ++k)
        ASSERT_NEAR(y[12 * t + k], expected[k], 1e-5) << name << " at " << t;
    }
  }
}

TEST(PublicStep, IsTheSameInBlocksForksAndAfterARestore) {
  Step step({{Cell::named("lstm"), {.units = 20, .inputs = {2}}}, {Cell::named("gru"), {.units = 7}}});
  EXPECT_EQ(step.inputs(), 2);
  EXPECT_EQ(step.outputs(), 7);
  const std::vector<float> x = signal(30, 2), all = run(step, 30, x);
  step.restart();
  std::vector<float> single(all.size());
  StepState kept;
  Step other = step.fork();
  for (int t = 0; t < 30; ++t) {
    if (t == 11) {
      kept = step.state();
      other = step.fork();
    }
    step.step(x.data() + 2 * t, single.data() + 7 * t);
  }
  EXPECT_EQ(single, all);
  const std::vector<float> rest(all.begin() + 7 * 11, all.end()), x_rest(x.begin() + 22, x.end());
  EXPECT_EQ(run(other, 19, x_rest), rest);
  step.restore(kept);
  EXPECT_EQ(step.state().steps, 11);
  EXPECT_EQ(run(step, 19, x_rest), rest);
}

TEST(PublicStep, ChainsLayers) {
  Step both({{Cell::named("lstm"), {.units = 6, .inputs = {2}}}, {Cell::named("rnn"), {.units = 5}}});
  Step lower(Cell::named("lstm"), {.units = 6, .inputs = {2}}),
      upper(Cell::named("rnn"), {.units = 5, .inputs = {6}});
  for (const Step::Parameter& p : both.parameters()) {
    Step& one = p.name[7] == '0' ? lower : upper;
    one.set(p.name.substr(std::string("layers.0.").size()), p.values);
  }
  const std::vector<float> x = signal(9, 2);
  EXPECT_EQ(run(both, 9, x), run(upper, 9, run(lower, 9, x)));
}

TEST(PublicStep, ForksKeepTheParametersTheyHad) {
  Step one(Cell::named("rnn"), {.units = 3, .inputs = {1}});
  Step other = one.fork();
  const std::vector<float> x = signal(4, 1), before = run(other, 4, x);
  for (const Step::Parameter& p : one.parameters())
    one.set(p.name, std::vector<float>(p.values.size(), 0.25f));
  other.restart();
  EXPECT_EQ(run(other, 4, x), before);
  EXPECT_NE(run(one, 4, x), before);
}

TEST(PublicStep, OfAModelFileGivesTheModelsLogits) {
  const Text text = Text::from_string("the rose is red\nthe sea is blue\n");
  for (const int embedding : {0, 8}) {
    TextModel trained(text, {.units = {20, 18}, .embedding = embedding, .threads = 1});
    const std::string path = testing::TempDir() + "step_test.safetensors";
    trained.save(path);
    Step step = Step::load(path);
    const SavedModel saved = load_model(path);
    std::remove(path.c_str());
    Engine engine;
    Model<float> model(saved.spec, engine);
    saved.apply(model);
    ModelState<float> state = model.make_state(1);
    const int tokens = trained.vocabulary_size();
    ASSERT_EQ(step.tokens(), tokens);
    EXPECT_EQ(step.inputs(), embedding > 0 ? embedding : tokens);
    std::vector<float> logits(static_cast<std::size_t>(tokens)), expected = logits;
    EXPECT_FALSE(step.step_token(-1, logits.data()));
    EXPECT_FALSE(step.step_token(tokens, logits.data()));
    for (std::int32_t t = 0; t < 20; ++t) {
      const std::int32_t token = t * 5 % tokens;
      ASSERT_TRUE(step.step_token(token, logits.data()));
      model.step(&token, state, expected.data());
      ASSERT_EQ(logits, expected) << "token " << t << ", embedding " << embedding;
    }
  }
}

TEST(PublicStep, RefusesInASentence) {
  Step step(Cell::named("rnn"), {.units = 3, .inputs = {1}});
  EXPECT_THROW(step.set("W_q", {}), SpecError);
  EXPECT_THROW(step.set(step.parameters()[0].name, {1}), ShapeError);
  EXPECT_THROW(step.restore(StepState{}), ShapeError);
  EXPECT_THROW(Step(std::vector<StepLayer>{}), SpecError);
  EXPECT_THROW(Step(Cell::named("rnn"), {.units = 3}, {.simd = "mmx"}), SpecError);
  EXPECT_THROW(Step::load("no such file"), IoError);
  static_assert(noexcept(step.step(nullptr, nullptr))&& noexcept(step.run(0, nullptr, nullptr))&& noexcept(
      step.step_token(0, nullptr))&& noexcept(step.restart()));
}

}  // namespace
}  // namespace cellwright
