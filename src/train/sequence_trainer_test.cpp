// sequence_trainer_test.cpp: training on sequences learns; resuming is to the bit, between batches and
// between windows; evaluation does not depend on batches; model files of sequences, damaged ones too.
#include "train/sequence_trainer.h"

#include <gtest/gtest.h>

#include <cstring>

#include "base/file.h"
#include "cellwright/error.h"
#include "nn/test_help.h"
#include "support/data_path.h"
#include "train/checkpoint.h"
#include "train/sequence_file.h"

namespace cellwright {
namespace {

using test::engine;

// Class 1 if the first number is positive: to be remembered to the end of 4 to 11 steps.
SequenceSet first_signs(int n, std::uint64_t seed) {
  SequenceSet set;
  set.inputs = 1;
  set.target_width = 1;
  set.each = false;
  const Random random(seed, 1);
  for (int i = 0; i < n; ++i) {
    Sequence s;
    s.steps = 4 + i % 8;
    for (int t = 0; t < s.steps; ++t)
      s.inputs.push_back(
          static_cast<float>(random.normal(static_cast<std::uint64_t>(i), static_cast<std::uint64_t>(t))));
    s.targets = {s.inputs[0] > 0 ? 1.0f : 0.0f};
    set.sequences.push_back(s);
  }
  return set;
}

// Each step's target is the number two steps before.
SequenceSet echoes(int n, int steps) {
  SequenceSet set = first_signs(0, 1);
  set.each = true;
  const Random random(3, 2);
  for (int i = 0; i < n; ++i) {
    Sequence s;
    s.steps = steps + i % 3;
    for (int t = 0; t < s.steps; ++t) {
      s.inputs.push_back(
          static_cast<float>(random.uniform(static_cast<std::uint64_t>(i), static_cast<std::uint64_t>(t))));
      s.targets.push_back(t < 2 ? 0 : s.inputs[static_cast<std::size_t>(t - 2)]);
      s.counted.push_back(t >= 2);
    }
    set.sequences.push_back(s);
  }
  return set;
}

SequenceSpec spec_of(const std::string& loss, int outputs, Reading reading) {
  SequenceSpec spec;
  spec.inputs = 1;
  spec.layers = {test::layer("gru", 8)};
  spec.layers[0].regularisation.output_dropout = 0.1;
  spec.reading = reading;
  spec.loss.kind = loss;
  spec.loss.outputs = outputs;
  return spec;
}

TrainOptions options_of(int epochs, int steps) {
  TrainOptions o;
  o.epochs = epochs;
  o.batch = 8;
  o.steps = steps;
  o.learning_rate = 0.02;
  return o;
}

TEST(SequenceTrainer, LearnsToRememberTheFirstNumber) {
  const SequenceSet train = first_signs(200, 1), valid = first_signs(100, 2);
  SequenceModel<float> model(spec_of("softmax", 2, Reading::last), engine(1));
  model.initialise(1);
  SequenceTrainer trainer(model, train, &valid, options_of(20, 0));
  EXPECT_EQ(trainer.run(), TrainingLoop::Outcome::kFinished);
  EXPECT_EQ(trainer.updates(), 20 * 25);
  const SequenceEvaluation e = evaluate(model, valid, 7);
  EXPECT_GT(e.accuracy(), 0.95);
  EXPECT_NEAR(e.mean(), trainer.best(), 1e-9);
  const SequenceEvaluation alone = evaluate(model, valid, 1);
  EXPECT_NEAR(alone.loss, e.loss, 1e-9);
  EXPECT_EQ(alone.correct, e.correct);
  double best = 0;
  for (const EvaluationReport& r : trainer.history()) best = std::max(best, r.accuracy);
  EXPECT_GE(best, e.accuracy());
}

TEST(SequenceTrainer, WindowsCarryTheState) {
  const SequenceSet train = echoes(16, 40);
  SequenceModel<float> model(spec_of("mse", 1, Reading::each), engine(1));
  model.initialise(1);
  SequenceTrainer trainer(model, train, nullptr, options_of(40, 8));
  trainer.run();
  const double whole = evaluate(model, train, 4).mean(), windows = evaluate(model, train, 4, 8).mean();
  EXPECT_NEAR(whole, windows, 1e-7);
  EXPECT_LT(whole, 0.02) << "the variance is 1/12";
}

class Resumed : public testing::TestWithParam<int> {};

TEST_P(Resumed, IsToTheBitWhereverItWasStopped) {
  const int steps = GetParam();
  const SequenceSet train = echoes(19, 20), valid = echoes(5, 9);
  const test::TemporaryFolder folder;
  const SequenceSpec spec = spec_of("mse", 1, Reading::each);
  TrainOptions options = options_of(4, steps);
  options.evaluate_every = 4;
  const nlohmann::json task = {{"kind", "test"}, {"names", {"a", "b"}}};
  SequenceModel<float> straight(spec, engine(1));
  straight.initialise(1);
  SequenceTrainer reference(straight, train, &valid, options);
  reference.run();
  save_sequence_model(folder / "straight", straight, task, &reference, true);

  for (const int at : {1, 2, 3, 5}) {
    struct Stop : TrainObserver {
      std::atomic<bool> flag{false};
      int left = 0;
      void on_update(const UpdateReport&) override { flag = --left == 0; }
    };
    const std::string path = folder / "broken";
    {
      SequenceModel<float> model(spec, engine(1));
      model.initialise(1);
      SequenceTrainer trainer(model, train, &valid, options);
      Stop stop;
      stop.left = at;
      RunHooks hooks;
      hooks.observer = &stop;
      hooks.stop = &stop.flag;
      hooks.save = [&] { save_sequence_model(path, model, task, &trainer, true); };
      ASSERT_EQ(trainer.run(hooks), TrainingLoop::Outcome::kStopped);
    }
    const SavedSequenceModel saved = load_sequence_model(path, "test");
    EXPECT_EQ(saved.task, task);
    SequenceModel<float> model(saved.spec, engine(2));
    saved.apply(model);
    SequenceTrainer trainer(model, train, &valid, options);
    trainer.resume(*saved.state);
    trainer.run();
    save_sequence_model(path, model, task, &trainer, true);
    EXPECT_EQ(read_file(path), read_file(folder / "straight")) << steps << " " << at;
  }
}

INSTANTIATE_TEST_SUITE_P(Steps, Resumed, testing::Values(0, 6));

TEST(SequenceTrainer, OtherDataOrOptionsAreNotResumed) {
  const SequenceSet train = echoes(9, 10);
  SequenceModel<float> model(spec_of("mse", 1, Reading::each), engine(1));
  SequenceTrainer trainer(model, train, nullptr, options_of(1, 0));
  const TrainingState state = trainer.state();
  SequenceSet other = train;
  other.sequences[3].inputs[2] += 1;
  SequenceTrainer changed(model, other, nullptr, options_of(1, 0));
  EXPECT_THROW(changed.resume(state), SpecError);
  SequenceTrainer windows(model, train, nullptr, options_of(1, 5));
  EXPECT_THROW(windows.resume(state), SpecError);
}

TEST(SequenceTrainer, WhatDoesNotFitIsRefused) {
  const SequenceSet signs = first_signs(9, 1), steps = echoes(9, 10);
  SequenceModel<float> model(spec_of("softmax", 2, Reading::last), engine(1));
  EXPECT_THROW(SequenceTrainer(model, signs, nullptr, options_of(1, 5)), SpecError);
  EXPECT_THROW(SequenceTrainer(model, steps, nullptr, options_of(1, 0)), ShapeError);
  EXPECT_THROW(SequenceTrainer(model, signs, &steps, options_of(1, 0)), ShapeError);
  EXPECT_THROW(SequenceTrainer(model, SequenceSet(), nullptr, options_of(1, 0)), SpecError);
  SequenceSpec both = spec_of("mse", 1, Reading::each);
  both.layers[0].direction = LayerSpec::Direction::both;
  SequenceModel<float> ahead(both, engine(1));
  EXPECT_THROW(SequenceTrainer(ahead, steps, nullptr, options_of(1, 5)), SpecError);
}

TEST(SequenceFile, IsHeldApartFromModelsOfTextAndRefusedWhenDamaged) {
  const test::TemporaryFolder folder;
  const std::string path = folder / "m.safetensors", text = folder / "t.safetensors";
  SequenceModel<float> model(spec_of("mse", 1, Reading::each), engine(1));
  model.initialise(3);
  save_sequence_model(path, model, {{"kind", "music"}}, nullptr, false);
  EXPECT_EQ(task_of_file(path), "music");
  EXPECT_EQ(load_sequence_model(path).kind(), "music");
  const auto message = [](const auto& f) -> std::string {
    try {
      f();
    } catch (const FormatError& e) {
      return e.what();
    }
    return "";
  };
  EXPECT_NE(message([&] { load_model(path); }).find("a model of music, not of text"), std::string::npos);
  EXPECT_NE(message([&] { load_sequence_model(path, "series"); }).find("a model of music, not of series"),
            std::string::npos);
  Model<float> words(test::stack(3, 2, {{"lstm", 2}}), engine(1));
  save_model(text, words, Vocabulary("characters", {'a', 'b', 'c'}, {0, 1, 2, 3}), nullptr, false);
  EXPECT_EQ(task_of_file(text), "text");
  EXPECT_NE(message([&] { load_sequence_model(text); }).find("a model of text, not of sequences"),
            std::string::npos);
  const std::string whole = read_file(path);
  for (std::size_t cut = 0; cut < whole.size(); cut += whole.size() / 50) {
    write_file_atomically(path, whole.substr(0, cut));
    EXPECT_THROW(load_sequence_model(path), Error) << cut;
  }
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{{"\\\"kind\\\"", "\\\"lost\\\""},
                                                        {"music\\\"}", "music\\\"]"},
                                                        {"\\\"reading\\\"", "\\\"sending\\\""}}) {
    std::string bad = whole;
    const std::size_t at = bad.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    bad.replace(at, from.size(), to);
    write_file_atomically(path, bad);
    EXPECT_THROW(load_sequence_model(path), FormatError) << from;
  }
}

}  // namespace
}  // namespace cellwright
