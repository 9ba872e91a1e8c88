// `cellwright train text` on bad input: one clear line, the right exit status, and nothing that existed
// before lost or changed.
#include <gtest/gtest.h>

#include <filesystem>

#include "app/run_app.h"
#include "app/small_text.h"
#include "support/data_path.h"

namespace cellwright::test {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

class TrainTrouble : public testing::Test {
 protected:
  TrainTrouble() { write_whole(book, small_text()); }
  std::vector<std::string> quick(std::vector<std::string> more) {
    std::vector<std::string> all{"train", "text", book, "--batch", "8", "--steps", "20", "--epochs", "1"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  TemporaryFolder folder;
  std::string book = folder / "book.txt";
  std::string out = folder / "book.safetensors";
};

TEST_F(TrainTrouble, GetsOneClearLineAndNoFile) {
  write_whole(folder / "empty.txt", "");
  write_whole(folder / "short.txt", "too short");
  write_whole(folder / "latin1.txt", "caf\xE9 au lait\n");
  write_whole(folder / "bad.ini", "epohcs = 3\n");
  write_whole(folder / "words.ini", "epochs = three\n");
  write_whole(folder / "empty.ini", "lr =\n");
  write_whole(folder / "same.txt", std::string(5000, 'a'));
  struct Wrong {
    std::vector<std::string> arguments;
    int status;
    std::string part;
  };
  const auto text = [&](const std::string& name) {
    return std::vector<std::string>{"train", "text", folder / name, "--out", out};
  };
  const std::vector<Wrong> all = {
      {text("nowhere.txt"), 1, "cannot read"},
      {text("empty.txt"), 1, "the file is empty"},
      {text("short.txt"), 1, "short.txt"},
      {text("latin1.txt"), 1, "byte 3 (0xE9) is not valid UTF-8"},
      {quick({"--out", out, "--units", "0"}), 1, "--units must be 1 or more"},
      {quick({"--out", out, "--units", "8,4", "--layers", "3"}), 1, "names 2 layers"},
      {quick({"--out", out, "--layers", "0"}), 1, "--layers"},
      {quick({"--out", out, "--cell", "lsmt"}), 1, "did you mean 'lstm'?"},
      {quick({"--out", out, "--cell", "lstm,lsmt"}), 1, "did you mean 'lstm'?"},
      {quick({"--out", out, "--cell", "lstm,,gru"}), 1, "a name between commas is missing"},
      {quick({"--out", out, "--cell", "lstm,gru", "--layers", "3"}), 1, "--cell names 2 layers"},
      {quick({"--out", out, "--cell", "lstm,gru", "--units", "3,4,5"}), 1, "--units names 3 layers"},
      {quick({"--out", out, "--cell", "lstm,slstm", "--option", "haeds=2"}), 1, "no option 'haeds'"},
      {quick({"--out", out, "--cell", "grid_lstm"}), 1, "--cell grid_edge,grid_lstm"},
      {{"train", "text", book, "--out", out, "--batch", "0"}, 1, "batch"},
      {{"train", "text", book, "--out", out, "--batch", "100000"}, 1, "lower --batch or --steps"},
      {quick({"--out", out, "--batch", "3"}), 2, "--batch is given more than once"},
      {quick({"--out", out, "--stride", "7"}), 1, "stride"},
      {quick({"--out", out, "--lr", "-1"}), 1, "--lr is -1"},
      {quick({"--out", out, "--lr", ""}), 2, "--lr is given without its number"},
      {quick({"--out", out, "--clip", "-1"}), 1, "--clip is -1"},
      {quick({"--out", out, "--weight-decay", "-1"}), 1, "--weight-decay is -1"},
      {quick({"--out", out, "--seed", "-1"}), 2, "no whole number"},
      {quick({"--out", out, "--group", "layer.*:lr=1"}), 1, "matches no tensor; there are embedding.weight,"},
      {quick({"--out", out, "--group", "*:rate=1"}), 1, "write PATTERN:lr=FACTOR"},
      {quick({"--out", out, "--ema", "1"}), 1, "--ema is 1"},
      {quick({"--out", out, "--optimizer", "nesterov", "--momentum", "0"}), 1, "--momentum is 0"},
      {quick({"--out", out, "--max-norm", "-1"}), 1, "--max-norm is -1"},
      {quick({"--out", out, "--gradient-noise", "-1"}), 1, "--gradient-noise is -1"},
      {quick({"--out", out, "--schedule", "step", "--decay-every", "0"}), 1, "--decay-every is 0"},
      {quick({"--out", out, "--units", "2.5"}), 2, "needs a whole number"},
      {quick({"--out", out, "--units", "60000"}), 1, "GB of memory"},
      {quick({"--out", out, "--min-count", "1000000"}), 1, "nothing but <unk>"},
      {quick({"--out", out, "--valid-fraction", "nan"}), 1, "found nan"},
      {quick({"--out", out, "--minutes", "nan"}), 1, "found nan"},
      {quick({"--out", folder / std::string(300, 'a')}), 1, "give a shorter one"},
      {quick({"--out", out, "--config", folder / "empty.ini"}), 1, "'lr' needs a value"},
      {quick({"--out", out, "--config", "/dev/zero"}), 1, "does not end"},
      {text("same.txt"), 1, "one kind of token"},
      {quick({"--out", out, "--momentum", "2", "--optimizer", "sgd"}), 1, "momentum"},
      {quick({"--out", out, "--valid-fraction", "1.5"}), 1, "fraction"},
      {quick({"--out", out, "--valid", book, "--valid-fraction", "0.1"}), 1, "exclude each other"},
      {quick({"--out", out, "--words", "--bytes"}), 1, "exclude each other"},
      {quick({"--out", out, "--threads", "-2"}), 1, "--threads"},
      {quick({"--out", out, "--simd", "mmx"}), 1, "'mmx'"},
      {quick({"--out", out, "--minutes", "-1"}), 1, "--minutes"},
      {quick({"--out", out, "--config", folder / "bad.ini"}), 1, "did you mean '--epochs'?"},
      {{"train", "text", book, "--out", out, "--config", folder / "words.ini"},
       1,
       "--epochs cannot be 'three'"},
      {quick({"--out", out, "--config", folder / "none.ini"}), 1, "cannot read"},
      {quick({"--out", out, "--log", folder.path()}), 1, "cannot write the log"},
      {quick({"--out", folder / "no/such/folder.st"}), 1, "make it first"},
      {quick({"--out", "/dev/full"}), 1, "no ordinary file"},
      {quick({"--out", folder.path()}), 1, "no ordinary file"},
      {quick({"--out", book, "--force"}), 1, "is one of the files that are read"},
      {quick({"--out", out, "--unit", "3"}), 2, "did you mean '--units'?"},
      {quick({"--out", out, "--optimizer", "adma"}), 2, "did you mean 'adam'?"},
      {quick({"--out", out, "--preset", "charrnn"}), 2, "did you mean 'char-rnn'?"},
      {quick({"--out", out, "--lr", "fast"}), 2, "--lr cannot be 'fast'"},
      {{"train", "text"}, 2, "books"},
      {{"train", "txt", book}, 2, "did you mean 'text'?"},
  };
  for (const Wrong& w : all) {
    const AppResult r = run_app(w.arguments);
    EXPECT_EQ(r.status, w.status) << w.part << "\n" << r.err;
    EXPECT_TRUE(is_one_clear_line(r.err)) << r.err;
    EXPECT_TRUE(has(r.err, w.part)) << r.err;
    EXPECT_FALSE(std::filesystem::exists(out)) << w.part;
  }
  EXPECT_EQ(read_whole(book), small_text());
}

TEST_F(TrainTrouble, AWrongCellGetsItsDiagnostic) {
  write_whole(folder / "my.cell", "cell my(x) -> h\nh = tanh(W·x + hh[t-1])\n");
  const AppResult r = run_app(quick({"--out", out, "--cell", folder / "my.cell"}));
  EXPECT_EQ(r.status, 1);
  EXPECT_TRUE(has(r.err, "my.cell:2:")) << r.err;
  EXPECT_TRUE(has(r.err, "^")) << r.err;
}

TEST_F(TrainTrouble, AnExistingFileIsKeptUnlessForced) {
  write_whole(out, "precious");
  const AppResult r = run_app(quick({"--out", out}));
  EXPECT_EQ(r.status, 1);
  EXPECT_TRUE(is_one_clear_line(r.err)) << r.err;
  EXPECT_TRUE(has(r.err, "--resume") && has(r.err, "--force")) << r.err;
  EXPECT_EQ(read_whole(out), "precious");
  const AppResult resumed = run_app(quick({"--out", out, "--resume"}));
  EXPECT_EQ(resumed.status, 1);
  EXPECT_TRUE(is_one_clear_line(resumed.err)) << resumed.err;
  EXPECT_EQ(read_whole(out), "precious");
  EXPECT_EQ(run_app(quick({"--out", out, "--units", "8", "--force"})).status, 0);
  EXPECT_EQ(run_app({"info", out}).status, 0);
}

// log of a negative number, in the first update.
TEST_F(TrainTrouble, NaNEndsTrainingAndLeavesTheOldFile) {
  write_whole(folder / "nan.cell", "cell bad(x) -> h\nh = log(W·x) + U·h[t-1]\n");
  write_whole(out, "precious");
  const AppResult r =
      run_app(quick({"--out", out, "--force", "--units", "8", "--cell", folder / "nan.cell"}));
  EXPECT_EQ(r.status, 1);
  EXPECT_TRUE(is_one_clear_line(r.err)) << r.err;
  EXPECT_TRUE(has(r.err, "NaN")) << r.err;
  EXPECT_EQ(read_whole(out), "precious");
}

// A file size limit refuses writes as a full disk does.
TEST_F(TrainTrouble, AFullDiskKeepsTheOldFile) {
  ASSERT_EQ(run_app(quick({"--out", out, "--units", "16", "--keep-state"})).status, 0);
  const std::string before = read_whole(out);
  const AppResult r =
      run_program({"bash", "-c", "ulimit -f 4; exec \"$@\"", "bash", CELLWRIGHT_APP, "train", "text", book,
                   "--batch", "8", "--steps", "20", "--out", out, "--resume", "--epochs", "2"});
  EXPECT_EQ(r.status, 1) << r.err;
  EXPECT_TRUE(has(r.err, "cannot write '" + out + "'")) << r.err;
  EXPECT_TRUE(read_whole(out) == before);
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
    files += entry.exists() ? 1 : 0;
  EXPECT_EQ(files, 2u) << "a temporary file was left";
}

TEST_F(TrainTrouble, LinesThatCannotBeWrittenLoseNoTraining) {
  for (const std::string err : {"2> /dev/full", "2>&1 >/dev/null | true; exit ${PIPESTATUS[0]}"}) {
    std::vector<std::string> command{"bash", "-c", "\"$@\" " + err, "bash", CELLWRIGHT_APP};
    for (const std::string& word : quick({"--out", out, "--units", "8", "--force"})) command.push_back(word);
    EXPECT_EQ(run_program(command).status, 0) << err;
    EXPECT_EQ(run_app({"info", out}).status, 0) << err;
    std::filesystem::remove(out);
  }
  EXPECT_EQ(run_program({"bash", "-c", "exec \"$@\" 2> /dev/full", "bash", CELLWRIGHT_APP, "sample"}).status,
            2);
}

TEST_F(TrainTrouble, ResumeRefusesAnotherModelTextOrStreams) {
  ASSERT_EQ(run_app(quick({"--out", out, "--units", "8", "--keep-state"})).status, 0);
  const std::string before = read_whole(out);
  write_whole(folder / "other.txt", small_text(300, 9));
  const std::vector<std::pair<std::vector<std::string>, std::string>> all = {
      {quick({"--out", out, "--resume", "--units", "9"}), "units 8"},
      {quick({"--out", out, "--resume", "--layers", "2"}), "1 layers"},
      {quick({"--out", out, "--resume", "--cell", "gru"}), "lstm"},
      {quick({"--out", out, "--resume", "--words"}), "reads characters"},
      {{"train", "text", folder / "other.txt", "--out", out, "--resume"}, "resume"},
      {{"train", "text", book, "--out", out, "--resume", "--batch", "4"}, "batch"},
  };
  for (const auto& [arguments, part] : all) {
    const AppResult r = run_app(arguments);
    EXPECT_EQ(r.status, 1) << part;
    EXPECT_TRUE(is_one_clear_line(r.err)) << r.err;
    EXPECT_TRUE(has(r.err, part)) << r.err;
    EXPECT_TRUE(read_whole(out) == before) << part;
  }
}

}  // namespace
}  // namespace cellwright::test
