// trainer_rules_test.cpp: trainings under every rule and schedule: threads and breaks keep the bytes;
// averages, plateaus and what resuming refuses.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>

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

TEST(Trainer, ThreadsAndABreakKeepTheBytesForEveryRuleAndSchedule) {
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
