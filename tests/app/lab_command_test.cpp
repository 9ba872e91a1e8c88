// `cellwright lab`: a small experiment from the command line to its files, and what is wrong told in one
// line.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/run_app.h"
#include "support/data_path.h"

namespace cellwright::test {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::vector<std::string> tiny(std::vector<std::string> more) {
  std::vector<std::string> all = {"lab",
                                  "subject-gender",
                                  "--units",
                                  "4",
                                  "--embedding",
                                  "3",
                                  "--rates",
                                  "0.01",
                                  "--seeds",
                                  "1",
                                  "--updates",
                                  "4",
                                  "--batch",
                                  "2",
                                  "--check-every",
                                  "2",
                                  "--check-samples",
                                  "4",
                                  "--threads",
                                  "1",
                                  "--test-samples",
                                  "4"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

TEST(LabCommand, WritesResultsAndPictureAndGoesOnFromThem) {
  const TemporaryFolder folder;
  const std::string out = folder / "r.json", plot = folder / "r.svg";
  const AppResult first = run_app(tiny({"--out", out, "--plot", plot, "--lang", "ar"}));
  EXPECT_EQ(first.status, 0) << first.err;
  EXPECT_TRUE(has(first.out, "تغير الجنس")) << first.out;
  EXPECT_TRUE(has(first.out, "lstm, seed 1: f of unit ")) << first.out;
  EXPECT_TRUE(has(read_whole(plot), "xml:lang=\"ar\""));
  const auto json = nlohmann::json::parse(read_whole(out));
  EXPECT_EQ(json["lab"], "subject-gender");
  EXPECT_EQ(json["language"], "ar");
  EXPECT_EQ(json["runs"].size(), 2u);
  EXPECT_EQ(json["summary"][1]["cell"], "lstm");
  EXPECT_EQ(json["runs"][1]["accuracy"].size(), json["points"].size());

  const std::string before = read_whole(out);
  const AppResult again = run_app(tiny({"--out", out, "--lang", "ar"}));
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(again.out, first.out);
  EXPECT_FALSE(has(again.err, "solved")) << again.err;
  EXPECT_EQ(read_whole(out), before);
  const AppResult more = run_app(tiny({"--out", out, "--lang", "ar", "--cells", "rnn,lstm,gru"}));
  EXPECT_EQ(more.status, 0) << more.err;
  EXPECT_TRUE(has(more.err, "gru, rate 0.01") && !has(more.err, "lstm, rate")) << more.err;
}

TEST(LabCommand, ATaskOverNumbersTellsItsErrorAndDrawsWhatWasMade) {
  const TemporaryFolder folder;
  const std::string out = folder / "w.json", plot = folder / "w.svg";
  const AppResult r = run_app({"lab",       "waveform",    "--lengths",     "40",   "--units",   "6,3,8",
                               "--option",  "periods=1,4", "--rates",       "0.01", "--seeds",   "1",
                               "--updates", "20",          "--check-every", "10",   "--threads", "1",
                               "--out",     out,           "--plot",        plot});
  EXPECT_EQ(r.status, 0) << r.err;
  EXPECT_TRUE(has(r.out, "variance explained, %")) << r.out;
  EXPECT_TRUE(has(r.out, "normalised mean squared error, 40")) << r.out;
  EXPECT_TRUE(has(r.out, "clockwork 8")) << r.out;
  const auto json = nlohmann::json::parse(read_whole(out));
  EXPECT_EQ(json["runs"].size(), 3u);
  EXPECT_EQ(json["runs"][0]["inside"]["target"].size(), 40u);
  EXPECT_EQ(json["summary"][2]["error"].size(), 1u);
  EXPECT_TRUE(has(read_whole(plot), ">target<")) << "the sound itself is in the picture";
  const AppResult words = run_app({"lab", "waveform", "--embedding", "3"});
  EXPECT_EQ(words.status, 2) << "numbers have no embedding";
}

TEST(LabCommand, ShowsSequencesWithTheirAnswers) {
  const AppResult r = run_app({"lab", "long-term", "--show", "4"});
  EXPECT_EQ(r.status, 0) << r.err;
  EXPECT_TRUE(has(r.out, " are in the [")) << r.out;
  EXPECT_TRUE(has(r.out, "I grew up in ")) << r.out;
  EXPECT_TRUE(has(r.out, " and I speak fluent [")) << r.out;
}

TEST(LabCommand, WrongUseGetsOneClearLine) {
  const TemporaryFolder folder;
  write_whole(folder / "no.json", "{}");
  struct Wrong {
    std::vector<std::string> arguments;
    int status;
    std::string part;
  };
  const std::vector<Wrong> all = {
      {{"lab"}, 2, "'cellwright lab' needs one of: long-term"},
      {{"lab", "long-tern"}, 2, "did you mean 'long-term'?"},
      {{"lab", "long-term", "--lang", "fr"}, 2, "none of en, ar"},
      {tiny({"--cells", "rnn,lsmt"}), 1, "did you mean 'lstm'?"},
      {{"lab", "long-term", "--cells", "rnn", "--units", "3,4"}, 1, "--units names 2 widths for 1 cells"},
      {{"lab", "long-term", "--threads", "-1"}, 1, "--threads"},
      {tiny({"--simd", "sse9"}), 1, "sse9"},
      {tiny({"--out", folder / "no/r.json"}), 1, "there is no folder"},
      {tiny({"--out", folder / "no.json"}), 1, "no file of results"},
  };
  for (const Wrong& w : all) {
    std::vector<std::string> arguments = w.arguments;
    const AppResult r = run_app(arguments);
    EXPECT_EQ(r.status, w.status) << w.part << r.err;
    EXPECT_TRUE(is_one_clear_line(r.err)) << r.err;
    EXPECT_TRUE(has(r.err, w.part)) << r.err;
    EXPECT_TRUE(r.out.empty()) << r.out;
  }
}

}  // namespace
}  // namespace cellwright::test
