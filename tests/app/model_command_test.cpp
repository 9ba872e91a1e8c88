// sample, eval and info on a model that the command line trained, and on files that are none.
#include <gtest/gtest.h>

#include "app/run_app.h"
#include "app/small_text.h"
#include "support/data_path.h"

namespace cellwright::test {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// One training for all tests here.
class ModelCommand : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = new TemporaryFolder;
    write_whole(*folder / "book.txt", small_text());
    const AppResult r =
        run_app({"train", "text", *folder / "book.txt", "--units", "24", "--batch", "8", "--steps", "20",
                 "--epochs", "12", "--lr", "0.01", "--out", *folder / "m.safetensors"});
    ASSERT_EQ(r.status, 0) << r.err;
  }
  static void TearDownTestSuite() {
    delete folder;
    folder = nullptr;
  }
  static std::string model() { return *folder / "m.safetensors"; }
  static TemporaryFolder* folder;
};
TemporaryFolder* ModelCommand::folder = nullptr;

TEST_F(ModelCommand, SampleGoesOnFromThePrime) {
  const AppResult r =
      run_app({"sample", model(), "--prime", "the ca", "--length", "40", "--temperature", "0.5"});
  EXPECT_EQ(r.status, 0) << r.err;
  EXPECT_EQ(r.out.rfind("the ca", 0), 0u) << r.out;
  EXPECT_GE(r.out.size(), 46u);
  EXPECT_LE(r.out.size(), 47u);  // and a newline where the last line is open
  EXPECT_EQ(r.out.back(), '\n');
  EXPECT_TRUE(r.err.empty()) << r.err;
}

TEST_F(ModelCommand, SampleDependsOnTheSeedAlone) {
  const auto text = [&](const std::string& seed, const std::string& length) {
    return run_app({"sample", model(), "--seed", seed, "--length", length}).out;
  };
  EXPECT_EQ(text("3", "80"), text("3", "80"));
  EXPECT_NE(text("3", "80"), text("4", "80"));
  const std::string longer = text("3", "80"), shorter = text("3", "20");
  EXPECT_EQ(longer.substr(0, 20), shorter.substr(0, 20));
}

TEST_F(ModelCommand, EvalCountsEveryTokenOnce) {
  const AppResult r = run_app({"eval", model(), *folder / "book.txt"});
  EXPECT_EQ(r.status, 0) << r.err;
  std::string count = std::to_string(small_text().size() - 1);
  count.insert(count.size() - 3, ",");
  EXPECT_TRUE(has(r.out, count + " characters predicted")) << r.out;
  EXPECT_TRUE(has(r.out, "nats") && has(r.out, "bits") && has(r.out, "perplexity")) << r.out;
}

TEST_F(ModelCommand, EvalReadsStandardInputAndSkipsUnknownOnRequest) {
  EXPECT_EQ(run_app({"eval", model(), "-"}, "the cat sees the moon.\n").status, 0);
  const AppResult refused = run_app({"eval", model(), "-"}, "the cat sees Ü.\n");
  EXPECT_EQ(refused.status, 1);
  EXPECT_TRUE(is_one_clear_line(refused.err)) << refused.err;
  EXPECT_TRUE(has(refused.err, "U+00DC")) << refused.err;
  const AppResult skipped = run_app({"eval", model(), "-", "--skip-unknown"}, "the cat sees Ü.\n");
  EXPECT_EQ(skipped.status, 0) << skipped.err;
  EXPECT_TRUE(has(skipped.out, "left out    1 ")) << skipped.out;
}

TEST_F(ModelCommand, InfoShowsEquationsTensorsAndHistory) {
  const AppResult r = run_app({"info", model()});
  EXPECT_EQ(r.status, 0) << r.err;
  EXPECT_TRUE(has(r.out, "lstm 24 over")) << r.out;
  EXPECT_TRUE(has(r.out, "C = f ⊙ C[t-1] + i ⊙ C̃")) << r.out;
  EXPECT_TRUE(has(r.out, "layers.0.W_f")) << r.out;
  EXPECT_TRUE(has(r.out, "best so far")) << r.out;
}

TEST_F(ModelCommand, WrongInputGetsOneClearLine) {
  write_whole(*folder / "one.txt", "t");
  struct Wrong {
    std::vector<std::string> arguments;
    int status;
    std::string part;
  };
  const std::vector<Wrong> all = {
      {{"sample", *folder / "none"}, 1, "cannot read"},
      {{"sample", *folder / "book.txt"}, 1, "book.txt"},
      {{"sample", model(), "--prime", "Ünder"}, 1, "--prime: the character"},
      {{"sample", model(), "--temperature", "-1"}, 1, "temperature"},
      {{"sample", model(), "--top-p", "0"}, 1, "top"},
      {{"sample", model(), "--length", "-3"}, 1, "--length is -3"},
      {{"sample", model(), "--lenght", "3"}, 2, "did you mean '--length'?"},
      {{"sample"}, 2, "no model given"},
      {{"eval", model(), *folder / "none.txt"}, 1, "cannot read"},
      {{"eval", model(), *folder / "one.txt"}, 1, "at least 2"},
      {{"eval", model(), *folder / "book.txt", "--batch", "0"}, 1, "--batch"},
      {{"eval", model()}, 2, "no texts given"},
      {{"info", "/"}, 1, "cannot read"},
      {{"info", "/dev/zero"}, 1, "does not end"},
  };
  for (const Wrong& w : all) {
    const AppResult r = run_app(w.arguments);
    EXPECT_EQ(r.status, w.status) << w.part << "\n" << r.err;
    EXPECT_TRUE(is_one_clear_line(r.err)) << r.err;
    EXPECT_TRUE(has(r.err, w.part)) << r.err;
  }
}

// Every length near the borders of the file's parts, and some between.
TEST_F(ModelCommand, ATruncatedModelIsRefusedInOneLine) {
  const std::string whole = read_whole(model()), cut = *folder / "cut.safetensors";
  std::vector<std::size_t> lengths{0, 1, 7, 8, 9, 100, whole.size() - 1, whole.size() - 2};
  for (std::size_t i = 1; i < 20; ++i) lengths.push_back(whole.size() * i / 20);
  for (const std::size_t length : lengths) {
    std::filesystem::remove(cut);
    write_whole(cut, whole.substr(0, length));
    for (const std::string command : {"info", "sample"}) {
      const AppResult r = run_app({command, cut});
      EXPECT_EQ(r.status, 1) << length;
      EXPECT_TRUE(is_one_clear_line(r.err)) << length << " " << r.err;
      EXPECT_TRUE(r.out.empty()) << length;
    }
  }
}

// The text of the cell in a file is no file of the user's: its place there says nothing without the model's
// name.
TEST_F(ModelCommand, ADamagedCellInAModelNamesTheModel) {
  std::string damaged = read_whole(model());
  const std::size_t at = damaged.find("f ⊙ C[t-1]");
  ASSERT_NE(at, std::string::npos);
  damaged[at] = 'g';
  const std::string path = *folder / "damaged.safetensors";
  write_whole(path, damaged);
  const AppResult r = run_app({"info", path});
  EXPECT_EQ(r.status, 1);
  EXPECT_TRUE(is_one_clear_line(r.err)) << r.err;
  EXPECT_TRUE(has(r.err, "damaged.safetensors: ") && has(r.err, "unknown name 'g'")) << r.err;
}

TEST_F(ModelCommand, AFullDiskIsTold) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"sample", model(), "--length", "10"}, {"info", model()}}) {
    const AppResult r = run_app(arguments, "", "/dev/full");
    EXPECT_EQ(r.status, 1);
    EXPECT_TRUE(is_one_clear_line(r.err)) << r.err;
  }
}

}  // namespace
}  // namespace cellwright::test
