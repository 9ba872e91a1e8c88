// `cellwright compare`: a whole small study, broken off and gone on with; wrong input.
#include <gtest/gtest.h>

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
  write_whole(folder_ / "c.json", "no study");
  refused({"--cells", "lstm"}, "c.json");
  EXPECT_EQ(run_app(command({})).status, 2) << "without --cells";
}

}  // namespace
}  // namespace cellwright::test
