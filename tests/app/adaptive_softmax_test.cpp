// The adaptive softmax from the command line: trained, shown, measured in every way, sampled, resumed to the
// bit; and what it cannot be combined with.
#include <gtest/gtest.h>

#include "app/run_app.h"
#include "app/small_text.h"
#include "support/data_path.h"

namespace cellwright::test {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

class AdaptiveSoftmax : public testing::Test {
 protected:
  AdaptiveSoftmax() { write_whole(book, small_text()); }
  AppResult train(const std::string& out, std::vector<std::string> more) {
    std::vector<std::string> all{"train",   "text", book,      "--words", "--units", "16",
                                 "--batch", "8",    "--steps", "20",      "--out",   out};
    all.insert(all.end(), more.begin(), more.end());
    return run_app(all);
  }
  TemporaryFolder folder;
  std::string book = folder / "book.txt";
  std::string out = folder / "book.safetensors";
};

TEST_F(AdaptiveSoftmax, IsTrainedShownMeasuredAndSampled) {
  const AppResult r = train(out, {"--adaptive-softmax", "4,9", "--epochs", "8"});
  ASSERT_EQ(r.status, 0) << r.err;
  EXPECT_TRUE(has(r.out, "adaptive softmax cut at 4,9")) << r.out;
  const std::string info = run_app({"info", out}).out;
  EXPECT_TRUE(has(info, "adaptive softmax cut at 4,9")) << info;
  EXPECT_TRUE(has(info, "head.tails.1.weight")) << info;
  for (const std::vector<std::string>& how :
       std::vector<std::vector<std::string>>{{}, {"--dynamic", "0.01"}, {"--cache", "50"}}) {
    std::vector<std::string> all{"eval", out, book};
    all.insert(all.end(), how.begin(), how.end());
    const AppResult measured = run_app(all);
    EXPECT_EQ(measured.status, 0) << measured.err;
    EXPECT_TRUE(has(measured.out, "perplexity")) << measured.out;
  }
  const AppResult sample = run_app({"sample", out, "--length", "30", "--temperature", "0.5"});
  EXPECT_EQ(sample.status, 0) << sample.err;
  EXPECT_TRUE(has(sample.out, "the ")) << sample.out;
}

TEST_F(AdaptiveSoftmax, IsResumedToTheBit) {
  const std::string straight = folder / "straight.safetensors";
  ASSERT_EQ(train(straight, {"--adaptive-softmax", "4,9", "--epochs", "3"}).status, 0);
  ASSERT_EQ(train(out, {"--adaptive-softmax", "4,9", "--epochs", "1", "--keep-state"}).status, 0);
  ASSERT_EQ(train(out, {"--resume", "--epochs", "3", "--adaptive-softmax", "4,9", "--threads", "1"}).status,
            0);
  EXPECT_EQ(run_app({"sample", out, "--length", "50"}).out,
            run_app({"sample", straight, "--length", "50"}).out);
  EXPECT_EQ(run_app({"eval", out, book}).out, run_app({"eval", straight, book}).out);
}

TEST_F(AdaptiveSoftmax, ThatCannotBeIsToldInALine) {
  ASSERT_EQ(train(out, {"--epochs", "1", "--keep-state"}).status, 0);
  const std::string other = folder / "other.safetensors";
  for (const auto& [options, part] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"--adaptive-softmax", "9,4"}, "a cutoff of 4 after 9"},
           {{"--adaptive-softmax", "4000"}, "a cutoff of 4000"},
           {{"--adaptive-softmax", "2,4,6"}, "fewer cutoffs"},
           {{"--adaptive-softmax", "4", "--tied"}, "tied"},
           {{"--adaptive-softmax", "4", "--label-smoothing", "0.1"}, "--label-smoothing"}}) {
    const AppResult r = train(other, options);
    EXPECT_EQ(r.status, 1) << part;
    EXPECT_TRUE(is_one_clear_line(r.err)) << r.err;
    EXPECT_TRUE(has(r.err, part)) << r.err;
  }
  const AppResult characters = run_app({"train", "text", book, "--out", other, "--adaptive-softmax", "4"});
  EXPECT_EQ(characters.status, 1);
  EXPECT_TRUE(has(characters.err, "--words")) << characters.err;
  const AppResult resumed = train(out, {"--resume", "--epochs", "2", "--adaptive-softmax", "4"});
  EXPECT_EQ(resumed.status, 1);
  EXPECT_TRUE(has(resumed.err, "has no adaptive softmax")) << resumed.err;
}

}  // namespace
}  // namespace cellwright::test
