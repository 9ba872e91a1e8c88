// The tasks over numbers, and the timing of spikes, against answers worked out here another way; scores of
// models that are known; a small training of each kind of task over numbers.
#include "lab/real_classics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "cellwright/error.h"
#include "lab/classics.h"
#include "lab/picture.h"
#include "lab/record.h"
#include "nn/test_help.h"

namespace cellwright::lab {
namespace {

RandomDraw draw_number(std::uint64_t i) { return {Random(7, hash_name("test")), i}; }

Sequence sequence_of(const NumberTask& task, const Point& point, std::uint64_t i) {
  RandomDraw draw = draw_number(i);
  return task.draw(point, draw);
}

TEST(Adding, AsksForTheSumOfTheTwoMarkedNumbersOneInEachHalf) {
  const auto task = make_adding({"en", {9, 100}});
  std::set<std::size_t> firsts;
  double mean = 0, square = 0;
  constexpr int kDrawn = 4000;
  for (std::uint64_t i = 0; i < kDrawn; ++i) {
    const Sequence s = sequence_of(*task, {100, 0, ""}, i);
    ASSERT_EQ(s.steps, 100);
    ASSERT_EQ(s.inputs.size(), 200u);
    double sum = 0;
    std::vector<std::size_t> marked;
    for (std::size_t t = 0; t < 100; ++t) {
      ASSERT_TRUE(s.inputs[2 * t] >= 0 && s.inputs[2 * t] <= 1);
      ASSERT_TRUE(s.inputs[2 * t + 1] == 0 || s.inputs[2 * t + 1] == 1);
      if (s.inputs[2 * t + 1] == 1) marked.push_back(t);
      sum += static_cast<double>(s.inputs[2 * t] * s.inputs[2 * t + 1]);
    }
    ASSERT_EQ(marked.size(), 2u);
    EXPECT_TRUE(marked[0] < 50 && marked[1] >= 50);
    firsts.insert(marked[0]);
    ASSERT_EQ(s.targets.size(), 1u);
    EXPECT_NEAR(s.targets[0], sum, 1e-6);
    mean += sum / kDrawn;
    square += (sum - 1) * (sum - 1) / kDrawn;
  }
  EXPECT_EQ(firsts.size(), 50u);        // each place of the half comes
  EXPECT_NEAR(mean, 1, 0.03);           // of two uniform numbers
  EXPECT_NEAR(square, 1.0 / 6, 0.015);  // their variance: what always 1 is off by
}

TEST(Adding, ChanceIsWhatAlwaysOneReaches) {
  const auto task = make_adding({});
  double right = 0;
  constexpr int kDrawn = 20000;
  for (std::uint64_t i = 0; i < kDrawn; ++i)
    right += task->score(sequence_of(*task, {4, 0, ""}, i), {1.0}).accuracy / kDrawn;
  EXPECT_NEAR(right, task->chance({}), 0.008);
  Sequence s;
  s.targets = {1.25f};
  EXPECT_EQ(task->score(s, {1.28}).accuracy, 1);
  EXPECT_EQ(task->score(s, {1.30}).accuracy, 0);
  EXPECT_NEAR(task->score(s, {1.35}).error, 0.01, 1e-12);
}

TEST(SpikeTiming, TheAnswerIsTheIntervalThatWasRead) {
  const auto task = make_spike_timing({"en", {7, 50}});
  const auto& words = task->words();
  std::set<std::int32_t> answers;
  std::set<std::size_t> begins;
  for (const int length : {7, 50}) {
    for (std::uint64_t i = 0; i < 200; ++i) {
      RandomDraw draw = draw_number(i);
      const Sample s = task->draw({length, 0, ""}, draw);
      int last = -1, asked = 0;
      for (std::size_t t = 0; t < s.tokens.size(); ++t) {
        const bool spike = words[static_cast<std::size_t>(s.tokens[t])] == "|";
        ASSERT_TRUE(spike || words[static_cast<std::size_t>(s.tokens[t])] == "-");
        if (!spike || last < 0) {
          EXPECT_EQ(s.targets[t], -1);
        } else {
          const int interval = static_cast<int>(t) - last;
          ASSERT_TRUE(interval == length || interval == length - 1) << interval;
          EXPECT_EQ(words[static_cast<std::size_t>(s.targets[t])], interval == length ? "long" : "short");
          answers.insert(s.targets[t]);
          ++asked;
        }
        if (spike && last < 0) begins.insert(t);
        if (spike) last = static_cast<int>(t);
      }
      EXPECT_EQ(asked, 3);
      EXPECT_EQ(s.tokens.size(), static_cast<std::size_t>(5 + 3 * length));
    }
  }
  EXPECT_EQ(answers.size(), 2u);
  EXPECT_EQ(begins.size(), 5u);  // the first spike's step says nothing of the second's
  for (std::uint64_t i = 0; i < 50; ++i) {
    RandomDraw draw = draw_number(i);
    const int length = task->training_point(draw).length;
    EXPECT_TRUE(length == 7 || length == 50) << "no shorter ones help";
  }
}

TEST(SpikeGeneration, ASpikeAtEveryMultipleAndNothingIsReadButTheInterval) {
  const auto task = make_spike_generation({"en", {4, 8}});
  const auto points = task->points();
  ASSERT_EQ(points.size(), 4u);
  EXPECT_FALSE(points[1].beyond);
  EXPECT_TRUE(points[3].beyond);
  const Sequence s = sequence_of(*task, points[0], 0);
  EXPECT_EQ(s.targets, (std::vector<float>{0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1}));
  EXPECT_EQ(s.inputs[0], 0.5f);  // 4 of 8
  for (std::size_t t = 1; t < s.inputs.size(); ++t) EXPECT_EQ(s.inputs[t], 0);
  EXPECT_EQ(sequence_of(*task, points[3], 0).steps, 8 * 50 + 1);
  std::vector<double> said(s.targets.begin(), s.targets.end());
  EXPECT_EQ(task->score(s, said).accuracy, 1);
  said[5] = 0.9;  // one spike too many
  EXPECT_EQ(task->score(s, said).accuracy, 0);
  EXPECT_NEAR(task->score(s, said).answers, 20.0 / 21, 1e-12);
  EXPECT_EQ(task->score(s, std::vector<double>(s.targets.size(), 0.1)).accuracy, 0);
}

TEST(Waveform, IsOneSoundWithinBoundsWhoseMeanExplainsNothing) {
  const auto task = make_waveform({"en", {40, 320}});
  const auto points = task->points();
  ASSERT_EQ(points.size(), 1u);
  const Sequence s = sequence_of(*task, points[0], 0);
  EXPECT_EQ(s.steps, 320);
  EXPECT_EQ(s.targets, sequence_of(*task, points[0], 9).targets);
  double largest = 0, mean = 0;
  for (const float y : s.targets) {
    largest = std::max(largest, std::abs(static_cast<double>(y)));
    mean += static_cast<double>(y) / 320;
  }
  EXPECT_NEAR(largest, 1, 1e-6);
  EXPECT_EQ(s.inputs, std::vector<float>(320, 0.0f));  // nothing is heard
  const PointScore nothing = task->score(s, std::vector<double>(320, mean));
  EXPECT_NEAR(nothing.error, 1, 1e-9);
  EXPECT_NEAR(nothing.accuracy, 0, 1e-9);
  std::vector<double> half(s.targets.begin(), s.targets.end());
  for (double& y : half) y = mean + 0.5 * (y - mean);
  EXPECT_NEAR(task->score(s, half).error, 0.25, 1e-9);
  EXPECT_NEAR(task->score(s, half).accuracy, 0.75, 1e-9);
  const PointScore lost = task->score(s, std::vector<double>(320, std::nan("")));
  EXPECT_EQ(lost.accuracy, 0);
  EXPECT_EQ(lost.error, 1e9);
}

StudyOptions options_of(const std::string& cell, int units, double rate, int lanes, int updates) {
  StudyOptions o;
  o.cells = {test::layer(cell, units)};
  o.rates = {rate};
  o.seeds = 1;
  o.training.lanes = lanes;
  o.training.updates = updates;
  o.training.check_every = updates / 4;
  o.training.check_samples = 50;
  o.training.test_samples = 200;
  return o;
}

TEST(NumberLesson, LearnsToAddAndItsErrorStandsInTheFile) {
  const auto task = make_adding({"en", {6}});
  const StudyOptions options = options_of("lstm", 8, 0.02, 32, 600);
  const auto results = run_study(*task, options);
  ASSERT_EQ(results.size(), 1u);
  EXPECT_LT(results[0].points[0].error, 0.02) << "1/6 without anything learned";
  EXPECT_GT(results[0].points[0].error, 0);
  EXPECT_GT(results[0].points[0].accuracy, 3 * task->chance({}));
  const std::string json = study_to_json(*task, options, results);
  EXPECT_EQ(nlohmann::json::parse(json)["runs"][0]["error"][0].get<double>(), results[0].points[0].error);
  EXPECT_EQ(study_to_json(*task, options, results_from_json(json, "r.json", *task, options)), json);
}

TEST(NumberLesson, LearnsAShortSoundAndThePictureShowsIt) {
  const auto task = make_waveform({"en", {24}});
  StudyOptions options = options_of("lstm", 12, 0.02, 1, 400);
  options.training.check_samples = options.training.test_samples = 1;
  const auto results = run_study(*task, options);
  ASSERT_EQ(results.size(), 1u);
  EXPECT_GT(results[0].points[0].accuracy, 0.5);
  EXPECT_EQ(results[0].inside["generated"].size(), 24u);
  const draw::Plot plot = study_plot(*task, summarise(*task, options, results), "light");
  ASSERT_EQ(plot.series.size(), 2u);
  EXPECT_EQ(plot.series[0].name, "target");
  EXPECT_EQ(plot.series[1].y.size(), 24u);
  EXPECT_NE(draw::plot_svg(plot).find("</svg>"), std::string::npos);
}

TEST(RealClassics, LengthsThatATaskCannotHaveAreRefused) {
  EXPECT_THROW(make_adding({"en", {3}}), SpecError);
  EXPECT_THROW(make_spike_timing({"en", {2}}), SpecError);
  EXPECT_THROW(make_spike_generation({"en", {1}}), SpecError);
  EXPECT_THROW(make_waveform({"en", {8}}), SpecError);
}

}  // namespace
}  // namespace cellwright::lab
