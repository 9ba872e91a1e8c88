// trace, ledger, gradients, saliency, units and doctor on models that the command line trained.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "app/run_app.h"
#include "app/small_text.h"
#include "interop/safetensors.h"
#include "support/data_path.h"

namespace cellwright::test {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// Letters drawn alike everywhere, but commas only outside of brackets or quotes and semicolons only inside:
/// to know which comes, a network must keep in mind which bracket was the last, or whether the number of
/// quotes is odd.
std::string marked_text(int pieces, char open, char close) {
  std::string text;
  unsigned seed = 7;
  const auto draw = [&](unsigned below) {
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 16) % below;
  };
  for (int i = 0; i < pieces; ++i) {
    const bool inside = i % 2 == 1;
    for (unsigned n = 0, length = 6 + draw(12); n < length; ++n)
      text += draw(5) == 0 ? (inside ? ';' : ',') : static_cast<char>('a' + draw(4));
    text += inside ? close : open;
  }
  return text;
}

class ExplainCommand : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = new TemporaryFolder;
    write_whole(*folder / "book.txt", small_text());
    const AppResult lstm =
        run_app({"train", "text", *folder / "book.txt", "--units", "12", "--batch", "8", "--steps", "20",
                 "--epochs", "3", "--lr", "0.01", "--log", *folder / "run.jsonl", "--log-gradients", "5",
                 "--out", *folder / "m.safetensors"});
    ASSERT_EQ(lstm.status, 0) << lstm.err;
    const AppResult rnn =
        run_app({"train", "text", *folder / "book.txt", "--cell", "rnn", "--units", "8", "--batch", "8",
                 "--steps", "20", "--epochs", "1", "--out", *folder / "rnn.safetensors"});
    ASSERT_EQ(rnn.status, 0) << rnn.err;
  }
  static void TearDownTestSuite() {
    delete folder;
    folder = nullptr;
  }
  static std::string model() { return *folder / "m.safetensors"; }
  static AppResult run(std::vector<std::string> arguments) {
    const AppResult r = run_app(arguments);
    EXPECT_EQ(r.status, 0) << r.err;
    return r;
  }
  static TemporaryFolder* folder;
};
TemporaryFolder* ExplainCommand::folder = nullptr;

TEST_F(ExplainCommand, TraceWritesTheSameNumbersInEveryForm) {
  const std::string text = "the cat sees";
  for (const std::string form : {"safetensors", "json", "csv"})
    run({"trace", model(), "--text", text, "--lines", "f,C~,h", "--out", *folder / ("t." + form)});
  const SafetensorsFile file = read_safetensors(*folder / "t.safetensors");
  const Tensor& f = file.at("layers.0.f", "t");
  EXPECT_EQ(f.shape, (std::vector<std::int64_t>{12, 12}));
  EXPECT_NE(file.find("layers.0.C\xCC\x83"), nullptr);
  EXPECT_EQ(file.find("layers.0.o"), nullptr);
  const auto json = nlohmann::json::parse(read_whole(*folder / "t.json"));
  EXPECT_EQ(json["pieces"][3], " ");
  const std::vector<float> values = f.values<float>();
  EXPECT_EQ(json["lines"]["layers.0.f"][2][5].get<float>(), values[2 * 12 + 5]);
  const std::string csv = read_whole(*folder / "t.csv");
  EXPECT_TRUE(has(csv, "\"layers.0.h[11]\"")) << csv.substr(0, 200);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 13);
}

TEST_F(ExplainCommand, LedgerSumsToTheState) {
  const AppResult r = run(
      {"ledger", model(), "--text", "the cat sees the moon.", "--unit", "3", "--out", *folder / "l.json"});
  EXPECT_TRUE(has(r.out, "C of unit 3 in layer 0")) << r.out;
  EXPECT_TRUE(has(r.out, "put i ⊙ C̃")) << r.out;
  const auto json = nlohmann::json::parse(read_whole(*folder / "l.json"));
  double sum = json["start"].get<double>() * json["start_kept"].get<double>();
  for (const auto& e : json["entries"]) sum += e["left"][0].get<double>();
  EXPECT_NEAR(sum, json["value"].get<double>(), 1e-5);
  EXPECT_EQ(json["entries"].size(), 22u);
}

TEST_F(ExplainCommand, GradientsAreWrittenAndDrawn) {
  const AppResult r = run(
      {"gradients", model(), "--input", *folder / "book.txt", "--lags", "30", "--out", *folder / "g.json"});
  EXPECT_TRUE(has(r.out, "layers.0.C") && has(r.out, "by f")) << r.out;
  const auto json = nlohmann::json::parse(read_whole(*folder / "g.json"));
  EXPECT_EQ(json["states"].size(), 2u);
  EXPECT_EQ(json["states"][0]["total"].size(), 31u);
  run({"gradients", *folder / "rnn.safetensors", model(), "--input", *folder / "book.txt", "--out",
       *folder / "g.svg"});
  const std::string svg = read_whole(*folder / "g.svg");
  EXPECT_TRUE(has(svg, "<svg") && has(svg, "rnn: h") && has(svg, "m: C")) << svg.substr(0, 300);
}

TEST_F(ExplainCommand, TrainingLogsGradientsOnRequest) {
  const std::string log = read_whole(*folder / "run.jsonl");
  std::size_t count = 0, longest = 0;
  for (std::size_t at = 0; at < log.size();) {
    const std::size_t end = log.find('\n', at);
    const auto line = nlohmann::json::parse(log.substr(at, end - at));
    at = end + 1;
    if (line["event"] != "gradients") continue;
    ++count;
    EXPECT_EQ(line["update"].get<int>() % 5, 0);
    EXPECT_LE(line["states"][0]["total"].size(), 20u);
    longest = std::max(longest, line["states"][0]["total"].size());
  }
  EXPECT_GE(count, 3u);
  EXPECT_EQ(longest, 20u);  // the last window of an epoch may be shorter
  // And the model is the one that a training without it makes.
  run({"train", "text", *folder / "book.txt", "--units", "12", "--batch", "8", "--steps", "20", "--epochs",
       "3", "--lr", "0.01", "--out", *folder / "plain.safetensors"});
  const SafetensorsFile a = read_safetensors(model()), b = read_safetensors(*folder / "plain.safetensors");
  ASSERT_EQ(a.tensors.size(), b.tensors.size());
  for (std::size_t i = 0; i < a.tensors.size(); ++i)
    EXPECT_EQ(a.tensors[i].bytes, b.tensors[i].bytes) << a.tensors[i].name;
}

TEST_F(ExplainCommand, SaliencyIsComplete) {
  const AppResult r =
      run({"saliency", model(), "--text", "the cat se", "--target", "e", "--out", *folder / "s.json"});
  EXPECT_TRUE(has(r.out, "e after 10 tokens")) << r.out;
  const auto json = nlohmann::json::parse(read_whole(*folder / "s.json"));
  EXPECT_TRUE(json["complete"].get<bool>());
  EXPECT_EQ(json["tokens"].size(), 10u);
  run({"saliency", model(), "--text", "the cat se", "--at", "4"});
}

TEST_F(ExplainCommand, UnitsFindsTheOneThatTracksBracketsOrQuotes) {
  const std::vector<std::pair<std::string, std::string>> forms = {{"()", "inside brackets"},
                                                                  {"\"\"", "inside quotes"}};
  for (const auto& [signs, feature] : forms) {
    write_whole(*folder / "whole.txt", marked_text(1200, signs[0], signs[1]));
    write_whole(*folder / "part.txt", marked_text(300, signs[0], signs[1]));
    const AppResult trained = run({"train", "text", *folder / "whole.txt", "--units", "16", "--embedding",
                                   "8", "--batch", "8", "--steps", "40", "--epochs", "12", "--lr", "0.02",
                                   "--out", *folder / (feature + ".safetensors")});
    const AppResult r = run({"units", *folder / (feature + ".safetensors"), "--input", *folder / "part.txt",
                             "--out", *folder / "u.json"});
    EXPECT_TRUE(has(r.out, feature)) << r.out << trained.out;
    const auto json = nlohmann::json::parse(read_whole(*folder / "u.json"));
    ASSERT_FALSE(json["trackers"].empty()) << r.out;
    EXPECT_EQ(json["trackers"][0]["feature"], feature);
    EXPECT_GT(json["trackers"][0]["share"].get<double>(), 0.9) << feature;
  }
}

TEST_F(ExplainCommand, ExplainWritesOnePageThatNeedsNoNetwork) {
  const AppResult r =
      run({"explain", model(), "--text", "the cat sees the moon.", "--out", *folder / "r.html"});
  EXPECT_TRUE(has(r.out, "22 tokens") && has(r.out, "r.html")) << r.out;
  const std::string page = read_whole(*folder / "r.html");
  EXPECT_TRUE(has(page, "<html lang=\"en\" dir=\"ltr\">")) << page.substr(0, 300);
  for (const std::string part : {"src=", "@import", "url(", "<link", "fetch(", "XMLHttpRequest", "import("})
    EXPECT_FALSE(has(page, part)) << part;
  const AppResult arabic = run({"explain", model(), "--input", *folder / "book.txt", "--steps", "30",
                                "--lang", "ar", "--out", *folder / "a.html"});
  EXPECT_TRUE(has(arabic.out, "the first 30 of") && has(arabic.out, "--steps")) << arabic.out;
  EXPECT_TRUE(has(read_whole(*folder / "a.html"), "<html lang=\"ar\" dir=\"rtl\">"));
}

TEST_F(ExplainCommand, DoctorLooksAtModelsAndLogs) {
  EXPECT_TRUE(has(run({"doctor", model(), "--input", *folder / "book.txt", "--batch", "4"}).out, "--clip"));
  EXPECT_TRUE(has(run({"doctor", "--log", *folder / "run.jsonl"}).out, "gradient norms: median"));
}

TEST_F(ExplainCommand, WrongInputGetsOneClearLine) {
  struct Wrong {
    std::vector<std::string> arguments;
    int status;
    std::string part;
  };
  const std::vector<Wrong> all = {
      {{"trace", model(), "--out", *folder / "x.csv"}, 1, "--text"},
      {{"trace", model(), "--text", "the"}, 1, "--out"},
      {{"trace", model(), "--text", "the", "--out", *folder / "x.txt"}, 1, ".safetensors, .json or .csv"},
      {{"trace", model(), "--text", "the", "--lines", "q", "--out", *folder / "x.csv"},
       1,
       "no line 'q'; its lines are f, i, C̃, C, o, h"},
      {{"trace", model(), "--text", "the", "--layers", "3", "--out", *folder / "x.csv"}, 1, "no layer 3"},
      {{"trace", model(), "--text", "Ünder", "--out", *folder / "x.csv"}, 1, "--text: the character"},
      {{"trace", model(), "--text", "the", "--out", *folder / "no/x.csv"}, 1, "no/x.csv"},
      {{"ledger", *folder / "rnn.safetensors", "--text", "the"}, 1, "no belt to account for"},
      {{"ledger", model(), "--text", "the", "--unit", "12"}, 1, "units 0 … 11"},
      {{"ledger", model(), "--text", "the", "--step", "3"}, 1, "--step 3"},
      {{"ledger", model(), "--text", "the", "--layer", "1"}, 1, "C of layer 0"},
      {{"gradients", model(), "--text", "t"}, 1, "one to predict"},
      {{"gradients", model(), "--text", "the", "--at", "2"}, 1, "step 2"},
      {{"gradients", model(), "--text", "the", "--out", "x.csv"}, 1, ".json, .svg, .png or .pdf"},
      {{"saliency", model(), "--text", "the", "--target", "Q"}, 1, "--target 'Q'"},
      {{"saliency", model(), "--text", "the", "--at", "3"}, 1, "--at 3"},
      {{"units", model(), "--text", "the cat"}, 1, "too few"},
      {{"explain", model(), "--text", "the"}, 1, "--out report.html"},
      {{"explain", model(), "--text", "the", "--out", "x.pdf"}, 1, "ends in .html"},
      {{"explain", model(), "--text", "the", "--out", *folder / "x.html", "--lang", "fr"},
       1,
       "speaks en and ar"},
      {{"explain", model(), "--text", "the", "--out", *folder / "x.html", "--steps", "0"},
       1,
       "--steps must lie in"},
      {{"doctor"}, 1, "give a model and a text, or --log"},
      {{"doctor", "--log", *folder / "book.txt"}, 1, "book.txt:1: this is no line"},
      {{"ledger", model(), "--text", "the", "--input", *folder / "book.txt"}, 1, "two texts"},
  };
  for (const Wrong& w : all) {
    const AppResult r = run_app(w.arguments);
    EXPECT_EQ(r.status, w.status) << w.part << "\n" << r.err;
    EXPECT_TRUE(is_one_clear_line(r.err)) << r.err;
    EXPECT_TRUE(has(r.err, w.part)) << r.err;
  }
}

}  // namespace
}  // namespace cellwright::test
