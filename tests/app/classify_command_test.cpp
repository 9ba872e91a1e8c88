// classify_command_test.cpp: train classify on every kind of file, predict, cross-validation; resumed to the
// bit; and what is told when something is wrong.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "app/run_app.h"
#include "base/rng.h"
#include "data/audio.h"
#include "support/data_path.h"

namespace cellwright::test {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// Rising or falling lines of unequal length, with noise.
std::string ts_file(int cases, int seed, const std::string& classes = "up down") {
  std::string text = "@problemName lines\n@timeStamps false\n@classLabel true " + classes + "\n@data\n";
  const Random random(static_cast<std::uint64_t>(seed), 1);
  for (int c = 0; c < cases; ++c) {
    const bool up = c % 2 == 0;
    const int steps = 6 + c % 7;
    std::string a, b;
    for (int t = 0; t < steps; ++t) {
      const double noise = 0.3 * random.normal(static_cast<std::uint64_t>(c), static_cast<std::uint64_t>(t));
      a += (t ? "," : "") + std::to_string((up ? 0.4 : -0.4) * t + noise);
      b += (t ? "," : "") + std::to_string(noise);
    }
    text += a + ":" + b + ":" + (up ? "up" : "down") + "\n";
  }
  return text;
}

class Classify : public testing::Test {
 protected:
  Classify() {
    write_whole(train_file, ts_file(80, 1));
    write_whole(test_file, ts_file(40, 2));
  }
  AppResult train(const std::string& data, std::vector<std::string> more) {
    std::vector<std::string> all{"train",   "classify", data,        "--cell", "gru",
                                 "--units", "8",        "--threads", "1"};
    all.insert(all.end(), more.begin(), more.end());
    return run_app(all);
  }
  TemporaryFolder folder;
  std::string train_file = folder / "lines.ts", test_file = folder / "test.ts",
              out = folder / "m.safetensors";
};

TEST_F(Classify, IsTrainedMeasuredDrawnAndPredicts) {
  const std::string picture = folder / "c.svg";
  const AppResult r = train(train_file, {"--test", test_file, "--out", out, "--epochs", "30", "--lr", "0.02",
                                         "--both", "--batch", "8", "--plot", picture});
  ASSERT_EQ(r.status, 0) << r.err;
  for (const char* part : {"gru 8 in both directions",
                           "72 sequences of 6 … 12 steps to train on, 8 to validate, 40 to test; 2 classes",
                           "test        100.00 % right: 40 of 40", "nearest", "recall", "down"})
    EXPECT_TRUE(has(r.out, part)) << part << "\n" << r.out;
  EXPECT_TRUE(has(read_whole(picture), "<svg")) << "a picture";
  const AppResult told = run_app({"predict", out, test_file, "--top", "2"});
  ASSERT_EQ(told.status, 0) << told.err;
  EXPECT_EQ(std::count(told.out.begin(), told.out.end(), '\n'), 40);
  EXPECT_TRUE(has(told.out, test_file + ":5   up")) << told.out;  // as wide as ":40"
  EXPECT_TRUE(has(told.out, test_file + ":6   down")) << told.out;
  EXPECT_TRUE(has(run_app({"info", out}).out, "of classify, loss softmax"));
}

TEST_F(Classify, IsResumedToTheBit) {
  const std::string straight = folder / "straight.safetensors";
  ASSERT_EQ(
      train(train_file, {"--out", straight, "--epochs", "4", "--keep-state", "--reading", "last"}).status, 0);
  ASSERT_EQ(train(train_file, {"--out", out, "--epochs", "2", "--keep-state", "--reading", "last"}).status,
            0);
  const AppResult r =
      train(train_file, {"--out", out, "--epochs", "4", "--keep-state", "--reading", "last", "--resume"});
  ASSERT_EQ(r.status, 0) << r.err;
  EXPECT_EQ(read_whole(out), read_whole(straight));
}

TEST_F(Classify, CrossValidatesBesideTheNearestNeighbour) {
  std::string lines;
  for (int i = 0; i < 40; ++i) {
    const double x = 0.01 * i;
    const std::string step =
        i % 2 ? ",[[" + std::to_string(x) + ",1],[3,0]]" : ",[[3,0],[" + std::to_string(x) + ",1]]";
    lines += std::string("{\"label\":\"") + (i % 2 ? "a" : "b") + "\",\"pose\":[[[0,0],[1,1]]" + step + step +
             "]}\n";
  }
  write_whole(folder / "p.jsonl", lines);
  const AppResult r = train(folder / "p.jsonl", {"--folds", "4", "--points", "2", "--differences", "--epochs",
                                                 "20", "--lr", "0.02"});
  ASSERT_EQ(r.status, 0) << r.err;
  EXPECT_TRUE(has(r.out, "fold   4")) << r.out;
  EXPECT_TRUE(has(r.out, "all folds   100.00 % right: 40 of 40")) << r.out;
  EXPECT_TRUE(has(r.out, "the nearest neighbour")) << r.out;
}

TEST_F(Classify, SoundsOfAFolderAreLearnedAndOtherRatesSaid) {
  if (!have_audio()) GTEST_SKIP() << "built without sound";
  const std::string sounds = folder / "sounds";
  std::filesystem::create_directory(sounds);
  for (int i = 0; i < 24; ++i) {
    Audio audio{i == 7 ? 16000 : 8000, 1, {}};
    const double pitch = (i % 2 ? 300 : 1500) + 10 * i;
    for (int t = 0; t < audio.rate / 5 + 100 * i; ++t)
      audio.samples.push_back(static_cast<float>(0.3 * std::sin(6.283185307 * pitch * t / audio.rate)));
    write_wave(sounds + "/" + (i % 2 ? "low_" : "high_") + std::to_string(i) + ".wav", audio);
  }
  const AppResult r = train(sounds, {"--class-of", "^([a-z]+)_", "--test-of", "_[0-3]\\.wav$", "--out", out,
                                     "--epochs", "20", "--lr", "0.02", "--bands", "12", "--hop", "0.02"});
  ASSERT_EQ(r.status, 0) << r.err;
  EXPECT_TRUE(has(r.out, "1 of 20 sounds resampled to 8000 Hz")) << r.out;
  EXPECT_TRUE(has(r.out, "100.00 % right: 4 of 4")) << r.out;
  const std::string apart = folder / "apart";
  std::filesystem::create_directory(apart);
  for (const char* name : {"low_7.wav", "high_8.wav"})
    std::filesystem::copy(sounds + "/" + name, apart + "/" + name);
  const AppResult other = train(sounds, {"--class-of", "^([a-z]+)_", "--test", apart, "--out",
                                         folder / "o.safetensors", "--epochs", "1", "--rate", "8000"});
  EXPECT_TRUE(has(other.out, "test: 1 of 2 sounds resampled to 8000 Hz")) << other.out << other.err;
  const AppResult told = run_app({"predict", out, sounds + "/low_7.wav"});
  EXPECT_EQ(told.status, 0) << told.err;
  EXPECT_TRUE(has(told.out, "low_7.wav  low")) << told.out;
  EXPECT_TRUE(has(told.err, "resampled to 8000 Hz")) << told.err;
}

TEST_F(Classify, ABadFileDoesNotKeepTheOthersFromTheirPrediction) {
  ASSERT_EQ(train(train_file, {"--out", out, "--epochs", "1"}).status, 0);
  write_whole(folder / "one.csv", "1,0\n2,0\n3,0\n");
  write_whole(folder / "bad.csv", "1,0\n2,x\n");
  const AppResult r = run_app(
      {"predict", out, folder / "one.csv", folder / "bad.csv", folder / "none.csv", folder / "one.csv"});
  EXPECT_EQ(r.status, 1);
  EXPECT_EQ(std::count(r.out.begin(), r.out.end(), '\n'), 2) << r.out;
  write_whole(folder / "new.jsonl", "{\"s\":[[1,0],[2,null]]}\n");
  const AppResult unlabelled = run_app({"predict", out, folder / "new.jsonl"});
  EXPECT_TRUE(unlabelled.status == 0 && has(unlabelled.out, "new.jsonl:1  ")) << unlabelled.err;
  EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 2) << r.err;
  EXPECT_TRUE(has(r.err, "bad.csv:2: column 2: 'x' is no number")) << r.err;
  EXPECT_TRUE(has(r.err, "none.csv': No such file")) << r.err;
}

TEST_F(Classify, WhatIsWrongIsToldInALine) {
  ASSERT_EQ(train(train_file, {"--out", out, "--epochs", "1", "--keep-state"}).status, 0);
  write_whole(folder / "one.ts", "@classLabel true a b\n@data\n1:a\n2:a\n3:b\n");
  std::string other = ts_file(8, 1, "up down left");
  write_whole(folder / "other.ts", other.substr(0, other.size() - 5) + "left\n");
  write_whole(folder / "bad.ts", "@data\n1,x:a\n");
  write_whole(folder / "wide.ts", "@classLabel true up down\n@data\n1:up\n2:down\n");
  write_whole(folder / "broken.jsonl", "{\"a\":}\n");
  write_whole(folder / "latin.ts", "@classLabel true \xE9t\xE9 b\n@data\n1:b\n");
  std::filesystem::create_directory(folder / "empty");
  for (const auto& [arguments, part] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{folder / "none.ts"}, "No such file"},
           {{folder / "one.ts"}, "class 'b' has one member"},
           {{folder / "bad.ts"}, "'x' in dimension 1 is no number"},
           {{folder / "empty"}, "a folder a class is expected"},
           {{train_file, "--test", folder / "other.ts"}, "label 'left' is none of the classes"},
           {{train_file, "--test", folder / "wide.ts"}, "1 numbers a step, but the training data have 2"},
           {{train_file, "--valid-fraction", "1"}, "--valid-fraction"},
           {{train_file, "--folds", "1"}, "--folds"},
           {{train_file, "--folds", "3", "--log", "x"}, "--folds"},
           {{train_file, "--folds", "81"}, "there are 80 sequences"},
           {{train_file, "--plot", folder / "none/c.svg"}, "there is no folder"},
           {{folder / "broken.jsonl"}, "column 6"},
           {{folder / "latin.ts"}, "(0xE9) is not valid UTF-8; convert the file to UTF-8"},
           {{train_file, "--points", "3"}, "points of 3"},
           {{train_file, "--plot", "c.gif"}, "c.gif"},
           {{folder.path(), "--class-of", "("}, "no regular expression"},
           {{train_file, "--out", out, "--resume", "--points", "2"}, "how they are read"},
           {{train_file, "--out", out, "--resume", "--units", "9"}, "units 8"}}) {
    std::vector<std::string> all{"train", "classify", "--cell", "gru"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    if (std::find(all.begin(), all.end(), "--out") == all.end() &&
        !has(arguments.size() > 1 ? arguments[1] : "", "--folds")) {
      all.push_back("--out");
      all.push_back(folder / "x.safetensors");
    }
    const AppResult r = run_app(all);
    EXPECT_EQ(r.status, 1) << part << r.out;
    EXPECT_TRUE(is_one_clear_line(r.err)) << r.err;
    EXPECT_TRUE(has(r.err, part)) << part << ": " << r.err;
  }
  for (const auto& [arguments, part] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{out, folder / "wide.ts"}, "trained on 2"},
           {{out, folder / "none.csv"}, "No such file"},
           {{train_file, test_file}, "safetensors"},
           {{out, test_file, "--top", "0"}, "--top"}}) {
    std::vector<std::string> all{"predict"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const AppResult r = run_app(all);
    EXPECT_EQ(r.status, 1) << part;
    EXPECT_TRUE(is_one_clear_line(r.err)) << r.err;
  }
}

}  // namespace
}  // namespace cellwright::test
