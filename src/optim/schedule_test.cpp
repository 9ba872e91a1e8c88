// schedule_test.cpp: published schedules by hand, edges of cosine and warm-up, early stopping.
#include "optim/schedule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "cellwright/error.h"
#include "optim/early_stop.h"
#include "support/data_path.h"

namespace cellwright {
namespace {

ScheduleSpec spec_of(const std::string& kind, double decay = 1, double after = 0) {
  ScheduleSpec spec;
  spec.kind = kind;
  spec.decay = decay;
  spec.after = after;
  return spec;
}

double at_epoch(const ScheduleSpec& spec, double epoch) { return learning_rate(spec, 1, {epoch, 0, 0}); }

// char-rnn multiplies at the end of epoch 10 and of each later one: the 11th epoch is the first slower one.
TEST(Schedule, ExponentialIsCharRnns) {
  const ScheduleSpec spec = spec_of("exponential", 0.97, 10);
  EXPECT_EQ(at_epoch(spec, 0), 1);
  EXPECT_EQ(at_epoch(spec, 9.999), 1);
  EXPECT_DOUBLE_EQ(at_epoch(spec, 10), 0.97);
  EXPECT_DOUBLE_EQ(at_epoch(spec, 10.99), 0.97);
  EXPECT_DOUBLE_EQ(at_epoch(spec, 12.5), 0.97 * 0.97 * 0.97);
  EXPECT_DOUBLE_EQ(learning_rate(spec, 2e-3, {11, 5, 0}), 2e-3 * 0.97 * 0.97);
}

TEST(Schedule, ZarembaHalvesFromTheFifthEpochOn) {
  const ScheduleSpec spec = spec_of("zaremba", 2, 4);
  EXPECT_EQ(at_epoch(spec, 3.99), 1);
  EXPECT_EQ(at_epoch(spec, 4), 0.5);
  EXPECT_EQ(at_epoch(spec, 12), std::pow(0.5, 9));
}

TEST(Schedule, AnEpochShortByARoundingCountsAsDone) {
  const ScheduleSpec spec = spec_of("zaremba", 2, 4);
  EXPECT_EQ(at_epoch(spec, std::nextafter(4.0, 0.0)), 0.5);
}

TEST(Schedule, CosineFallsFromOneToItsFloor) {
  ScheduleSpec spec = spec_of("cosine");
  EXPECT_EQ(learning_rate(spec, 1, {0, 0, 100}), 1);
  EXPECT_NEAR(learning_rate(spec, 1, {0, 50, 100}), 0.5, 1e-15);
  EXPECT_NEAR(learning_rate(spec, 1, {0, 25, 100}), 0.5 + std::sqrt(0.125), 1e-15);
  EXPECT_NEAR(learning_rate(spec, 1, {0, 100, 100}), 0, 1e-15);
  EXPECT_NEAR(learning_rate(spec, 1, {0, 500, 100}), 0, 1e-15) << "beyond the plan it stays at the end";
  spec.floor = 0.1;
  EXPECT_NEAR(learning_rate(spec, 2, {0, 100, 100}), 0.2, 1e-15);
  EXPECT_NEAR(learning_rate(spec, 2, {0, 0, 0}), 0.2, 1e-15) << "no plan at all must not divide by zero";
}

TEST(Schedule, WarmUpIsLinearAndCombines) {
  ScheduleSpec spec = spec_of("constant");
  spec.warmup = 4;
  EXPECT_EQ(learning_rate(spec, 8, {0, 0, 0}), 2);
  EXPECT_EQ(learning_rate(spec, 8, {0, 3, 0}), 8);
  EXPECT_EQ(learning_rate(spec, 8, {0, 4, 0}), 8);
  spec.kind = "cosine";
  EXPECT_EQ(learning_rate(spec, 8, {0, 1, 104}), 4);
  EXPECT_EQ(learning_rate(spec, 8, {0, 4, 104}), 8);
  EXPECT_NEAR(learning_rate(spec, 8, {0, 54, 104}), 4, 1e-14);
}

TEST(Schedule, EqualsPyTorchsStoredRates) {  // tools/make_optimizer_oracle.py
  const auto oracle = nlohmann::json::parse(read_file(test::fixture_path("oracle/schedules.json")));
  ASSERT_EQ(oracle["schedules"].size(), 6u);
  for (const auto& stored : oracle["schedules"]) {
    const auto spec = stored["spec"].get<ScheduleSpec>();
    const auto expected = stored["rates"].get<std::vector<double>>();
    Plateau plateau;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const double at = static_cast<double>(i);
      Progress progress{stored["by"] == "epoch" ? at + 0.9 : 0, static_cast<std::int64_t>(i),
                        static_cast<std::int64_t>(expected.size()), plateau.factor};
      EXPECT_NEAR(learning_rate(spec, 0.5, progress), expected[i], 1e-14) << stored["spec"] << " at " << i;
      if (stored["by"] != "validation" || i + 1 == expected.size()) continue;
      plateau.observe(spec, std::stod(stored["losses"][i].get<std::string>()));
      plateau = nlohmann::json::parse(nlohmann::json(plateau).dump()).get<Plateau>();  // as if resumed
    }
  }
}

TEST(Schedule, OneCycleStaysAtItsEndAndHasOneWithoutAPlan) {
  const ScheduleSpec spec = schedule_defaults("one-cycle");
  EXPECT_DOUBLE_EQ(learning_rate(spec, 1, {0, 500, 100}), 4e-6);
  for (const std::int64_t total : {0, 1, 2, 3}) {
    const double rate = learning_rate(spec, 1, {0, 0, total});
    EXPECT_TRUE(rate >= 0 && rate <= 1) << total;
  }
}

TEST(Schedule, OtherSchedulesDoNotWatchValidations) {
  Plateau plateau;
  for (int i = 0; i < 9; ++i) plateau.observe(spec_of("constant"), 1);
  EXPECT_EQ(plateau.factor, 1);
}

TEST(Schedule, BadSpecsAreRefused) {
  EXPECT_THROW(check(spec_of("linear")), SpecError);
  EXPECT_THROW(check(spec_of("exponential", 1.1)), SpecError);
  EXPECT_THROW(check(spec_of("exponential", 0)), SpecError);
  EXPECT_THROW(check(spec_of("zaremba", 0.5)), SpecError) << "it is a divisor";
  EXPECT_THROW(check(spec_of("constant", 1, -1)), SpecError);
  EXPECT_THROW(check(spec_of("step", 2)), SpecError);
  EXPECT_THROW(nlohmann::json::parse(R"({"kind": "plateau", "wait": 0})").get<ScheduleSpec>(), SpecError);
  EXPECT_THROW(nlohmann::json::parse(R"({"kind": "step", "every": 0})").get<ScheduleSpec>(), SpecError);
  EXPECT_THROW(nlohmann::json::parse(R"({"kind": "one-cycle", "rise": 1})").get<ScheduleSpec>(), SpecError);
  EXPECT_THROW(nlohmann::json::parse(R"({"warmup": 1.5})").get<ScheduleSpec>(), FormatError);
  EXPECT_THROW(nlohmann::json::parse(R"({"warmup": 1e300})").get<ScheduleSpec>(), FormatError);
  EXPECT_THROW(nlohmann::json::parse(R"({"warmup": -1})").get<ScheduleSpec>(), SpecError);
}

TEST(Schedule, TheStoredFormComesBack) {
  ScheduleSpec spec = spec_of("zaremba", 1.2, 6);
  spec.warmup = 17;
  spec.floor = 0.25;
  const auto back = nlohmann::json::parse(nlohmann::json(spec).dump()).get<ScheduleSpec>();
  EXPECT_EQ(back.kind, "zaremba");
  EXPECT_EQ(back.decay, 1.2);
  EXPECT_EQ(back.after, 6);
  EXPECT_EQ(back.floor, 0.25);
  EXPECT_EQ(back.warmup, 17);
}

TEST(EarlyStop, StopsAfterPatienceValidationsWithoutABest) {
  EarlyStop stop;
  stop.patience = 2;
  EXPECT_TRUE(stop.observe(3));
  EXPECT_FALSE(stop.observe(3));
  EXPECT_TRUE(stop.observe(2));
  EXPECT_FALSE(stop.observe(std::nan("")));
  EXPECT_FALSE(stop.should_stop());
  EXPECT_FALSE(stop.observe(2.5));
  EXPECT_TRUE(stop.should_stop());
  EXPECT_EQ(stop.best, 2);
}

TEST(EarlyStop, WithoutPatienceItNeverStopsAndSmallFallsDoNotCount) {
  EarlyStop stop;
  stop.least = 0.1;
  EXPECT_TRUE(stop.observe(1));
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(stop.observe(0.95));
  EXPECT_FALSE(stop.should_stop());
  EXPECT_TRUE(stop.observe(0.8));
}

TEST(EarlyStop, TheStoredFormComesBackAlsoWithoutABest) {
  EarlyStop stop;
  stop.patience = 3;
  auto back = nlohmann::json::parse(nlohmann::json(stop).dump()).get<EarlyStop>();
  EXPECT_EQ(back.best, std::numeric_limits<double>::infinity());
  stop.observe(1.5);
  stop.observe(2);
  back = nlohmann::json::parse(nlohmann::json(stop).dump()).get<EarlyStop>();
  EXPECT_EQ(back.patience, 3);
  EXPECT_EQ(back.best, 1.5);
  EXPECT_EQ(back.since_best, 1);
}

}  // namespace
}  // namespace cellwright
