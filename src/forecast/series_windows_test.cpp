// What a model of series reads and what it is held against, number by number.
#include "forecast/series_windows.h"

#include <gtest/gtest.h>

#include <cmath>

#include "cellwright/error.h"

namespace cellwright {
namespace {

SeriesTable table_of(const std::string& text, SeriesColumns columns) {
  columns.time = "t";
  return read_series(read_csv(text, "a.csv"), columns);
}

/// y: 0, 10, 20, …; a: its square; k: 100 and on.
SeriesTable ramp(int rows, SeriesColumns columns) {
  std::string text = "t,y,a,k\n";
  for (int t = 0; t < rows; ++t)
    text += std::to_string(t) + "," + std::to_string(10 * t) + "," + std::to_string(t * t) + "," +
            std::to_string(100 + t) + "\n";
  return table_of(text, columns);
}

SeriesTask task_for(const SeriesTable& table, int horizon, Relative relative, int train) {
  SeriesTask task;
  task.columns = table.columns;
  task.frequency = table.frequency;
  task.horizon = horizon;
  task.context = 8;
  task.season = 4;
  task.relative = relative;
  fit_scales(task, table, std::vector<int>(table.series.size(), train));
  return task;
}

TEST(SeriesScales, ComeFromTheTrainingPartAlone) {
  SeriesColumns columns;
  columns.targets = {"y"};
  SeriesTable table = ramp(40, columns);
  const SeriesTask task = task_for(table, 3, Relative::last, 20);
  EXPECT_DOUBLE_EQ(task.scale("").mean[0], 95);                                // of 0, 10, …, 190
  EXPECT_NEAR(task.scale("").deviation[0], 10 * std::sqrt(399 / 12.0), 1e-9);  // of 20 equidistant numbers
  EXPECT_DOUBLE_EQ(task.scale("").naive[0], 40);                               // a season of 4 earlier
  for (int t = 20; t < 40; ++t) table.series[0].values[0][static_cast<std::size_t>(t)] = 1e6;
  const SeriesTask other = task_for(table, 3, Relative::last, 20);
  EXPECT_EQ(to_json(task), to_json(other));
  EXPECT_EQ(to_json(series_task_from_json(to_json(task))), to_json(task));
}

// A width of 2^32 would be 0 as an int, and fit a model that then is fed past its inputs.
TEST(SeriesScales, ATaskWiderThanAnyModelIsRefused) {
  SeriesColumns columns;
  columns.targets = {"y"};
  const SeriesTable table = ramp(40, columns);
  nlohmann::json json = to_json(task_for(table, 3, Relative::last, 20));
  const std::size_t known = 65536;
  json["horizon"] = 65536;
  for (std::size_t i = 0; i < known; ++i) json["known_future"].push_back(std::to_string(i) + "k");
  json["gaps"] = std::vector<int>(1 + known, 0);
  json["scales"][""]["mean"] = json["scales"][""]["deviation"] = std::vector<double>(1 + known, 1.0);
  EXPECT_THROW(series_task_from_json(json), FormatError);
}

TEST(SeriesWindows, InputsAndTargetsAreThoseOfTheRow) {
  SeriesColumns columns;
  columns.targets = {"y"};
  columns.inputs = {"a"};
  columns.known_future = {"k"};
  const SeriesTable table = ramp(30, columns);
  const SeriesTask task = task_for(table, 2, Relative::last, 20);
  ASSERT_EQ(task.inputs(), 2 + 1 + 2);
  const PreparedSeries p = prepare(task, table, table.series[0]);
  SequenceSet set = series_set(task);
  add_windows(task, p, 0, 20, 4, false, set);
  set.check();
  const SeriesScale& s = task.scale("");
  std::vector<int> counted(30, 0);
  for (std::size_t i = 0; i < set.sequences.size(); ++i) {
    const Sequence& q = set.sequences[i];
    EXPECT_LE(q.steps, 8);
    for (int r = 0; r < q.steps; ++r) {
      const float* x = q.inputs.data() + r * 5;
      const int row = static_cast<int>(std::lround((x[0] * s.deviation[0] + s.mean[0]) / 10));
      counted[static_cast<std::size_t>(row)] += q.counted[static_cast<std::size_t>(r)];
      EXPECT_NEAR(x[2] * s.deviation[1] + s.mean[1], row * row, 1e-2);
      EXPECT_NEAR(x[3] * s.deviation[2] + s.mean[2], 100 + row + 1, 1e-3);  // known for the steps to come
      EXPECT_NEAR(x[4] * s.deviation[2] + s.mean[2], 100 + row + 2, 1e-3);
      if (!q.counted[static_cast<std::size_t>(r)]) continue;
      for (int h = 1; h <= 2; ++h) {  // a ramp: 10 more a step
        const float d = q.targets[static_cast<std::size_t>(2 * r + h - 1)];
        if (row + h >= 20)
          EXPECT_TRUE(std::isnan(d));
        else
          EXPECT_NEAR(d * task.difference[0] * s.deviation[0], 10 * h, 1e-3);
      }
    }
  }
  for (int t = 0; t < 30; ++t) EXPECT_EQ(counted[static_cast<std::size_t>(t)], t < 19 ? 1 : 0) << t;
}

TEST(SeriesWindows, AValidationReadsWhatCameBeforeAndCountsItsOwn) {
  SeriesColumns columns;
  columns.targets = {"y"};
  const SeriesTable table = ramp(30, columns);
  const SeriesTask task = task_for(table, 1, Relative::season, 20);
  const PreparedSeries p = prepare(task, table, table.series[0]);
  SequenceSet set = series_set(task);
  add_windows(task, p, 20, 26, 4, false, set);
  EXPECT_EQ(set.targets(), 6);
  for (const Sequence& s : set.sequences) EXPECT_GT(s.steps, 4);
}

TEST(SeriesWindows, MissingNumbersAreFlaggedCarriedAndNoTargets) {
  SeriesColumns columns;
  columns.targets = {"y"};
  const SeriesTable table = table_of("t,y\n0,1\n1,2\n2,\n3,4\n4,5\n5,6\n6,7\n7,8\n", columns);
  const SeriesTask task = task_for(table, 1, Relative::none, 8);
  ASSERT_EQ(task.inputs(), 2);  // the number and its flag
  const PreparedSeries p = prepare(task, table, table.series[0]);
  SequenceSet set = series_set(task);
  add_windows(task, p, 0, 8, 8, false, set);
  ASSERT_EQ(set.sequences.size(), 1u);
  const Sequence& s = set.sequences[0];
  EXPECT_EQ(s.inputs[4], s.inputs[2]);
  EXPECT_EQ(s.inputs[3], 0);
  EXPECT_EQ(s.inputs[5], 1);
  EXPECT_EQ(s.counted[1], 0);  // row 1 says row 2, which is missing
  EXPECT_EQ(s.counted[2], 1);
}

TEST(SeriesWindows, RelativeToTheMeanIsToThatOfTheSeasonBefore) {
  SeriesColumns columns;
  columns.targets = {"y"};
  const SeriesTable table = ramp(30, columns);
  const SeriesTask task = task_for(table, 2, Relative::mean, 20);  // a season of 4
  const PreparedSeries p = prepare(task, table, table.series[0]);
  SequenceSet set = series_set(task);
  add_windows(task, p, 0, 20, 4, false, set);
  const SeriesScale& scale = task.scale("");
  const double unit = task.difference[0] * scale.deviation[0];
  int counted = 0;
  for (const Sequence& q : set.sequences) {
    for (int r = 0; r < q.steps; ++r) {
      if (!q.counted[static_cast<std::size_t>(r)]) continue;
      ++counted;
      // A ramp of 10 a step: the mean of the rows t-3 … t is 15 below row t; of t-4 … t-1, 25.
      const double y = q.inputs[static_cast<std::size_t>(2 * r)] * scale.deviation[0] + scale.mean[0];
      const double change = y > 35 ? 25 : 20;  // behind row 3 there are but three
      EXPECT_NEAR(q.inputs[static_cast<std::size_t>(2 * r + 1)] * unit, change, 1e-3);
      EXPECT_NEAR(q.targets[static_cast<std::size_t>(2 * r)] * unit, 25, 1e-3);
    }
  }
  EXPECT_EQ(counted, 16);  // rows 3 … 18
  EXPECT_EQ(to_json(series_task_from_json(to_json(task))), to_json(task));
}

TEST(SeriesWindows, IndependentTargetsAreReadAsIfEachWereAlone) {
  const std::string text = "t,y,z,a\n0,1,8,3\n1,2,,1\n2,4,5,4\n3,3,6,1\n4,6,2,5\n5,5,3,9\n6,8,1,2\n7,7,4,6\n";
  SeriesColumns both, one;
  both.targets = {"y", "z"};
  one.targets = {"z"};  // with a gap
  both.inputs = one.inputs = {"a"};
  const SeriesTable pair = table_of(text, both), alone = table_of(text, one);
  SeriesTask task = task_for(pair, 2, Relative::last, 8), single = task_for(alone, 2, Relative::last, 8);
  task.independent = true;
  ASSERT_EQ(task.inputs(), single.inputs());
  ASSERT_EQ(task.outputs(), single.outputs());
  const PreparedSeries p = prepare(task, pair, pair.series[0]), s = prepare(single, alone, alone.series[0]);
  SequenceSet all = series_set(task), wanted = series_set(single);
  add_windows(task, p, 0, 8, 4, false, all);
  add_windows(single, s, 0, 8, 4, false, wanted);
  ASSERT_EQ(all.sequences.size(), 2 * wanted.sequences.size());  // y's and z's in turn
  for (std::size_t i = 0; i < wanted.sequences.size(); ++i) {
    const Sequence &q = all.sequences[2 * i + 1], &w = wanted.sequences[i];
    EXPECT_EQ(q.inputs, w.inputs);
    EXPECT_EQ(q.counted, w.counted);
    ASSERT_EQ(q.targets.size(), w.targets.size());
    for (std::size_t j = 0; j < w.targets.size(); ++j)
      EXPECT_TRUE(q.targets[j] == w.targets[j] || (std::isnan(q.targets[j]) && std::isnan(w.targets[j])));
  }
  EXPECT_EQ(to_json(series_task_from_json(to_json(task))), to_json(task));
}

TEST(SeriesWindows, SplitsAreInRowsOrParts) {
  const SeriesParts a = split_series(100, 0.1, 0.2), b = split_series(14400, 2880, 2880);
  EXPECT_EQ(a.train, 70);
  EXPECT_EQ(a.valid, 80);
  EXPECT_EQ(b.train, 8640);
  EXPECT_EQ(b.valid, 11520);
  EXPECT_THROW(split_series(10, 5, 5), SpecError);
  EXPECT_THROW(split_series(10, -1, 0.1), SpecError);
}

}  // namespace
}  // namespace cellwright
