// Separate sequences as a task: what a trial gives is a function of it alone.
#include "study/sequence_task.h"

#include <gtest/gtest.h>

#include <cmath>

#include "cellwright/error.h"
#include "language/shipped.h"

namespace cellwright::study {
namespace {

/// One key of three sounds at a time, always the next one: learned in no time, 3·ln 2 = 2.079 nats before.
SequenceSet scales(int count) {
  SequenceSet set;
  set.inputs = set.target_width = 3;
  for (int i = 0; i < count; ++i) {
    Sequence s;
    s.steps = 5 + i % 4;
    for (int t = 0; t < s.steps; ++t) {
      for (int k = 0; k < 3; ++k) {
        s.inputs.push_back((t + i) % 3 == k ? 1.0F : 0.0F);
        s.targets.push_back((t + i + 1) % 3 == k ? 1.0F : 0.0F);
      }
    }
    set.sequences.push_back(s);
  }
  return set;
}

struct Music {
  SequenceSet train = scales(40), valid = scales(6), test = scales(7), none;
  SequenceStudy study() const {
    SequenceStudy s;
    s.name = "scales";
    s.metric = "nats a frame";
    s.train = &train;
    s.valid = &valid;
    s.test = &test;
    s.model.inputs = 3;
    s.model.loss.kind = "bernoulli";
    s.model.loss.outputs = 3;
    s.options.epochs = 20;
    s.options.batch = 4;
    s.options.steps = 0;
    return s;
  }
};

LayerSpec layer(const std::string& cell) {
  LayerSpec l;
  l.cell_text = shipped_cell_text(cell);
  l.cell_file = cell + ".cell";
  l.units = 8;
  return l;
}

TEST(SequenceTask, CountsWhatIsToldWrongWhereItIsAskedTo) {
  SequenceSet set;
  set.inputs = set.target_width = 1;
  set.each = false;
  for (int i = 0; i < 10; ++i) {  // nothing tells the three ones from the seven others
    Sequence s;
    s.steps = 2;
    s.inputs = {1, 1};
    s.targets = {i < 3 ? 1.0F : 0.0F};
    set.sequences.push_back(s);
  }
  SequenceStudy study = Music().study();
  study.train = study.valid = study.test = &set;
  study.model.inputs = 1;
  study.model.reading = Reading::last;
  study.model.loss.kind = "softmax";
  study.model.loss.outputs = 2;
  study.errors = "% wrong";
  const SequenceTask task(study);
  EXPECT_EQ(task.metric(), "% wrong");
  EXPECT_EQ(task.valid_metric(), "nats a frame");
  const auto result = task.run(layer("rnn"), {0.05, 1, 1}, nullptr);
  ASSERT_TRUE(result);
  EXPECT_NEAR(result->test, 30, 1e-9);  // always the commoner class
  EXPECT_NEAR(result->valid, -0.3 * std::log(0.3) - 0.7 * std::log(0.7), 0.02);
  study.model.loss.kind = "mse";
  study.model.loss.outputs = 1;
  EXPECT_THROW(SequenceTask{study}, SpecError);
}

// Else a comparison would be one of numbers in the millions with those of the others.
TEST(SequenceTask, ATrainingThatBlowsUpHasNoFigureThoughItsLossIsFinite) {
  const Music music;
  SequenceStudy study = music.study();
  study.model.loss.kind = "mse";
  study.options.optimizer = optimizer_defaults("sgd");
  study.options.clip_norm = 0;
  study.updates = 3;
  const SequenceTask task(study);
  const auto calm = task.run(layer("rnn"), {0.01, 1, 1}, nullptr),
             wild = task.run(layer("rnn"), {300, 1, 1}, nullptr);
  ASSERT_TRUE(calm && wild);
  EXPECT_TRUE(!calm->diverged && std::isfinite(calm->test));
  EXPECT_EQ(wild->updates, 3) << "its numbers were finite to the end";
  EXPECT_TRUE(wild->diverged);
  EXPECT_FALSE(std::isfinite(wild->valid) || std::isfinite(wild->test));
}

TEST(SequenceTask, LearnsAndGivesTheSameBitsAgain) {
  const Music music;
  const SequenceTask task(music.study());
  const auto first = task.run(layer("lstm"), {0.03, 3, 4}, nullptr),
             again = task.run(layer("lstm"), {0.03, 3, 4}, nullptr);
  ASSERT_TRUE(first && again);
  EXPECT_EQ(first->test, again->test);
  EXPECT_LT(first->test, 0.5);
  EXPECT_EQ(first->updates, 20 * 10);
  EXPECT_NE(first->test, task.run(layer("lstm"), {0.03, 4, 4}, nullptr)->test) << "another order of the data";
}

TEST(SequenceTask, UpdatesAreLimitedAndAWishToStopIsHeard) {
  const Music music;
  SequenceStudy study = music.study();
  study.updates = 17;
  EXPECT_EQ(SequenceTask(study).run(layer("gru"), {0.03, 1, 1}, nullptr)->updates, 17);
  const std::atomic<bool> stop{true};
  EXPECT_FALSE(SequenceTask(study).run(layer("gru"), {0.03, 1, 1}, &stop));
}

TEST(SequenceTask, NeedsAllThreeParts) {
  const Music music;
  SequenceStudy study = music.study();
  study.test = &music.none;
  EXPECT_THROW(SequenceTask{study}, SpecError);
  study.test = nullptr;
  EXPECT_THROW(SequenceTask{study}, SpecError);
}

}  // namespace
}  // namespace cellwright::study
