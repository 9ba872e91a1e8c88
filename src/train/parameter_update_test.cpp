// parameter_update_test.cpp: groups, noise, max-norm and averages on a model's packed parameters: what moves,
// what stays, and that padding, threads and breaks change nothing.
#include "train/parameter_update.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>

#include "base/file.h"
#include "cellwright/error.h"
#include "nn/test_help.h"
#include "support/data_path.h"
#include "train/checkpoint.h"
#include "train/evaluate.h"
#include "train/trainer.h"

namespace cellwright {
namespace {

using test::engine;
using test::random_tokens;
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

std::size_t named(const Model<float>& model, const std::string& name) {
  for (std::size_t i = 0; i < model.tensors().size(); ++i) {
    if (model.tensors()[i].name == name) return i;
  }
  ADD_FAILURE() << name;
  return 0;
}

TEST(ModelPieces, CoverTheArrayAndHoldTheTensors) {
  for (const char* cell : {"lstm", "gru", "lstm_peephole", "slstm"}) {
    Model<float> model(stack(7, 5, {{cell, 22}, {"rnn", 16}}), engine(1));
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

// Everything at once that acts after the backward pass, for each rule and schedule.
std::vector<TrainOptions> all_options() {
  std::vector<TrainOptions> all;
  TrainOptions base;
  base.epochs = 2;
  base.batch = 4;
  base.steps = 5;
  base.learning_rate = 0.02;
  base.evaluate_every = 2;
  base.clip_value = 1;
  for (const std::string& kind : optimizer_kinds()) {
    TrainOptions o = base;
    o.optimizer = optimizer_defaults(kind);
    o.optimizer.t0 = 2;
    o.optimizer.nonmonotone = 1;
    if (kind == "nt-asgd") o.learning_rate = 3;  // so that it stalls
    all.push_back(o);
    o.optimizer.weight_decay = 0.01;
    if (kind != "asgd" && kind != "nt-asgd") o.optimizer.ema = 0.9;
    o.gradient_noise = 0.01;
    o.max_norm = 1.5;
    o.groups = {parse_group("embedding.*:lr=0.5"), parse_group("*.b*:weight-decay=0"),
                parse_group("layers.1.*:frozen")};
    all.push_back(o);
  }
  for (const std::string& kind : schedule_kinds()) {
    TrainOptions o = base;
    o.schedule = schedule_defaults(kind);
    o.schedule.wait = 1;
    o.schedule.after = 1;
    all.push_back(o);
  }
  return all;
}

std::string name_of(const TrainOptions& o) {
  return o.optimizer.kind + " " + o.schedule.kind + (o.max_norm > 0 ? ", with all" : "");
}

struct StopAt : TrainObserver {
  std::int64_t at = -1;
  std::atomic<bool> stop{false};
  void on_update(const UpdateReport& r) override { stop = stop || r.update == at; }
};

struct Task {
  TrainOptions options;
  Streams train{random_tokens(101, 7, 1), options.batch, options.k1()};
  Streams valid = Streams::covering(random_tokens(40, 7, 2), 2, 8);
  Vocabulary vocabulary{"characters", {'a', 'b', 'c', 'd', 'e', 'f', 'g'}, {0, 1, 2, 3, 4, 5, 6, 7}};
  ModelSpec spec = stack(7, 3, {{"lstm", 5}, {"gru", 4}});
  bool with_valid = true;

  TrainingData data() const { return {&train, train.all(), with_valid ? &valid : nullptr, valid.all()}; }

  // The file of a training that is stopped after update `at` (-1: goes through), written to `path`.
  std::string run(int threads, std::int64_t at, const std::string& path) const {
    Model<float> model(spec, engine(threads));
    model.initialise(4);
    Trainer trainer(model, data(), options);
    StopAt observer;
    observer.at = at;
    TrainHooks hooks;
    hooks.observer = &observer;
    hooks.stop = &observer.stop;
    trainer.run(hooks);
    return file_of(model, trainer, path);
  }
  std::string resumed(int threads, const std::string& path) const {
    const SavedModel saved = load_model(path);
    Model<float> model(saved.spec, engine(threads));
    saved.apply(model);
    Trainer trainer(model, data(), saved.options());
    trainer.resume(*saved.state);
    trainer.run();
    return file_of(model, trainer, path);
  }
  std::string file_of(const Model<float>& model, Trainer& trainer, const std::string& path) const {
    save_model(path, model, vocabulary, &trainer, true);
    return read_file(path);
  }
};

TEST(ParameterUpdate, ThreadsAndABreakKeepTheBytesForEveryRuleAndSchedule) {
  const test::TemporaryFolder folder;
  const std::string path = folder / "model.safetensors";
  for (const bool with_valid : {true, false}) {
    for (const TrainOptions& options : all_options()) {
      const bool averages = options.optimizer.ema > 0 || options.optimizer.kind == "asgd";
      if (!with_valid && !averages) continue;
      SCOPED_TRACE(name_of(options));
      Task task{options};
      task.with_valid = with_valid;
      const std::string straight = task.run(1, -1, path);
      ASSERT_EQ(task.run(2, -1, path), straight) << "threads";
      for (const std::int64_t at : {3, 8}) {
        task.run(1, at, path);
        ASSERT_EQ(task.resumed(1, path), straight) << "stopped after update " << at;
      }
    }
  }
}

TEST(Trainer, EvaluatesAndSavesTheAverageAndTrainsOnFromTheParameters) {
  TrainOptions o;
  o.epochs = 3;
  o.batch = 4;
  o.steps = 5;
  o.optimizer = optimizer_defaults("sgd");
  o.learning_rate = 0.5;
  const Task without{o};
  o.optimizer.ema = 0.8;
  const Task with{o};
  Model<float> a(with.spec, engine(1)), b(with.spec, engine(1));
  a.initialise(1);
  b.initialise(1);
  TrainingData no_valid = with.data();
  no_valid.valid = nullptr;
  Trainer averaging(a, no_valid, with.options), raw(b, no_valid, without.options);
  // The average by hand, in double, from the parameters after each update of the plain training.
  struct Watch : TrainObserver {
    const Model<float>* model;
    std::vector<double> average;
    void on_update(const UpdateReport& r) override {
      const double s = static_cast<double>(r.update),
                   kept = r.update == 1 ? 0 : std::min(0.8, (1 + s) / (10 + s));
      average.resize(model->size());
      for (std::size_t i = 0; i < average.size(); ++i)
        average[i] = kept * average[i] + (1 - kept) * model->parameters()[i];
    }
  } watch;
  watch.model = &b;
  TrainHooks hooks;
  hooks.observer = &watch;
  raw.run(hooks);
  averaging.run();
  for (std::size_t i = 0; i < a.size(); ++i) {
    ASSERT_NEAR(averaging.best_parameters()[i], watch.average[i], 1e-5);
    ASSERT_EQ(a.parameters()[i], averaging.best_parameters()[i]) << "the model shows the average at the end";
  }
  const TrainingState state = averaging.state();
  bool both = false;
  for (const Tensor& t : state.tensors) both = both || t.name == "training.current.head.bias";
  EXPECT_TRUE(both);

  // With a validation set: the loss told is that of the average, and the best is an average.
  Model<float> c(with.spec, engine(1));
  c.initialise(1);
  Trainer valid(c, with.data(), with.options);
  valid.run();
  c.set_noise(1, 1);
  EXPECT_EQ(evaluate(c, with.valid, with.valid.all()).per_token(), valid.best());
}

TEST(Trainer, NtAsgdAveragesOnceTheLossHasStalled) {
  TrainOptions o;
  o.epochs = 30;
  o.batch = 4;
  o.steps = 5;
  o.optimizer = optimizer_defaults("nt-asgd");
  o.optimizer.nonmonotone = 2;
  o.learning_rate = 2;
  const Task task{o};
  TrainOptions plain = o;
  plain.optimizer.kind = "sgd";
  std::vector<std::vector<EvaluationReport>> histories;
  for (const TrainOptions& options : {o, plain}) {
    Model<float> model(task.spec, engine(1));
    model.initialise(1);
    Trainer trainer(model, task.data(), options);
    trainer.run();
    histories.push_back(trainer.history());
  }
  std::vector<double> before;
  std::size_t trigger = histories[1].size();
  for (std::size_t i = 0; i < histories[1].size() && trigger == histories[1].size(); ++i) {
    const double loss = histories[1][i].valid_loss;
    if (before.size() > 2 && loss > *std::min_element(before.begin(), before.end() - 2)) trigger = i;
    before.push_back(loss);
  }
  ASSERT_LT(trigger + 2, histories[1].size());
  for (std::size_t i = 0; i < histories[1].size(); ++i) {
    EXPECT_EQ(histories[0][i].train_loss, histories[1][i].train_loss) << "training itself is not changed";
    if (i <= trigger) {
      EXPECT_EQ(histories[0][i].valid_loss, histories[1][i].valid_loss) << i;
    } else {
      EXPECT_NE(histories[0][i].valid_loss, histories[1][i].valid_loss) << i;
    }
  }
}

TEST(Trainer, PlateauLowersTheRateWhereTheLossStopsFalling) {
  TrainOptions o;
  o.epochs = 20;
  o.batch = 4;
  o.steps = 5;
  o.optimizer = optimizer_defaults("sgd");
  o.learning_rate = 2;
  o.schedule = schedule_defaults("plateau");
  const Task task{o};
  Model<float> model(task.spec, engine(1));
  model.initialise(1);
  Trainer trainer(model, task.data(), o);
  trainer.run();
  double best = INFINITY, rate = 2;
  int since = 0, falls = 0;
  for (const EvaluationReport& r : trainer.history()) {
    EXPECT_EQ(r.learning_rate, rate);
    if (r.valid_loss < best * (1 - 1e-4)) {
      best = r.valid_loss;
      since = 0;
    } else if (++since == 2) {
      rate /= 2;
      since = 0;
      ++falls;
    }
  }
  EXPECT_GT(falls, 1);
}

TEST(Trainer, ResumeRefusesEveryOptionThatWouldSilentlyChangeTheBits) {
  TrainOptions o;
  o.batch = 4;
  o.steps = 6;
  const Task task{o};
  Model<float> model(task.spec, engine(1));
  model.initialise(1);
  Trainer trainer(model, task.data(), o);
  const TrainingState state = trainer.state();
  const auto refused = [&](const TrainOptions& changed, const std::string& part) {
    Trainer other(model, task.data(), changed);
    try {
      other.resume(state);
      ADD_FAILURE() << part;
    } catch (const SpecError& error) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
  };
  const auto change = [&](const auto& how) {
    TrainOptions changed = o;
    how(changed);
    return changed;
  };
  refused(change([](auto& c) { c.optimizer = optimizer_defaults("nadam"); }),
          "the optimizer was adam, and is nadam now");
  refused(change([](auto& c) { c.optimizer.beta1 = 0.5; }), "the optimizer's beta1 was 0.9, and is 0.5 now");
  refused(change([](auto& c) { c.optimizer.weight_decay = 0.5; }), "weight_decay");
  refused(change([](auto& c) { c.optimizer.ema = 0.5; }), "ema");
  refused(change([](auto& c) { c.clip_norm = 1; }), "clip_norm was 5.0, and is 1.0 now");
  refused(change([](auto& c) { c.clip_value = 1; }), "clip_value");
  refused(change([](auto& c) { c.gradient_noise = 1; }), "gradient_noise");
  refused(change([](auto& c) { c.max_norm = 1; }), "max_norm");
  refused(change([](auto& c) { c.seed = 2; }), "seed");
  refused(change([](auto& c) { c.groups.push_back(parse_group("*:lr=2")); }), "groups");

  Trainer freely(model, task.data(), change([](auto& c) {
                   c.epochs = 99;
                   c.learning_rate = 1;
                   c.schedule = schedule_defaults("one-cycle");
                   c.patience = 3;
                   c.evaluate_every = 7;
                   c.save_every = 9;
                 }));
  freely.resume(state);

  const Streams other_valid = Streams::covering(random_tokens(44, 7, 2), 2, 8);
  TrainingData data = task.data();
  data.valid = &other_valid;
  data.valid_range = other_valid.all();
  Trainer elsewhere(model, data, o);
  EXPECT_THROW(elsewhere.resume(state), SpecError) << "another validation text";
  Engine accurate({1, "", true});
  Model<float> exact(task.spec, accurate);
  Trainer with_accuracy(exact, task.data(), o);
  EXPECT_THROW(with_accuracy.resume(state), SpecError) << "other activations";
}

}  // namespace
}  // namespace cellwright
