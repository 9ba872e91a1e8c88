// `cellwright compare`: a whole small study, broken off and gone on with; wrong input.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/run_app.h"
#include "app/small_text.h"
#include "support/data_path.h"

namespace cellwright::test {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

class CompareCommand : public testing::Test {
 protected:
  void SetUp() override { write_whole(folder_ / "text.txt", small_text(300)); }

  std::vector<std::string> command(const std::vector<std::string>& more) const {
    std::vector<std::string> all = {"compare",
                                    "text",
                                    folder_ / "text.txt",
                                    "--batch",
                                    "10",
                                    "--steps",
                                    "20",
                                    "--units",
                                    "8",
                                    "--embedding",
                                    "8",
                                    "--epochs",
                                    "1",
                                    "--trials",
                                    "2",
                                    "--seeds",
                                    "2",
                                    "--out",
                                    folder_ / "c.json"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  TemporaryFolder folder_;
};

TEST_F(CompareCommand, ComparesCellsAndDrawsTheResult) {
  const AppResult r = run_app(command({"--cells", "lstm,gru,clockwork", "--option", "clockwork:periods=1,2",
                                       "--plot", folder_ / "p.svg", "--plot-rates", folder_ / "r.svg"}));
  ASSERT_EQ(r.status, 0) << r.err;
  const nlohmann::json file = nlohmann::json::parse(read_whole(folder_ / "c.json"));
  ASSERT_EQ(file.at("runs").size(), 3u * 4);
  ASSERT_EQ(file.at("summary").size(), 3u);
  EXPECT_EQ(file.at("summary").at(0).at("verdict"), "reference");
  // The first cell has the units asked for; the others as many parameters as they can have nearest to it.
  EXPECT_EQ(file.at("candidates").at(0).at("units"), 8);
  const double wanted = file.at("candidates").at(0).at("parameters").get<double>();
  for (const auto& c : file.at("candidates"))
    EXPECT_NEAR(c.at("parameters").get<double>() / wanted, 1, 0.15) << c;
  EXPECT_EQ(file.at("candidates").at(2).at("units").get<int>() % 2, 0) << "whole groups of the clock";
  EXPECT_TRUE(has(read_whole(folder_ / "p.svg"), "clockwork"));
  EXPECT_TRUE(has(read_whole(folder_ / "r.svg"), "learning rate"));
  EXPECT_TRUE(has(r.out, "nats a character")) << r.out;
}

TEST_F(CompareCommand, GoesOnWhereItWas) {
  ASSERT_EQ(run_app(command({"--cells", "rnn,gru"})).status, 0);
  const nlohmann::json straight = nlohmann::json::parse(read_whole(folder_ / "c.json"));
  nlohmann::json part = straight;
  part["runs"].erase(part["runs"].begin() + 3, part["runs"].end());
  write_whole(folder_ / "c.json", part.dump());
  const AppResult r = run_app(command({"--cells", "rnn,gru"}));
  ASSERT_EQ(r.status, 0) << r.err;
  EXPECT_TRUE(has(r.out, "3 trainings are there already")) << r.out;
  const nlohmann::json resumed = nlohmann::json::parse(read_whole(folder_ / "c.json"));
  ASSERT_EQ(resumed.at("runs").size(), straight.at("runs").size());
  for (std::size_t i = 0; i < straight.at("runs").size(); ++i)
    EXPECT_EQ(resumed.at("runs").at(i).at("test"), straight.at("runs").at(i).at("test")) << i;
}

/// A small study of two cells; its file.
nlohmann::json small_study(const TemporaryFolder& folder, std::vector<std::string> command) {
  for (const char* more : {"--cells", "lstm,gru", "--units", "4", "--epochs", "2", "--trials", "1", "--seeds",
                           "2", "--batch", "4"})
    command.emplace_back(more);
  command.insert(command.end(), {"--out", folder / "s.json"});
  const AppResult r = run_app(command);
  EXPECT_EQ(r.status, 0) << r.err;
  nlohmann::json file = nlohmann::json::parse(read_whole(folder / "s.json"));
  EXPECT_EQ(file.at("runs").size(), 2u * 3);
  EXPECT_TRUE(has(r.out, file.at("metric").get<std::string>())) << r.out;
  return file;
}

/// Sequences of two classes, rising and falling, or of two labels; JSON lines.
std::string lines_of(int count, bool labels) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    const bool up = i % 2 == 0;
    text += labels ? R"({"steps": [[0.1],[)"
                   : std::string(R"({"label": ")") + (up ? "up" : "down") + R"(", "steps": [[0.5],[)";
    text += up ? "0.9],[1.3]]" : "0.2],[-0.4]]";
    text += labels ? std::string(R"(, "tags": ["a", ")") + (up ? R"(b", "b"]})" : R"(a", "a"]})") : "}";
    text += "\n";
  }
  return text;
}

TEST_F(CompareCommand, ClassifiesAndCountsWhatIsToldWrong) {
  write_whole(folder_ / "c.jsonl", lines_of(40, false));
  const nlohmann::json file = small_study(folder_, {"compare", "classify", folder_ / "c.jsonl", "--both"});
  EXPECT_EQ(file.at("metric"), "% of sequences wrong");
  for (const auto& run : file.at("runs")) {
    // Of the eight sequences of the test (a fifth of 40), so many are wrong.
    const double wrong = run.at("test").get<double>() / 100 * 8;
    EXPECT_NEAR(wrong, std::round(wrong), 1e-9);
    EXPECT_TRUE(wrong >= 0 && wrong <= 8);
  }
}

TEST_F(CompareCommand, TagsInBothDirectionsUnlessToldForward) {
  write_whole(folder_ / "t.jsonl", lines_of(40, true));
  const nlohmann::json both = small_study(folder_, {"compare", "tag", folder_ / "t.jsonl"});
  EXPECT_EQ(both.at("metric"), "% of steps wrong");
  std::filesystem::remove(folder_ / "s.json");
  const nlohmann::json forward = small_study(folder_, {"compare", "tag", folder_ / "t.jsonl", "--forward"});
  EXPECT_GT(both.at("candidates").at(0).at("parameters").get<int>(),
            forward.at("candidates").at(0).at("parameters").get<int>());
}

TEST_F(CompareCommand, ForecastsSeriesByTheLossOfTheirTest) {
  std::string table = "t,y\n";
  for (int t = 0; t < 200; ++t)
    table += std::to_string(t) + "," + std::to_string(t % 7 + (t % 3) * 0.1) + "\n";
  write_whole(folder_ / "y.csv", table);
  const nlohmann::json file =
      small_study(folder_, {"compare", "series", folder_ / "y.csv", "--target", "y", "--horizon", "2",
                            "--season", "7", "--time-column", "t", "--loss", "mae"});
  EXPECT_EQ(file.at("metric"), "mae of the test, in deviations");
  EXPECT_TRUE(file.at("study").at("on").contains("test"));
}

TEST_F(CompareCommand, WrongInputIsOneClearLine) {
  const auto refused = [&](const std::vector<std::string>& more, const std::string& part) {
    const AppResult r = run_app(command(more));
    EXPECT_EQ(r.status, 1) << r.out;
    EXPECT_TRUE(is_one_clear_line(r.err)) << r.err;
    EXPECT_TRUE(has(r.err, part)) << r.err;
  };
  refused({"--cells", "lstm,gri"}, "gri");
  refused({"--cells", "lstm", "--option", "periods=1,2"}, "clockwork:periods=1,2,4");
  refused({"--cells", "lstm", "--rates", "0.1,0.01"}, "--rates");
  refused({"--cells", "lstm", "--confidence", "2"}, "--confidence");
  refused({"--cells", "lstm", "--test-fraction", "0"}, "--test");
  refused({"--cells", "lstm", "--plot", folder_ / "p.txt"}, "--plot");
  const AppResult late =
      run_app({"compare", "text", folder_ / "text.txt", "--cells", "lstm", "--out", folder_ / "none/c.json"});
  EXPECT_TRUE(late.status == 1 && has(late.err, "there is no folder")) << late.err;
  write_whole(folder_ / "c.json", "no study");
  refused({"--cells", "lstm"}, "c.json");
  EXPECT_EQ(run_app(command({})).status, 2) << "without --cells";
}

}  // namespace
}  // namespace cellwright::test
