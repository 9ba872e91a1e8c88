// `cellwright train text`: what it makes, prints and logs, how options come together, and how it goes on
// after a break.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "app/run_app.h"
#include "app/small_text.h"
#include "support/data_path.h"

namespace cellwright::test {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

class TrainCommand : public testing::Test {
 protected:
  TrainCommand() { write_whole(book, small_text()); }

  /// Trains quickly on the book.
  AppResult train(std::vector<std::string> more) {
    std::vector<std::string> all{"train", "text", book, "--units", "16", "--batch", "8", "--steps", "20"};
    all.insert(all.end(), more.begin(), more.end());
    return run_app(all);
  }
  std::vector<nlohmann::json> log(const std::string& path) {
    std::istringstream lines(read_whole(path));
    std::vector<nlohmann::json> all;
    for (std::string line; std::getline(lines, line);) all.push_back(nlohmann::json::parse(line));
    return all;
  }

  TemporaryFolder folder;
  std::string book = folder / "book.txt";
  std::string out = folder / "book.safetensors";
};

TEST_F(TrainCommand, MakesAModelAndTellsWhatNext) {
  const AppResult r = train({"--out", out, "--epochs", "2", "--test-fraction", "0.05"});
  ASSERT_EQ(r.status, 0) << r.err;
  EXPECT_TRUE(has(r.out, "lstm 16 over")) << r.out;
  EXPECT_TRUE(has(r.out, " parameters\n")) << r.out;
  EXPECT_TRUE(has(r.out, "characters to train on")) << r.out;
  EXPECT_TRUE(has(r.out, "\nvalidation")) << r.out;
  EXPECT_TRUE(has(r.out, "\ntest ")) << r.out;
  EXPECT_TRUE(has(r.out, "cellwright sample " + out)) << r.out;
  EXPECT_TRUE(has(r.err, "epoch  2")) << r.err;
  EXPECT_FALSE(has(r.err, "\x1b")) << "escape codes belong to terminals";
  EXPECT_FALSE(read_whole(out).empty());
}

// It really learns: far below the ln 20 ≈ 3 of knowing nothing.
TEST_F(TrainCommand, LearnsASmallText) {
  const std::string path = folder / "run.jsonl";
  ASSERT_EQ(train({"--out", out, "--epochs", "15", "--lr", "0.01", "--log", path}).status, 0);
  EXPECT_LT(log(path).back().at("valid_loss").get<double>(), 1.0);
}

TEST_F(TrainCommand, ThreadsDoNotChangeTheFile) {
  ASSERT_EQ(train({"--out", folder / "one", "--epochs", "1", "--threads", "1"}).status, 0);
  ASSERT_EQ(train({"--out", folder / "three", "--epochs", "1", "--threads", "3"}).status, 0);
  EXPECT_TRUE(read_whole(folder / "one") == read_whole(folder / "three"));
}

TEST_F(TrainCommand, LogsJsonLines) {
  const std::string path = folder / "run.jsonl";
  ASSERT_EQ(train({"--out", out, "--epochs", "2", "--log", path}).status, 0);
  const auto lines = log(path);
  EXPECT_EQ(lines.front().at("event"), "start");
  EXPECT_EQ(lines.front().at("spec").at("layers").at(0).at("units"), 16);
  EXPECT_EQ(lines.back().at("event"), "end");
  EXPECT_EQ(lines.back().at("outcome"), "finished");
  const auto count = [&](const std::string& event) {
    return std::count_if(lines.begin(), lines.end(), [&](const auto& l) { return l.at("event") == event; });
  };
  EXPECT_EQ(count("evaluation"), 2);
  EXPECT_GT(count("update"), 2);
}

TEST_F(TrainCommand, GivenOptionsWinOverFileAndPreset) {
  const std::string path = folder / "run.jsonl", config = folder / "run.ini";
  write_whole(config, "# mine\nepochs = 1\nunits = 12,10\nlr = 0.5\noptimizer = \"sgd\"\nunknown = true\n");
  const AppResult r = run_app({"train", "text", book, "--out", out, "--batch", "8", "--steps", "20",
                               "--preset", "char-rnn", "--config", config, "--lr", "0.25", "--log", path});
  ASSERT_EQ(r.status, 0) << r.err;
  const nlohmann::json start = log(path).front(), options = start.at("options");
  EXPECT_EQ(start.at("spec").at("layers").size(), 2u);
  EXPECT_EQ(start.at("spec").at("layers").at(1).at("units"), 10);  // file
  EXPECT_EQ(options.at("epochs"), 1);                              // file, over the preset's 50
  EXPECT_EQ(options.at("batch"), 8);                               // typed, over the preset's 50
  EXPECT_EQ(options.at("learning_rate"), 0.25);                    // typed, over both
  EXPECT_EQ(options.at("optimizer").at("kind"), "sgd");            // file
  EXPECT_EQ(options.at("clip_value"), 5);                          // preset
  EXPECT_EQ(options.at("clip_norm"), 0);                           // preset
  EXPECT_EQ(options.at("schedule").at("decay"), 0.97);             // preset
}

TEST_F(TrainCommand, TheDefaultRateSuitsTheOptimiser) {
  for (const auto& [kind, rate] :
       std::vector<std::pair<std::string, double>>{{"adam", 0.005}, {"sgd", 1.0}}) {
    const std::string path = folder / (kind + ".jsonl");
    ASSERT_EQ(train({"--out", folder / kind, "--epochs", "1", "--optimizer", kind, "--log", path}).status, 0);
    EXPECT_EQ(log(path).front().at("options").at("learning_rate"), rate);
  }
}

TEST_F(TrainCommand, TheDefaultEmbeddingSuitsTheTokens) {
  for (const auto& [kind, width] :
       std::vector<std::pair<std::string, int>>{{"--chars", 64}, {"--bytes", 64}, {"--words", 16}}) {
    const std::string path = folder / (kind + ".jsonl");
    ASSERT_EQ(train({"--out", folder / kind, "--epochs", "1", kind, "--log", path}).status, 0);
    EXPECT_EQ(log(path).front().at("spec").at("embedding"), width) << kind;
  }
}

TEST_F(TrainCommand, ZarembaPresetReadsWords) {
  const std::string path = folder / "run.jsonl";
  const AppResult r = run_app({"train", "text", book, "--out", out, "--preset", "zaremba-small", "--units",
                               "8", "--epochs", "1", "--batch", "4", "--log", path});
  ASSERT_EQ(r.status, 0) << r.err;
  const nlohmann::json start = log(path).front();
  EXPECT_EQ(start.at("vocabulary"), "words");
  EXPECT_EQ(start.at("spec").at("embedding"), 200);
  EXPECT_EQ(start.at("spec").at("init_uniform"), 0.1);
  EXPECT_EQ(start.at("options").at("learning_rate"), 20.0);  // the paper sums over 20 steps, we take the mean
  EXPECT_EQ(start.at("options").at("schedule").at("after"), 4.0);
}

TEST_F(TrainCommand, ResumedTrainingEndsInTheSameBits) {
  ASSERT_EQ(train({"--out", folder / "straight", "--epochs", "4"}).status, 0);
  ASSERT_EQ(train({"--out", out, "--epochs", "2", "--keep-state"}).status, 0);
  const AppResult resumed = train({"--out", out, "--epochs", "4", "--resume"});
  ASSERT_EQ(resumed.status, 0) << resumed.err;
  EXPECT_TRUE(has(resumed.out, "resumed after")) << resumed.out;
  EXPECT_TRUE(read_whole(folder / "straight") == read_whole(out));
}

TEST_F(TrainCommand, WhatActsAfterTheBackwardPassIsReachableAndResumes) {
  const std::string path = folder / "run.jsonl";
  const std::vector<std::string> options = {"--optimizer",
                                            "nesterov",
                                            "--ema",
                                            "0.9",
                                            "--schedule",
                                            "plateau",
                                            "--decay-wait",
                                            "1",
                                            "--group",
                                            "embedding.*:lr=0.5",
                                            "--group",
                                            "*.b*:weight-decay=0",
                                            "--max-norm",
                                            "2",
                                            "--gradient-noise",
                                            "0.001",
                                            "--weight-decay",
                                            "0.001"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.end(), options.begin(), options.end());
    return train(more);
  };
  const AppResult r = with({"--out", folder / "straight", "--epochs", "4", "--log", path});
  ASSERT_EQ(r.status, 0) << r.err;
  const nlohmann::json start = log(path).front().at("options");
  EXPECT_EQ(start.at("learning_rate"), 0.1);
  EXPECT_EQ(start.at("optimizer").at("momentum"), 0.9);
  EXPECT_EQ(start.at("optimizer").at("ema"), 0.9);
  EXPECT_EQ(start.at("schedule").at("wait"), 1);
  EXPECT_EQ(start.at("groups").size(), 2u);
  EXPECT_EQ(start.at("max_norm"), 2);
  EXPECT_EQ(start.at("gradient_noise"), 0.001);
  ASSERT_EQ(with({"--out", out, "--epochs", "2", "--keep-state"}).status, 0);
  const AppResult refused = train({"--out", out, "--epochs", "4", "--resume", "--max-norm", "3"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_TRUE(has(refused.err, "max_norm was 2.0, and is 3.0 now")) << refused.err;
  const AppResult resumed = train({"--out", out, "--epochs", "4", "--resume"});
  ASSERT_EQ(resumed.status, 0) << resumed.err;
  EXPECT_TRUE(read_whole(folder / "straight") == read_whole(out));
}

TEST_F(TrainCommand, AnAccurateTrainingResumesAccurately) {
  ASSERT_EQ(train({"--out", folder / "straight", "--epochs", "2", "--accurate"}).status, 0);
  ASSERT_EQ(train({"--out", out, "--epochs", "1", "--accurate", "--keep-state"}).status, 0);
  ASSERT_EQ(train({"--out", out, "--epochs", "2", "--resume"}).status, 0);
  EXPECT_TRUE(read_whole(folder / "straight") == read_whole(out));
}

TEST_F(TrainCommand, AScanningTrainingResumesScanning) {
  // Windows of 520 steps: five chunks.
  const auto with = [&](const std::vector<std::string>& more) {
    std::vector<std::string> all{"train",   "text",    book, "--units", "16", "--cell",
                                 "min_gru", "--batch", "2",  "--steps", "520"};
    all.insert(all.end(), more.begin(), more.end());
    return run_app(all);
  };
  ASSERT_EQ(with({"--out", folder / "straight", "--epochs", "3", "--scan"}).status, 0);
  ASSERT_EQ(with({"--out", folder / "two", "--epochs", "3", "--scan", "--threads", "2"}).status, 0);
  const AppResult first = with({"--out", out, "--epochs", "1", "--scan", "--keep-state", "--threads", "1"});
  ASSERT_EQ(first.status, 0) << first.err;
  EXPECT_TRUE(has(first.out, ", scanning\n")) << first.out;
  const AppResult resumed = with({"--out", out, "--epochs", "3", "--resume"});
  ASSERT_EQ(resumed.status, 0) << resumed.err;
  EXPECT_TRUE(read_whole(folder / "straight") == read_whole(out));
  EXPECT_TRUE(read_whole(folder / "straight") == read_whole(folder / "two"));
  const AppResult plain = run_app({"eval", out, book, "--skip-unknown"}),
                  scanned = run_app({"eval", out, book, "--skip-unknown", "--scan"});
  EXPECT_EQ(scanned.status, 0) << scanned.err;
  EXPECT_EQ(plain.out, scanned.out) << "to the digits that are printed";
}

TEST_F(TrainCommand, RefusesAScanWhereNothingCanBeScanned) {
  const AppResult r = train({"--out", out, "--epochs", "1", "--scan"});
  EXPECT_EQ(r.status, 1);
  EXPECT_TRUE(has(r.err, "no layer has a recurrence s = a ⊙ s[t-1] + b")) << r.err;
  EXPECT_TRUE(has(r.err, "layer 0, lstm: a matrix mixes the units of 'h'")) << r.err;
  ASSERT_EQ(train({"--out", out, "--epochs", "1"}).status, 0);
  EXPECT_EQ(run_app({"eval", out, book, "--scan"}).status, 1);
}

TEST_F(TrainCommand, CtrlCSavesAndTellsHowToGoOn) {
  const std::string path = folder / "run.jsonl";
  RunningApp running({"train", "text", book, "--units", "16", "--batch", "8", "--steps", "20", "--out", out,
                      "--epochs", "100000", "--log", path});
  for (int i = 0; i < 3000 && !has(read_whole(path), "\"update\""); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  running.interrupt();
  const AppResult r = running.wait();
  EXPECT_EQ(r.status, 130) << r.err;
  EXPECT_TRUE(has(r.out, "--epochs 100000 --log " + path + " --resume\n")) << r.out;
  EXPECT_EQ(log(path).back().at("outcome"), "interrupted");
  EXPECT_EQ(run_app({"sample", out, "--length", "5"}).status, 0);
  const AppResult on = train({"--out", out, "--resume", "--minutes", "0.002"});
  EXPECT_EQ(on.status, 0) << on.err;
  EXPECT_TRUE(has(on.out, "resumed after")) << on.out;
}

TEST_F(TrainCommand, MinutesEndATraining) {
  const AppResult r = train({"--out", out, "--minutes", "0.01"});
  EXPECT_EQ(r.status, 0) << r.err;
  EXPECT_TRUE(has(r.out, "time is up")) << r.out;
  EXPECT_TRUE(has(r.out, "\nvalidation")) << r.out;
  EXPECT_TRUE(has(r.err, " (update "))
      << "the last parameters are validated, though no epoch ends here: " << r.err;
  EXPECT_TRUE(has(run_app({"info", out}).out, "--resume goes on"));
}

TEST_F(TrainCommand, ResumeWithoutAFileBegins) {
  const AppResult r = train({"--out", out, "--epochs", "1", "--resume"});
  EXPECT_EQ(r.status, 0) << r.err;
  EXPECT_TRUE(has(r.err, "training begins")) << r.err;
}

TEST_F(TrainCommand, TakesOwnCellsWidthsSplitsAndStride) {
  const std::string cell = folder / "my.cell";
  write_whole(cell,
              "cell mine(x) -> h\nz = σ(W_z·[h[t-1], x] + b_z)\nh = z ⊙ tanh(W·x + b) + (1 - z) ⊙ h[t-1]\n");
  const AppResult own =
      run_app({"train", "text",     book, "--cell",   cell, "--units", "12,8",     "--batch",
               "8",     "--steps",  "20", "--stride", "5",  "--split", "char-rnn", "--test-fraction",
               "0.05",  "--epochs", "1",  "--out",    out});
  ASSERT_EQ(own.status, 0) << own.err;
  EXPECT_TRUE(has(own.out, "mine 12, mine 8 over")) << own.out;
  EXPECT_TRUE(has(own.out, "to test")) << own.out;
  EXPECT_TRUE(has(run_app({"info", out}).out, "h = z ⊙ tanh(W·x + b) + (1 - z) ⊙ h[t-1]"));
}

TEST_F(TrainCommand, TakesACellALayer) {
  const auto grid = [&](std::vector<std::string> more) {
    std::vector<std::string> all = {"train",   "text", book,       "--units", "8",     "--batch", "8",
                                    "--steps", "20",   "--epochs", "1",       "--out", out};
    all.insert(all.end(), more.begin(), more.end());
    return run_app(all);
  };
  const AppResult r =
      grid({"--cell", "grid_edge,grid_lstm,clockwork", "--option", "periods=1,4", "--keep-state"});
  ASSERT_EQ(r.status, 0) << r.err;
  EXPECT_TRUE(has(r.out, "grid_edge 8, grid_lstm 8, clockwork 8 over")) << r.out;
  EXPECT_EQ(run_app({"sample", out, "--length", "10"}).status, 0);
  EXPECT_TRUE(has(run_app({"info", out}).out, "cell grid_lstm(h_below, C_below)"));
  const auto resume = [&](const std::string& cells) {
    return grid({"--cell", cells, "--resume", "--keep-state"});
  };
  EXPECT_EQ(resume("grid_edge,grid_lstm,clockwork").status, 0);
  EXPECT_TRUE(has(resume("grid_edge,grid_lstm,gru").err, "a cell 'clockwork' of another text")) << out;
  EXPECT_TRUE(has(resume("grid_edge,grid_lstm").err, "has 3 layers"));

  // A file with a comma in its name is that file when it stands alone.
  const std::string odd = folder / "a,b.cell";
  write_whole(odd, "cell mine(x) -> h\nh = tanh(W·[h[t-1], x] + b)\n");
  const AppResult alone = grid({"--cell", odd, "--force"});
  EXPECT_TRUE(has(alone.out, "mine 8 over")) << alone.err;
}

TEST_F(TrainCommand, ReadsBytesAndSeveralFilesAndValidationFiles) {
  write_whole(folder / "more.txt", small_text(50, 2) + "\xFF\xFE");
  write_whole(folder / "valid.txt", small_text(50, 3));
  const AppResult r =
      train({folder / "more.txt", "--bytes", "--valid", folder / "valid.txt", "--epochs", "1", "--out", out});
  EXPECT_EQ(r.status, 0) << r.err;
  EXPECT_TRUE(has(r.out, "over 256 bytes")) << r.out;
}

TEST_F(TrainCommand, AValidationFileMayHoldUnseenCharacters) {
  write_whole(folder / "valid.txt", small_text(50, 3) + "Ünseen.\n");
  const AppResult r = train({"--valid", folder / "valid.txt", "--epochs", "1", "--out", out});
  EXPECT_EQ(r.status, 0) << r.err;
}

TEST_F(TrainCommand, DrawsALiveLineThatFitsTheTerminal) {
  const AppResult r = run_on_terminal({"train", "text", book, "--units", "16", "--batch", "8", "--steps",
                                       "20", "--epochs", "30", "--out", out},
                                      60);
  ASSERT_EQ(r.status, 0) << r.out;
  EXPECT_TRUE(has(r.out, "\r")) << r.out;
  EXPECT_TRUE(has(r.out, "ETA")) << r.out;
  std::size_t live = 0;
  for (std::size_t at = 0; (at = r.out.find("\repoch", at)) != std::string::npos; ++at) {
    const std::size_t end = r.out.find("\x1b[K", at);
    ASSERT_NE(end, std::string::npos);
    std::size_t columns = 0;
    for (std::size_t i = at + 1; i < end; ++i)
      columns += (static_cast<unsigned char>(r.out[i]) & 0xC0) != 0x80 ? 1 : 0;
    EXPECT_LT(columns, 60u) << r.out.substr(at, end - at);
    ++live;
  }
  EXPECT_GT(live, 1u);
}

}  // namespace
}  // namespace cellwright::test
