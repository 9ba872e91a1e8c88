// Forecasts: they know nothing behind their origin, do not depend on their neighbours, and a trained model
// beats the naive ones with every loss and both strategies.
#include "forecast/forecaster.h"

#include <gtest/gtest.h>

#include <cmath>

#include "cellwright/error.h"
#include "forecast/series_windows.h"
#include "nn/test_help.h"
#include "train/sequence_trainer.h"

namespace cellwright {
namespace {

constexpr int kRows = 260, kTrain = 160, kValid = 200;

/// Two waves of periods that do not divide each other, and a little noise.
SeriesTable waves() {
  std::string text = "t,y\n";
  unsigned seed = 3;
  for (int t = 0; t < kRows; ++t) {
    seed = seed * 1664525u + 1013904223u;
    const double noise = (seed >> 16) % 1000 / 1000.0 - 0.5;
    text += std::to_string(t) + "," +
            std::to_string(50 + 10 * std::sin(t * 0.5) + 6 * std::sin(t * 0.83) + noise) + "\n";
  }
  SeriesColumns columns;
  columns.targets = {"y"};
  columns.time = "t";
  return read_series(read_csv(text, "a.csv"), columns);
}

struct Trained {
  SeriesTable table = waves();
  SeriesTask task;
  PreparedSeries series;
  ConformalInterval errors{1, 4};
  std::unique_ptr<Engine> engine = std::make_unique<Engine>(EngineOptions{1});
  std::unique_ptr<SequenceModel<float>> model;

  Trained(const std::string& loss, bool recursive, int epochs) {
    task.columns = table.columns;
    task.frequency = table.frequency;
    task.horizon = 4;
    task.recursive = recursive;
    task.context = 24;
    fit_scales(task, table, {kTrain});
    series = prepare(task, table, table.series[0]);
    SequenceSpec spec;
    spec.layers = test::stack(8, 0, {{"gru", 12}}).layers;
    spec.inputs = task.inputs();
    spec.loss.kind = loss;
    spec.loss.outputs = task.outputs();
    if (loss == "quantile") spec.loss.quantiles = {0.1, 0.5, 0.9};
    if (loss == "mixture") spec.loss.components = 2;
    model = std::make_unique<SequenceModel<float>>(spec, *engine);
    model->initialise(1);
    SequenceSet train = series_set(task), valid = series_set(task);
    add_windows(task, series, 0, kTrain, 12, loss == "mixture", train);
    add_windows(task, series, kTrain, kValid, 12, loss == "mixture", valid);
    TrainOptions options;
    options.epochs = epochs;
    options.batch = 4;
    options.steps = 0;
    options.learning_rate = 0.01;
    SequenceTrainer trainer(*model, train, &valid, options);
    trainer.run();
    Forecaster forecaster(*model, task);
    forecaster.errors(series, origins(kTrain, kValid, 1, 1), kValid, errors);
    forecaster.calibrate(errors, task);
  }
};

TEST(Forecaster, BeatsTheBaselinesWithEveryLossAndStrategy) {
  for (const char* loss : {"mse", "mae", "huber", "quantile", "mixture"}) {
    for (const bool recursive : {false, true}) {
      Trained t(loss, recursive, 60);
      Forecaster forecaster(*t.model, t.task);
      Comparison c;
      compare(forecaster, t.task, t.series, kTrain, origins(kValid, kRows, 4, 1), 4, t.errors, c);
      EXPECT_TRUE(c.better().empty()) << loss << " " << recursive;
      EXPECT_EQ(c.scores[0].count(), 57 * 4);
      EXPECT_LT(c.scores[0].mae(), 0.7 * c.scores[1].mae()) << loss << " " << recursive;
      EXPECT_GT(c.scores[0].coverage(), 0.5) << loss << " " << recursive;
      EXPECT_LT(c.scores[0].coverage(), 0.99) << loss << " " << recursive;
    }
  }
}

TEST(Forecaster, KnowsNothingBehindItsOriginNorOfItsNeighbours) {
  for (const bool recursive : {false, true}) {
    Trained t("mse", recursive, 2);
    Forecaster forecaster(*t.model, t.task);
    const auto together = forecaster.forecast(t.series, {10, 210, 220, 230}, 4);
    EXPECT_EQ(forecaster.forecast(t.series, {220}, 4)[0].point, together[2].point);
    SeriesTable changed = t.table;
    for (std::size_t i = 220; i < changed.series[0].values[0].size(); ++i)
      changed.series[0].values[0][i] = 1e4;
    const PreparedSeries other = prepare(t.task, changed, changed.series[0]);
    EXPECT_EQ(forecaster.forecast(other, {220}, 4)[0].point, together[2].point);
    EXPECT_NE(forecaster.forecast(other, {230}, 4)[0].point, together[3].point);
    if (recursive) {
      const auto longer = forecaster.forecast(t.series, {220}, 9)[0];
      for (std::size_t h = 0; h < 4; ++h) EXPECT_EQ(longer.point[h], together[2].point[h]);
      EXPECT_TRUE(std::isnan(longer.low[8]));  // no interval was measured there
    } else {
      EXPECT_THROW(forecaster.forecast(t.series, {220}, 5), SpecError);
    }
    EXPECT_THROW(forecaster.forecast(t.series, {0}, 4), SpecError);
    // Nor do intervals that follow the errors: those of origin 220 know of numbers before row 220 alone.
    const std::vector<int> where = origins(kValid, 240, 4, 1);
    std::vector<SeriesForecast> a = forecaster.forecast(t.series, where, 4),
                                b = forecaster.forecast(other, where, 4);
    forecaster.follow(t.series, where, t.errors, a);
    forecaster.follow(other, where, t.errors, b);
    for (std::size_t i = 0; i <= 20; ++i) {
      EXPECT_EQ(a[i].low, b[i].low) << where[i];
      EXPECT_EQ(a[i].high, b[i].high) << where[i];
    }
    EXPECT_NE(a[21].high[0] - a[21].point[0], b[21].high[0] - b[21].point[0]);
    EXPECT_GT(std::abs((a[20].high[0] - a[20].point[0]) - (a[0].high[0] - a[0].point[0])), 1e-9);
  }
}

TEST(Forecaster, IndependentTargetsAreForecastAsIfEachWereAlone) {
  for (const bool recursive : {false, true}) {
    Trained t("mse", recursive, 2);
    SeriesTable table = t.table;  // a second column: the first, scaled and moved
    table.columns.targets.push_back("z");
    table.series[0].values.push_back(table.series[0].values[0]);
    for (double& v : table.series[0].values[1]) v = 3 * v - 40;
    SeriesTask task = t.task;
    task.columns = table.columns;
    task.independent = true;
    fit_scales(task, table, {kTrain});
    task.low.insert(task.low.end(), t.task.low.begin(), t.task.low.end());
    task.high.insert(task.high.end(), t.task.high.begin(), t.task.high.end());
    const PreparedSeries both = prepare(task, table, table.series[0]);
    Forecaster alone(*t.model, t.task), together(*t.model, task);
    const SeriesForecast a = alone.forecast(t.series, {150, 220}, 4)[1],
                         b = together.forecast(both, {150, 220}, 4)[1];
    for (std::size_t h = 0; h < 4; ++h) {
      EXPECT_NEAR(b.point[h], a.point[h], 1e-4);
      EXPECT_NEAR(b.point[4 + h], 3 * a.point[h] - 40, 1e-3);
      EXPECT_NEAR(b.high[4 + h], 3 * a.high[h] - 40, 1e-3);
    }
  }
}

// A file may hold what was never trained together; it would be read past the end of what the model says.
TEST(Forecaster, OnlyAModelThatSaysTheTasksNumbersAtEachStepFits) {
  const SeriesTable table = waves();
  SeriesTask task;
  task.columns = table.columns;
  task.frequency = table.frequency;
  task.horizon = 4;
  fit_scales(task, table, {kTrain});
  SequenceSpec spec;
  spec.inputs = task.inputs();
  spec.loss.outputs = task.outputs();
  for (const char* kind : {"mse", "quantile", "mixture"}) {
    spec.loss.kind = kind;
    EXPECT_TRUE(fits(spec, task)) << kind;
  }
  const auto refused = [&](auto change) {
    SequenceSpec other = spec;
    change(other);
    return !fits(other, task);
  };
  EXPECT_TRUE(refused([](SequenceSpec& s) { s.reading = Reading::last; }));
  EXPECT_TRUE(refused([](SequenceSpec& s) { s.loss.kind = "ctc"; }));
  EXPECT_TRUE(refused([](SequenceSpec& s) { ++s.loss.outputs; }));
  EXPECT_TRUE(refused([](SequenceSpec& s) { ++s.inputs; }));
}

}  // namespace
}  // namespace cellwright
