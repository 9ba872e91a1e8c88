// The options of the regularisers around a model's layers: they reach the file, `info` shows them, a resumed
// training keeps them, and what cannot be is told in a line.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "app/run_app.h"
#include "app/small_text.h"
#include "support/data_path.h"

namespace cellwright::test {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

class NoiseOptions : public testing::Test {
 protected:
  NoiseOptions() { write_whole(book, small_text()); }
  AppResult train(std::vector<std::string> more) {
    std::vector<std::string> all{"train", "text",    book, "--units", "16", "--batch",
                                 "8",     "--steps", "20", "--out",   out};
    all.insert(all.end(), more.begin(), more.end());
    return run_app(all);
  }
  TemporaryFolder folder;
  std::string book = folder / "book.txt";
  std::string out = folder / "book.safetensors";
};

TEST_F(NoiseOptions, ReachTheFileAndInfo) {
  const std::string log = folder / "log";
  const AppResult r =
      train({"--tied", "--embedding-dropout", "0.1", "--label-smoothing", "0.05", "--weight-drop", "0.5",
             "--weight-noise", "0.075", "--epochs", "2", "--log", log, "--keep-state"});
  ASSERT_EQ(r.status, 0) << r.err;
  std::istringstream lines(read_whole(log));
  std::string first;
  std::getline(lines, first);
  const nlohmann::json spec = nlohmann::json::parse(first).at("spec");
  EXPECT_EQ(spec.at("tied"), true);
  EXPECT_EQ(spec.at("embedding"), 16) << "as wide as the top layer";
  EXPECT_EQ(spec.at("embedding_dropout"), 0.1);
  EXPECT_EQ(spec.at("label_smoothing"), 0.05);
  EXPECT_EQ(spec.at("weight_noise"), 0.075);
  EXPECT_EQ(spec.at("layers").at(0).at("regularisation").at("weight_drop"), 0.5);
  const std::string info = run_app({"info", out}).out;
  EXPECT_TRUE(
      has(info, "tied, embedding dropout 0.1, label smoothing 0.05, weight-drop 0.5, weight noise 0.075\n"))
      << info;
  EXPECT_FALSE(has(info, "head.weight")) << info;

  const AppResult on = train({"--resume", "--epochs", "3", "--weight-drop", "0.5", "--tied"});
  EXPECT_EQ(on.status, 0) << on.err;
}

TEST_F(NoiseOptions, OfAResumedTrainingCannotChange) {
  ASSERT_EQ(train({"--weight-noise", "0.1", "--epochs", "1", "--keep-state"}).status, 0);
  for (const auto& [options, part] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"--weight-noise", "0.2"}, "has weight noise 0.1"},
           {{"--weight-drop", "0.2"}, "has no weight-drop"},
           {{"--embedding-dropout", "0.2"}, "has no embedding dropout"},
           {{"--label-smoothing", "0.2"}, "has no label smoothing"},
           {{"--tied"}, "has an embedding that is not tied"}}) {
    std::vector<std::string> all{"--resume", "--epochs", "2"};
    all.insert(all.end(), options.begin(), options.end());
    const AppResult r = train(all);
    EXPECT_EQ(r.status, 1);
    EXPECT_TRUE(is_one_clear_line(r.err)) << r.err;
    EXPECT_TRUE(has(r.err, part)) << r.err;
  }
}

TEST_F(NoiseOptions, ThatCannotBeAreToldInALine) {
  for (const auto& [options, part] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"--tied", "--embedding", "12"}, "--embedding 16"},
           {{"--embedding", "0", "--embedding-dropout", "0.1"}, "--embedding"},
           {{"--cell", "min_gru", "--weight-drop", "0.1"}, "no matrix meets a state"},
           {{"--weight-drop", "1"}, "--weight-drop must be"},
           {{"--embedding-dropout", "-0.5"}, "--embedding-dropout must be"},
           {{"--label-smoothing", "nan"}, "--label-smoothing must be"},
           {{"--weight-noise", "inf"}, "--weight-noise must be"}}) {
    const AppResult r = train(options);
    EXPECT_EQ(r.status, 1) << part;
    EXPECT_TRUE(is_one_clear_line(r.err)) << r.err;
    EXPECT_TRUE(has(r.err, part)) << r.err;
  }
}

TEST_F(NoiseOptions, WithinLayersReachTheFileAndInfo) {
  const std::string log = folder / "log";
  const AppResult r = train({"--layers",
                             "2",
                             "--dropout",
                             "0.5",
                             "--variational",
                             "--recurrent-dropout",
                             "0.25",
                             "--zoneout",
                             "C=0.5,h=0.05",
                             "--activation-penalty",
                             "2",
                             "--temporal-penalty",
                             "1",
                             "--weight-drop",
                             "0.1",
                             "--epochs",
                             "2",
                             "--log",
                             log,
                             "--keep-state"});
  ASSERT_EQ(r.status, 0) << r.err;
  std::istringstream lines(read_whole(log));
  std::string first;
  std::getline(lines, first);
  const nlohmann::json layers = nlohmann::json::parse(first).at("spec").at("layers");
  EXPECT_EQ(layers.at(0).at("regularisation").at("input_dropout"), 0.5);
  EXPECT_FALSE(layers.at(1).at("regularisation").contains("input_dropout"))
      << "dropped on its way up already";
  for (const auto& layer : layers) EXPECT_EQ(layer.at("regularisation").at("output_dropout"), 0.5);
  const std::string info = run_app({"info", out}).out;
  EXPECT_TRUE(has(info,
                  "regularised variational dropout 0.5, recurrent dropout 0.25, zoneout C=0.5 h=0.05, "
                  "activation penalty 2, temporal penalty 1, weight-drop 0.1\n"))
      << info;
  EXPECT_EQ(
      train({"--resume", "--epochs", "3", "--dropout", "0.5", "--zoneout", "h=0.05,C=0.5", "--keep-state"})
          .status,
      0);
  for (const auto& [options, part] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"--dropout", "0.2"}, "has dropout 0.5"},
           {{"--recurrent-dropout", "0"}, "has recurrent dropout 0.25"},
           {{"--zoneout", "0.1"}, "has zoneout C=0.5 h=0.05"},
           {{"--temporal-penalty", "3"}, "has temporal penalty 1"}}) {
    std::vector<std::string> all{"--resume", "--epochs", "4"};
    all.insert(all.end(), options.begin(), options.end());
    const AppResult refused = train(all);
    EXPECT_EQ(refused.status, 1);
    EXPECT_TRUE(is_one_clear_line(refused.err)) << refused.err;
    EXPECT_TRUE(has(refused.err, part)) << refused.err;
  }
}

TEST_F(NoiseOptions, WithinLayersThatCannotBeAreToldInALine) {
  for (const auto& [options, part] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"--dropout", "1"}, "--dropout must be"},
           {{"--variational"}, "give --dropout too"},
           {{"--zoneout", "0.1,C=x"}, "'C=x'"},
           {{"--zoneout", "0.1,0.2"}, "twice"},
           {{"--zoneout", "c=0.5"}, "they are h, C"},
           {{"--cell", "min_gru", "--recurrent-dropout", "0.5"},
            "layer 0: cell 'min_gru': recurrent dropout"},
           {{"--activation-penalty", "nan"}, "--activation-penalty must be"}}) {
    const AppResult r = train(options);
    EXPECT_EQ(r.status, 1) << part;
    EXPECT_TRUE(is_one_clear_line(r.err)) << r.err;
    EXPECT_TRUE(has(r.err, part)) << r.err;
  }
}

// Three of the four blocks of U exist.
TEST_F(NoiseOptions, InfoCountsNoStructuralZeros) {
  const std::string cell = folder / "upper.cell";
  write_whole(cell,
              "cell upper(x) -> h\noption periods = 1, 2\nu = tanh(U·h[t-1] + W·x + b)\nh = every(periods, "
              "u, h[t-1])\n"
              "where U = block_upper(periods)\n");
  const AppResult r = train({"--cell", cell, "--embedding", "4", "--epochs", "1"});
  ASSERT_EQ(r.status, 0) << r.err;
  const std::string info = run_app({"info", out}).out;
  const auto row_of = [&](const std::string& tensor) {
    const std::size_t at = info.find(tensor);
    return at == std::string::npos ? "" : info.substr(at, info.find('\n', at) - at);
  };
  EXPECT_TRUE(has(row_of("layers.0.U"), " 192 ")) << info;
  std::istringstream trained(info.substr(info.find("parameters")));
  std::string word, count;
  trained >> word >> count;
  EXPECT_TRUE(has(r.out, count + " parameters")) << info << r.out;
}

}  // namespace
}  // namespace cellwright::test
