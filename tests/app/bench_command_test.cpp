// bench: that it measures what it says, for default shapes and for a model file, and refuses nonsense. Never
// how fast.
#include <gtest/gtest.h>

#include "app/run_app.h"
#include "app/small_text.h"
#include "support/data_path.h"

namespace cellwright::test {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

void expect_figures(const std::string& out) {
  for (const std::string part : {"machine", "peak", "GFLOP/s", "product", "forward", "backward",
                                 "training step", "share of the peak", "streaming step", "tokens/s"})
    EXPECT_TRUE(has(out, part)) << part << "\n" << out;
  EXPECT_FALSE(has(out, "nan") || has(out, "inf ")) << out;
}

TEST(BenchCommand, DefaultShapesOnTheThreadsAskedFor) {
  const AppResult r = run_app({"bench", "--seconds", "0", "--batch", "2", "--steps", "3", "--threads", "1"});
  EXPECT_EQ(r.status, 0) << r.err;
  expect_figures(r.out);
  EXPECT_TRUE(has(r.out, "batch 2 × 3 steps")) << r.out;
  EXPECT_TRUE(has(r.out, "machine   1 thread,")) << r.out;
}

TEST(BenchCommand, AModelFileIsMeasuredAndNotChanged) {
  const TemporaryFolder folder;
  const std::string model = folder / "m.safetensors";
  write_whole(folder / "book.txt", small_text());
  ASSERT_EQ(run_app({"train", "text", folder / "book.txt", "--cell", "gru", "--units", "8", "--batch", "4",
                     "--steps", "5", "--epochs", "1", "--out", model})
                .status,
            0);
  const std::string before = read_whole(model);
  const AppResult r = run_app({"bench", model, "--seconds", "0", "--threads", "2"});
  EXPECT_EQ(r.status, 0) << r.err;
  expect_figures(r.out);
  EXPECT_TRUE(has(r.out, "gru 8 over") && has(r.out, "batch 4 × 5 steps")) << r.out;
  EXPECT_EQ(read_whole(model), before);
}

TEST(BenchCommand, WrongUseGetsOneClearLine) {
  const AppResult none = run_app({"bench", "/nowhere/m.safetensors"});
  EXPECT_EQ(none.status, 1);
  EXPECT_TRUE(is_one_clear_line(none.err)) << none.err;
  const AppResult target = run_app({"bench", "--simd", "mmx", "--seconds", "0"});
  EXPECT_EQ(target.status, 1);
  EXPECT_TRUE(is_one_clear_line(target.err)) << target.err;
  for (const std::vector<std::string>& wrong :
       {std::vector<std::string>{"bench", "--batch", "0"}, {"bench", "--seconds", "-1"}}) {
    const AppResult r = run_app(wrong);
    EXPECT_EQ(r.status, 2);
    EXPECT_TRUE(is_one_clear_line(r.err)) << r.err;
  }
}

}  // namespace
}  // namespace cellwright::test
