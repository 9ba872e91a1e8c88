// A text as a task: what a trial gives is a function of it alone, and its limits hold.
#include "study/text_task.h"

#include <gtest/gtest.h>

#include <cmath>

#include "cellwright/error.h"
#include "language/shipped.h"

namespace cellwright::study {
namespace {

/// 0 1 2 3 4 0 1 2 …: learned in no time, ln 5 = 1.609 nats before.
struct Text {
  Streams train, valid, test;
  explicit Text(int n = 2001) : train(ids(n), 10, 10), valid(ids(101), 10, 10), test(ids(101), 10, 10) {}
  static TokenView ids(int n) {
    std::vector<std::int32_t> all;
    for (int i = 0; i < n; ++i) all.push_back(i % 5);
    return TokenView(std::move(all));
  }
  TextStudy study() const {
    TextStudy s;
    s.data = {&train, train.all(), &valid, valid.all()};
    s.test = &test;
    s.test_range = test.all();
    s.model.classes = 5;
    s.options.epochs = 3;
    s.options.batch = 10;
    s.options.steps = 10;
    return s;
  }
};

LayerSpec layer(const std::string& cell, int units = 8) {
  LayerSpec l;
  l.cell_text = shipped_cell_text(cell);
  l.cell_file = cell + ".cell";
  l.units = units;
  return l;
}

TEST(TextTask, LearnsAndGivesTheSameBitsAgain) {
  const Text text;
  const TextTask task(text.study());
  const Trial trial = {0.02, 3, 4};
  const auto first = task.run(layer("gru"), trial, nullptr), again = task.run(layer("gru"), trial, nullptr);
  ASSERT_TRUE(first && again);
  EXPECT_EQ(first->test, again->test);
  EXPECT_EQ(first->updates, 60);
  EXPECT_LT(first->test, 0.5);
  EXPECT_EQ(first->best_update % 20, 0) << "a validation is made behind an epoch";
  const auto other = task.run(layer("gru"), {0.02, 3, 5}, nullptr);
  EXPECT_NE(first->test, other->test) << "other start values";
}

TEST(TextTask, StopsAtTheUpdatesAskedForWithAValidation) {
  const Text text;
  TextStudy study = text.study();
  study.updates = 13;
  const auto result = TextTask(study).run(layer("rnn"), {0.02, 1, 1}, nullptr);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->updates, 13);
  EXPECT_TRUE(std::isfinite(result->test));
}

TEST(TextTask, DivergenceIsAResult) {
  const Text text;
  TextStudy study = text.study();
  study.options.optimizer = optimizer_defaults("sgd");
  study.options.clip_norm = 0;
  const auto result = TextTask(study).run(layer("rnn_relu"), {1e30, 1, 1}, nullptr);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->diverged);
}

TEST(TextTask, AWishToStopEndsARun) {
  const Text text;
  const std::atomic<bool> stop{true};
  EXPECT_FALSE(TextTask(text.study()).run(layer("lstm"), {0.02, 1, 1}, &stop));
}

TEST(TextTask, NeedsSomethingToChooseAndToReportBy) {
  const Text text;
  TextStudy study = text.study();
  study.test = nullptr;
  EXPECT_THROW(TextTask{study}, SpecError);
  study = text.study();
  study.data.valid = nullptr;
  EXPECT_THROW(TextTask{study}, SpecError);
}

}  // namespace
}  // namespace cellwright::study
