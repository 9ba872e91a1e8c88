// train series, forecast and backtest as a user meets them; and what is told when something is wrong.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/run_app.h"
#include "support/data_path.h"

namespace cellwright::test {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// Days: a week's rhythm that a holiday, known beforehand, breaks.
std::string shop(int days, int known_days, const std::string& name = "") {
  std::string text = name.empty() ? "day,sales,visitors,holiday\n" : "";
  for (int t = 0; t < days + known_days; ++t) {
    const int month = t / 28, day = t % 28;
    const bool holiday = t * 7 % 19 < 2;
    const double sales = holiday ? 5 : 40 + 15 * std::sin(t * 6.2831853 / 7) + t % 3;
    char date[16];
    std::snprintf(date, sizeof date, "20%02d-%02d-%02d", 10 + month / 12, month % 12 + 1, day + 1);
    text += (name.empty() ? "" : name + ",") + std::string(date) + ",";
    text += t < days ? std::to_string(sales) + "," + std::to_string(t * 13 % 17) : ",";
    text += holiday ? ",1\n" : ",0\n";
  }
  return text;
}

/// Plain steps of a wave of period 12.
std::string wave(int rows) {
  std::string text = "n,y\n";
  for (int t = 0; t < rows; ++t)
    text += std::to_string(t) + "," + std::to_string(20 + 8 * std::sin(t * 0.5236) + 3 * std::sin(t * 1.3)) +
            "\n";
  return text;
}

class SeriesCommand : public testing::Test {
 protected:
  SeriesCommand() {
    write_whole(data, wave(240));
    write_whole(shops, shop(150, 10));
  }
  static AppResult good(const std::vector<std::string>& arguments) {
    const AppResult r = run_app(arguments);
    EXPECT_EQ(r.status, 0) << r.err;
    return r;
  }
  TemporaryFolder folder;
  std::string data = folder / "wave.csv", shops = folder / "shop.csv", out = folder / "m.safetensors";
};

TEST_F(SeriesCommand, IsTrainedMeasuredAndForecast) {
  const std::string log = folder / "log";
  const AppResult r = good({"train", "series",   data, "--target",  "y",  "--time-column", "n",  "--horizon",
                            "6",     "--season", "12", "--units",   "16", "--epochs",      "40", "--lr",
                            "0.01",  "--log",    log,  "--threads", "1",  "--out",         out});
  for (const char* part : {"168 rows to train on, 24 to validate, 48 to test", "loss mse", "naive",
                           "seasonal naive", "drift", "exponential smoothing", "MASE", "in 80 %", "by MAE"})
    EXPECT_TRUE(has(r.out, part)) << part << "\n" << r.out;
  const std::string lines = read_whole(log);
  const auto end = nlohmann::json::parse(lines.substr(lines.rfind('\n', lines.size() - 2) + 1));
  EXPECT_EQ(end["test"]["model"]["numbers"], 43 * 6);
  EXPECT_LT(end["test"]["model"]["mae"].get<double>(), end["test"]["naive"]["mae"].get<double>());
  good({"forecast", out, data, "--out", folder / "f.csv", "--plot", folder / "f.svg"});
  const std::string table = read_whole(folder / "f.csv");
  EXPECT_EQ(table.substr(0, table.find('\n')), "n,y,y_low,y_high");
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 7);
  EXPECT_TRUE(has(table, "\n240,") && has(table, "\n245,")) << table;
  EXPECT_TRUE(has(read_whole(folder / "f.svg"), "80 % interval"));
  EXPECT_TRUE(has(run_app({"forecast", out, data, "--horizon", "7"}).err, "1 to 6 at once"));
  good({"info", out});
}

TEST_F(SeriesCommand, GroupsKnownFutureAndQuantiles) {
  write_whole(shops, "shop," + shop(0, 0) + shop(150, 10, "a") + shop(120, 10, "b"));
  good({"train", "series",        shops,      "--target",       "sales",   "--group",
        "shop",  "--inputs",      "visitors", "--known-future", "holiday", "--horizon",
        "5",     "--loss",        "quantile", "--units",        "8",       "--epochs",
        "3",     "--valid-part",  "14",       "--test-part",    "28",      "--freq",
        "d",     "--time-column", "day",      "--out",          out});
  const AppResult r = good({"forecast", out, shops});
  EXPECT_TRUE(has(r.out, "shop,day,sales,sales_low,sales_high\na,")) << r.out;
  EXPECT_EQ(std::count(r.out.begin(), r.out.end(), '\n'), 11);
}

TEST_F(SeriesCommand, IndependentTargetsAreMeasuredOnTheValidationAlone) {
  const std::string log = folder / "log";
  const AppResult r =
      good({"train",        "series", shops,       "--target", "sales,visitors", "--independent",
            "--relative",   "mean",   "--horizon", "5",        "--season",       "7",
            "--measure",    "valid",  "--units",   "8",        "--epochs",       "3",
            "--valid-part", "30",     "--log",     log,        "--out",          out});
  EXPECT_TRUE(has(r.out, "validation") && !has(r.out, "\ntest ")) << r.out;
  const std::string lines = read_whole(log);
  const auto end = nlohmann::json::parse(lines.substr(lines.rfind('\n', lines.size() - 2) + 1));
  EXPECT_GT(end["valid"]["model"]["numbers"],
            200);  // 26 forecasts of 5 steps of 2 targets, without missing days
  EXPECT_FALSE(end.contains("test"));
  const AppResult f = good({"forecast", out, shops});
  EXPECT_TRUE(has(f.out, "day,sales,sales_low,sales_high,visitors,visitors_low,visitors_high\n")) << f.out;
}

TEST_F(SeriesCommand, ForecastsTakeTheirIntervalFromTheErrorsUpToNow) {
  good({"train", "series", data, "--target", "y", "--time-column", "n", "--rows", "200", "--units", "8",
        "--epochs", "3", "--out", out});
  std::string wild = wave(240);  // rows that the model never saw, and that it cannot forecast
  for (int t = 240; t < 300; ++t) wild += std::to_string(t) + "," + std::to_string(t * 37 % 101) + "\n";
  write_whole(folder / "wild.csv", wild);
  const auto width = [&](const std::string& table) {
    const std::string text = good({"forecast", out, table}).out, row = text.substr(text.find('\n') + 1);
    double n, y, low, high;
    EXPECT_EQ(std::sscanf(row.c_str(), "%lf,%lf,%lf,%lf", &n, &y, &low, &high), 4) << text;
    return high - low;
  };
  EXPECT_GT(width(folder / "wild.csv"), 2 * width(data));
}

TEST_F(SeriesCommand, BacktestRollsTheOrigin) {
  const AppResult r =
      good({"backtest", data, "--target", "y", "--horizon", "6", "--season", "12", "--folds", "2",
            "--strategy", "recursive", "--units", "8", "--epochs", "5", "--json", folder / "b.json"});
  EXPECT_TRUE(has(r.out, "2 folds of 6 steps") && has(r.out, "MAE by fold") &&
              has(r.out, "exponential smoothing"))
      << r.out;
  const auto json = nlohmann::json::parse(read_whole(folder / "b.json"));
  EXPECT_EQ(json["scores"]["model"]["numbers"], 12);
  EXPECT_TRUE(has(r.out, "for 2 before them")) << r.out;
  EXPECT_TRUE(json["scores"]["model"]["coverage"].is_number());
}

TEST_F(SeriesCommand, WrongInputGetsOneClearLine) {
  write_whole(folder / "text.csv", "t,y\n1,1\n2,much\n3,4\n");
  write_whole(folder / "back.csv", "t,y\n2020-01-02,1\n2020-01-01,2\n2020-01-03,2\n");
  const std::string text = folder / "text.csv", back = folder / "back.csv";
  struct Wrong {
    std::vector<std::string> arguments;
    std::string part;
  };
  const std::vector<Wrong> all = {
      {{text, "--target", "y"}, "text.csv:3: column 'y' should hold numbers, found 'much'"},
      {{back, "--target", "y"}, "back.csv:3: column 't': '2020-01-01' goes back behind"},
      {{data, "--target", "z"}, "it has no column 'z'"},
      {{data}, "--target says which column"},
      {{data, "--target", "y", "--relative", "season"}, "needs a season"},
      {{data, "--target", "y", "--test-part", "250"}, "leave 0 to train on"},
      {{data, "--target", "y", "--inputs", "n", "--strategy", "recursive"}, "--strategy recursive needs 'n'"},
      {{data, "--target", "n", "--log-values"}, "has no logarithm"},
      {{shops, "--target", "visitors", "--horizon", "0"}, "--horizon must lie in"},
      {{data, "--target", "y", "--delta", "2"}, "--delta is of --loss huber, and the loss is mse"},
      {{data, "--target", "y", "--loss", "mae", "--quantiles", "0.1,0.9"},
       "--quantiles is of --loss quantile"},
      {{data, "--target", "y", "--components", "2"}, "--components is of --loss mixture"},
      {{data, "--target", "y", "--rows", "-1"}, "--rows must be 0 (all) or more"},
  };
  for (const Wrong& w : all) {
    std::vector<std::string> arguments = {"train", "series"};
    arguments.insert(arguments.end(), w.arguments.begin(), w.arguments.end());
    arguments.insert(arguments.end(), {"--out", out});
    const AppResult r = run_app(arguments);
    EXPECT_EQ(r.status, 1) << w.part;
    EXPECT_TRUE(is_one_clear_line(r.err)) << r.err;
    EXPECT_TRUE(has(r.err, w.part)) << r.err;
  }
  const AppResult folds = run_app({"backtest", data, "--target", "y", "--horizon", "60", "--folds", "9"});
  EXPECT_TRUE(is_one_clear_line(folds.err) && has(folds.err, "take fewer folds")) << folds.err;
  const AppResult late = run_app({"backtest", data, "--target", "y", "--json", out + ".none/b.json"});
  EXPECT_TRUE(late.status == 1 && has(late.err, "there is no folder") && late.out.empty())
      << late.err << late.out;
  // It would train a million epochs a fold.
  const AppResult minutes = run_app({"backtest", data, "--target", "y", "--minutes", "1"});
  EXPECT_TRUE(minutes.status == 1 && has(minutes.err, "--minutes")) << minutes.err;
}

TEST_F(SeriesCommand, TablesOfOtherProgramsAreReadAndUnreadTimesTold) {
  std::string text = "date;y\r\n";
  for (int t = 0; t < 60; ++t)
    text +=
        std::to_string(1 + t % 12) + "/1/2020;" + (t == 7 ? "NA" : std::to_string(t % 12) + ",5") + "\r\n";
  write_whole(folder / "us.csv", text);
  const AppResult r = good({"train", "series", folder / "us.csv", "--target", "y", "--units", "4", "--epochs",
                            "1", "--threads", "1", "--out", out});
  EXPECT_TRUE(has(r.err, "column 'date' is not read, for '1/1/2020' is no time")) << r.err;
  EXPECT_TRUE(has(r.out, "missing: read as the one before")) << r.out;
}

}  // namespace
}  // namespace cellwright::test
