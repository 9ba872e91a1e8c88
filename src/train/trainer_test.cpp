// trainer_test.cpp: windows, bits, stopping and resuming, divergence.
#include "train/trainer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>

#include "base/file.h"
#include "cellwright/error.h"
#include "nn/test_help.h"
#include "support/data_path.h"
#include "train/checkpoint.h"
#include "train/evaluate.h"

namespace cellwright {
namespace {

using test::engine;
using test::random_tokens;
using test::stack;

TrainOptions small_options() {
  TrainOptions o;
  o.epochs = 3;
  o.batch = 4;
  o.steps = 5;
  o.learning_rate = 1e-2;
  return o;
}

struct Task {
  Streams train, valid;
  Task(const TrainOptions& o, int classes = 7, std::size_t tokens = 161)
      : train(random_tokens(tokens, classes, 1), o.batch, o.k1()),
        valid(Streams::covering(random_tokens(50, classes, 2), 2, 8)) {}
  TrainingData data(bool with_valid = true) const {
    return {&train, train.all(), with_valid ? &valid : nullptr, valid.all()};
  }
};

struct Count : TrainObserver {
  std::vector<UpdateReport> updates;
  std::vector<EvaluationReport> evaluations;
  std::atomic<bool>* stop = nullptr;
  std::int64_t stop_at = -1;
  void on_update(const UpdateReport& r) override {
    updates.push_back(r);
    if (stop && r.update == stop_at) *stop = true;
  }
  void on_evaluation(const EvaluationReport& r) override { evaluations.push_back(r); }
};

std::vector<float> all(const Model<float>& m) { return {m.parameters(), m.parameters() + m.size()}; }

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

std::string temporary(const std::string& name) {
  static const test::TemporaryFolder folder;  // of this process alone: tests run side by side
  return folder / name;
}

TEST(Trainer, LearnsATextThatRepeats) {
  std::vector<std::int32_t> tokens;
  for (int i = 0; i < 1201; ++i) tokens.push_back("\0\1\2\0\1\3"[i % 6]);  // what follows 1 needs memory
  TrainOptions o;
  o.epochs = 6;
  o.batch = 4;
  o.steps = 12;
  o.learning_rate = 2e-2;
  const Streams train(tokens, o.batch, o.steps);
  Model<float> model(stack(4, 0, {{"lstm", 12}}), engine(2));
  model.initialise(1);
  Trainer trainer(model, {&train, train.all(), nullptr, {}}, o);
  EXPECT_EQ(trainer.run(), Trainer::Outcome::kFinished);
  ASSERT_EQ(trainer.history().size(), 6u);
  EXPECT_LT(trainer.history().back().train_loss, 0.05);
  EXPECT_TRUE(std::isnan(trainer.history().back().valid_loss));
}

TEST(Trainer, OneUpdateOfPlainDescentIsParametersMinusRateTimesGradient) {
  TrainOptions o = small_options();
  o.epochs = 1;
  o.optimizer.kind = "sgd";
  o.learning_rate = 0.5;
  o.clip_norm = 0.25;
  const Task task(o, 7, 21);  // one window
  Model<float> model(stack(7, 3, {{"gru", 6}}), engine(2)), other(stack(7, 3, {{"gru", 6}}), engine(1));
  model.initialise(2);
  other.initialise(2);
  std::vector<std::int32_t> inputs(20), targets(20);
  task.train.window(0, inputs.data(), targets.data());
  ModelState<float> state = other.make_state(4);
  other.train_window({5, 4, inputs.data(), targets.data(), 0}, state);
  double norm = 0;
  for (std::size_t i = 0; i < other.size(); ++i)
    norm += static_cast<double>(other.gradients()[i]) * static_cast<double>(other.gradients()[i]);
  norm = std::sqrt(norm);
  ASSERT_GT(norm, 0.25);
  Count count;
  TrainHooks hooks;
  hooks.observer = &count;
  Trainer trainer(model, task.data(false), o);
  trainer.run(hooks);
  ASSERT_EQ(count.updates.size(), 1u);
  EXPECT_NEAR(count.updates[0].gradient_norm, norm, 1e-6);
  for (std::size_t i = 0; i < model.size(); ++i) {
    ASSERT_NEAR(model.parameters()[i],
                static_cast<double>(other.parameters()[i]) -
                    0.5 * 0.25 / norm * static_cast<double>(other.gradients()[i]),
                1e-6);
  }
}

TEST(Trainer, TwentyUpdatesHaveTheSameBitsOnOneTwoAndSevenThreads) {
  TrainOptions o;
  o.epochs = 1;
  o.batch = 20;
  o.steps = 35;
  const Streams train(random_tokens(20 * 35 * 20 + 1, 30, 3), o.batch, o.steps);
  std::vector<std::vector<float>> results;
  for (const int threads : {1, 2, 7}) {
    Model<float> model(stack(30, 16, {{"lstm", 40}, {"lstm", 40}}), engine(threads));
    model.initialise(1);
    Trainer trainer(model, {&train, train.all(), nullptr, {}}, o);
    trainer.run();
    EXPECT_EQ(trainer.updates(), 20);
    results.push_back(all(model));
  }
  EXPECT_TRUE(same_bits(results[0], results[1]));
  EXPECT_TRUE(same_bits(results[0], results[2]));
}

TEST(Trainer, EveryTokenCountsOnceWhenWindowsOverlap) {
  TrainOptions o = small_options();
  o.epochs = 1;
  o.steps = 6;
  o.stride = 2;
  const Task task(o);
  Model<float> model(stack(7, 3, {{"lstm", 6}}), engine(2));
  model.initialise(3);
  Count count;
  TrainHooks hooks;
  hooks.observer = &count;
  Trainer trainer(model, task.data(), o);
  trainer.run(hooks);
  std::int64_t tokens = 0;
  for (const UpdateReport& r : count.updates) tokens += r.tokens;
  EXPECT_EQ(tokens, task.train.predictions());
  EXPECT_EQ(count.updates.size(), static_cast<std::size_t>(task.train.windows()));
}

TEST(Trainer, WithARateOfZeroOverlappingWindowsScoreWhatPlainOnesDo) {
  TrainOptions plain = small_options();
  plain.epochs = 1;
  plain.steps = 2;
  plain.learning_rate = 0;
  TrainOptions overlapping = plain;
  overlapping.steps = 8;
  overlapping.stride = 2;
  std::vector<Count> counts(2);
  for (int k = 0; k < 2; ++k) {
    const TrainOptions& o = k == 0 ? plain : overlapping;
    const Task task(o);
    Model<float> model(stack(7, 3, {{"lstm", 6}, {"gru", 4}}), engine(2));
    model.initialise(3);
    TrainHooks hooks;
    hooks.observer = &counts[static_cast<std::size_t>(k)];
    Trainer trainer(model, task.data(false), o);
    trainer.run(hooks);
  }
  ASSERT_EQ(counts[0].updates.size(), counts[1].updates.size());
  for (std::size_t u = 0; u < counts[0].updates.size(); ++u)
    ASSERT_EQ(counts[0].updates[u].loss, counts[1].updates[u].loss) << u;
  EXPECT_NE(counts[0].updates[5].gradient_norm,
            counts[1].updates[5].gradient_norm);  // it reaches further back
}

// Stopped after every update in turn, written to a file, and resumed by another model and trainer: the file
// at the end is the same.
void expect_resume_to_the_bit(TrainOptions o,
                              const ModelSpec& spec = stack(7, 3, {{"lstm", 5}, {"slstm", 4}})) {
  const Task task(o);
  const Vocabulary vocabulary("characters", {'a', 'b', 'c', 'd', 'e', 'f', 'g'}, {0, 1, 2, 3, 4, 5, 6, 7});
  const std::string path = temporary("resume.safetensors"), whole = temporary("whole.safetensors");
  Model<float> straight(spec, engine(2));
  straight.initialise(4);
  Trainer reference(straight, task.data(), o);
  reference.run();
  save_model(whole, straight, vocabulary, &reference, true);
  const std::string expected = read_file(whole);

  for (std::int64_t at = 1; at <= reference.updates(); at += 3) {
    std::atomic<bool> stop{false};
    {
      Model<float> model(spec, engine(1));
      model.initialise(4);
      Trainer trainer(model, task.data(), o);
      Count count;
      count.stop = &stop;
      count.stop_at = at;
      TrainHooks hooks;
      hooks.observer = &count;
      hooks.stop = &stop;
      hooks.save = [&] { save_model(path, model, vocabulary, &trainer, true); };
      ASSERT_EQ(trainer.run(hooks), Trainer::Outcome::kStopped) << at;
    }
    const SavedModel saved = load_model(path);
    Model<float> model(saved.spec, engine(2));
    saved.apply(model);
    ASSERT_TRUE(saved.state.has_value());
    Trainer trainer(model, task.data(), saved.options());
    trainer.resume(*saved.state);
    EXPECT_EQ(trainer.updates(), at);
    trainer.run();
    save_model(path, model, vocabulary, &trainer, true);
    ASSERT_EQ(read_file(path), expected) << "stopped after update " << at;
  }
}

TEST(Trainer, ResumesToTheBit) { expect_resume_to_the_bit(small_options()); }

// Several vectors between layers, a layer without a state, a clock that must go on where it stood.
TEST(Trainer, ResumesToTheBitWithPortsAndClocks) {
  const auto spec = [](std::vector<std::pair<std::string, int>> layers) { return stack(7, 3, layers); };
  expect_resume_to_the_bit(small_options(), spec({{"grid_edge", 4}, {"grid_lstm", 4}, {"clockwork", 8}}));
  expect_resume_to_the_bit(small_options(), spec({{"lstm_depth_gated", 4}, {"lstm_depth_gated", 4}}));
}

TEST(Trainer, ResumesToTheBitWithOverlapAndValidationsInBetween) {
  TrainOptions o = small_options();
  o.steps = 6;
  o.stride = 3;
  o.evaluate_every = 4;
  o.learning_rate = 0.05;  // so that the best is not the last
  o.optimizer.kind = "rmsprop";
  o.schedule.kind = "cosine";
  o.schedule.warmup = 5;
  expect_resume_to_the_bit(o);
}

// Tied, and with everything that is drawn: once an update, a sequence, a step.
ModelSpec regularised(ModelSpec spec) {
  spec.tied = true;
  spec.embedding_dropout = 0.2;
  spec.label_smoothing = 0.1;
  spec.weight_noise = 0.05;
  for (LayerSpec& layer : spec.layers) {
    Regularisation& r = layer.regularisation;
    r.weight_drop = 0.4;
    r.input_dropout = r.output_dropout = r.recurrent_dropout = 0.2;
    r.variational = &layer == &spec.layers[0];
    r.zoneout = {{"", 0.1}, {"h", 0.05}};
    r.activation_penalty = 0.5;
    r.temporal_penalty = 0.25;
  }
  return spec;
}

TEST(Trainer, ResumesToTheBitWithRegularisers) {
  TrainOptions o = small_options();
  o.steps = 6;
  o.stride = 3;
  o.evaluate_every = 4;
  expect_resume_to_the_bit(o, regularised(stack(7, 4, {{"lstm", 5}, {"slstm", 4}})));
}

TEST(Trainer, ThreadsKeepTheBitsWithRegularisers) {
  TrainOptions o;
  o.epochs = 1;
  o.batch = 20;
  o.steps = 12;
  const Streams train(random_tokens(20 * 12 * 8 + 1, 30, 3), o.batch, o.steps);
  std::vector<std::vector<float>> results;
  for (const int threads : {1, 2, 7}) {
    Model<float> model(regularised(stack(30, 40, {{"gru", 24}, {"lstm", 40}})), engine(threads));
    model.initialise(1);
    Trainer trainer(model, {&train, train.all(), nullptr, {}}, o);
    trainer.run();
    results.push_back(all(model));
  }
  EXPECT_TRUE(same_bits(results[0], results[1]));
  EXPECT_TRUE(same_bits(results[0], results[2]));
}

TEST(Trainer, GoesOnAfterItsEndWhenGivenMoreEpochs) {
  TrainOptions o = small_options();
  o.learning_rate = 0.05;
  const Task task(o);
  const ModelSpec spec = stack(7, 3, {{"lstm", 8}});
  Model<float> straight(spec, engine(1)), twice(spec, engine(1)), again(spec, engine(1));
  straight.initialise(5);
  twice.initialise(5);
  o.epochs = 5;
  Trainer whole(straight, task.data(), o);
  whole.run();
  o.epochs = 2;
  Trainer first(twice, task.data(), o);
  first.run();
  const TrainingState state = first.state();
  o.epochs = 5;
  again.initialise(99);
  for (std::size_t i = 0; i < again.tensors().size(); ++i) again.set(i, twice.get(i));
  Trainer second(again, task.data(), o);
  second.resume(state);
  second.run();
  EXPECT_TRUE(same_bits(all(straight), all(again)));
}

TEST(Trainer, HoldsTheBestValidationAtTheEndAndStopsEarly) {
  TrainOptions o = small_options();
  o.epochs = 60;
  o.learning_rate = 0.05;
  o.patience = 2;
  const Task task(o);  // random tokens: it can only learn them by heart
  Model<float> model(stack(7, 3, {{"lstm", 16}}), engine(2));
  model.initialise(6);
  Trainer trainer(model, task.data(), o);
  EXPECT_EQ(trainer.run(), Trainer::Outcome::kEarly);
  double best = std::numeric_limits<double>::infinity();
  std::size_t where = 0;
  for (std::size_t i = 0; i < trainer.history().size(); ++i) {
    if (trainer.history()[i].valid_loss < best) {
      best = trainer.history()[i].valid_loss;
      where = i;
    }
  }
  EXPECT_EQ(trainer.history().size(), where + 3);
  model.set_noise(1, 1);
  EXPECT_EQ(evaluate(model, task.valid, task.valid.all()).per_token(), best);
  EXPECT_EQ(evaluate(model, task.valid, task.valid.all()).tokens, 49);
}

TEST(Trainer, SaysWhereItDivergedAndKeepsTheParameters) {
  TrainOptions o = small_options();
  const Task task(o);
  Model<float> model(stack(7, 3, {{"rnn_relu", 8}}), engine(2));
  model.initialise(7);
  std::vector<float> values = model.get(1);
  values[0] = std::numeric_limits<float>::quiet_NaN();
  model.set(1, values);
  Trainer trainer(model, task.data(), o);
  int saved = 0;
  TrainHooks hooks;
  hooks.save = [&] { ++saved; };
  const std::vector<float> before = all(model);
  try {
    trainer.run(hooks);
    FAIL();
  } catch (const TrainingError& e) {
    EXPECT_NE(std::string(e.what()).find("loss is NaN at epoch 1, update 1 (learning rate 0.01)"),
              std::string::npos)
        << e.what();
  }
  EXPECT_EQ(saved, 0);
  EXPECT_TRUE(same_bits(all(model), before));
}

TEST(Trainer, RefusesToResumeOnOtherData) {
  TrainOptions o = small_options();
  const Task task(o), other(o, 7, 201);
  Model<float> model(stack(7, 3, {{"lstm", 5}}), engine(1));
  Trainer trainer(model, task.data(), o);
  const TrainingState state = trainer.state();
  Trainer wrong(model, other.data(), o);
  EXPECT_THROW(wrong.resume(state), SpecError);
  TrainingState damaged = state;
  damaged.json.resize(damaged.json.size() / 2);
  EXPECT_THROW(trainer.resume(damaged), FormatError);
  damaged = state;
  damaged.tensors.pop_back();
  EXPECT_THROW(trainer.resume(damaged), FormatError);
}

TEST(TrainOptions, ImpossibleOnesAreNamed) {
  TrainOptions o;
  o.steps = 50;
  o.stride = 20;
  EXPECT_THROW(check(o), SpecError);
  o = TrainOptions();
  o.batch = 0;
  EXPECT_THROW(check(o), SpecError);
  o = TrainOptions();
  o.learning_rate = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(check(o), SpecError);
}

}  // namespace
}  // namespace cellwright
