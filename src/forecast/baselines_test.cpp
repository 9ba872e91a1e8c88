// Baselines and scores against published and hand-made numbers.
#include "forecast/baselines.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "base/file.h"
#include "cellwright/error.h"
#include "data/series.h"
#include "forecast/exponential_smoothing.h"
#include "forecast/scores.h"
#include "support/data_path.h"

namespace cellwright {
namespace {

// Hyndman & Athanasopoulos, Forecasting: principles and practice (2nd ed., 7.1): oil production of Saudi
// Arabia, 1996-2013; ses() gives α = 0.8339, l_0 = 446.5868 and forecasts 542.68.
TEST(ExponentialSmoothing, SimpleIsThatOfTheTextbook) {
  const std::vector<double> oil = {445.36, 453.20, 454.41, 422.38, 456.04, 440.39, 425.19, 486.21, 500.43,
                                   521.28, 508.95, 488.89, 509.87, 456.72, 473.82, 525.95, 549.83, 542.34};
  const ExponentialSmoothing s(oil, 18, 1);
  EXPECT_NEAR(s.constants()[0], 0.8339, 5e-4);
  EXPECT_NEAR(s.level(0), 446.5868, 0.05);
  double f[5];
  s.forecast(18, 5, f);
  for (const double v : f) EXPECT_NEAR(v, 542.68, 0.01);
}

// R: HoltWinters(AirPassengers, seasonal = "mult"): a = 0.2755925, b = 0.03269295, g = 0.8707292; the states
// at the end are 469.3232206 and 3.0215391, and the last season's figure begins with 0.9464611.
TEST(ExponentialSmoothing, HoltWintersIsThatOfR) {
  const std::string path = test::data_path("airline/Airline.csv");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no " << path;
  SeriesColumns columns;
  columns.targets = {"Passengers"};
  columns.time = "Date";
  const SeriesTable table = read_series(read_csv(read_file(path), path), columns);
  EXPECT_EQ(word_of(table.frequency), "m");
  const std::vector<double>& y = table.series[0].values[0];
  ASSERT_EQ(y.size(), 144u);
  const ExponentialSmoothing s(y, 144, 12);
  EXPECT_EQ(s.form(), ExponentialSmoothing::Form::kMultiplicative);
  EXPECT_NEAR(s.constants()[0], 0.2755925, 2e-4);
  EXPECT_NEAR(s.constants()[1], 0.03269295, 2e-4);
  EXPECT_NEAR(s.constants()[2], 0.8707292, 2e-4);
  EXPECT_NEAR(s.level(144), 469.3232206, 0.02);
  EXPECT_NEAR(s.trend(144), 3.0215391, 0.01);
  double f[12];
  s.forecast(144, 12, f);
  EXPECT_NEAR(f[0], (469.3232206 + 3.0215391) * 0.9464611, 0.05);
}

TEST(ExponentialSmoothing, AForecastKnowsNothingBehindItsOrigin) {
  std::vector<double> y;
  for (int t = 0; t < 60; ++t) y.push_back(50 + t + 10 * std::sin(t * 1.57) + (t * 37 % 11));
  const ExponentialSmoothing s(y, 40, 4);
  std::vector<double> changed = y;
  for (int t = 50; t < 60; ++t) changed[static_cast<std::size_t>(t)] = 1000;
  const ExponentialSmoothing other(changed, 40, 4);
  double a[6], b[6];
  s.forecast(50, 6, a);
  other.forecast(50, 6, b);
  for (int h = 0; h < 6; ++h) EXPECT_EQ(a[h], b[h]);
  // And a pure season with a trend is continued.
  std::vector<double> pure;
  for (int t = 0; t < 40; ++t) pure.push_back(2.0 * t + (t % 4) * 5);
  const ExponentialSmoothing p(pure, 32, 4);
  p.forecast(36, 4, a);
  for (int h = 0; h < 4; ++h) EXPECT_NEAR(a[h], pure[static_cast<std::size_t>(36 + h)], 0.6);
}

TEST(Baselines, AreWhatTheirNamesSay) {
  const std::vector<double> y = {1, 2, 3, 11, 12, 13, 99};
  std::vector<std::vector<double>> found;
  for (const auto& b : baselines(3)) {
    b->read(y, 6, 3);
    found.emplace_back(4);
    b->forecast(6, 4, found.back().data());
  }
  ASSERT_EQ(found.size(), 4u);
  EXPECT_EQ(found[0], (std::vector<double>{13, 13, 13, 13}));
  EXPECT_EQ(found[1], (std::vector<double>{11, 12, 13, 11}));
  EXPECT_NEAR(found[2][3], 13 + 4 * 12.0 / 5, 1e-12);
  EXPECT_EQ(baselines(1).size(), 3u);
  const double gap = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(without_gaps({gap, 1, gap, gap, 2}), (std::vector<double>{1, 1, 1, 1, 2}));
}

TEST(Scores, HaveKnownValues) {
  Scores s;
  s.add(1, 2, 2, 0, 1.5);
  s.add(3, 0, 2, 3.5, 4);
  s.add(std::numeric_limits<double>::quiet_NaN(), 0, 2, 0, 1);
  EXPECT_EQ(s.count(), 2);
  EXPECT_DOUBLE_EQ(s.mae(), 2);
  EXPECT_DOUBLE_EQ(s.rmse(), std::sqrt(5.0));
  EXPECT_DOUBLE_EQ(s.mase(), 1);
  EXPECT_DOUBLE_EQ(s.coverage(), 0.5);
  EXPECT_DOUBLE_EQ(naive_error({1, 2, 4, 7, 11, 100}, 5, 2), (3 + 5 + 7) / 3.0);
}

TEST(Scores, FoldsRollToTheEnd) {
  EXPECT_EQ(fold_origins(100, 12, 3, 24), (std::vector<int>{64, 76, 88}));
  EXPECT_EQ(origins(90, 100, 3, 2), (std::vector<int>{90, 92, 94, 96}));
  EXPECT_THROW(fold_origins(100, 30, 3, 24), SpecError);
}

}  // namespace
}  // namespace cellwright
