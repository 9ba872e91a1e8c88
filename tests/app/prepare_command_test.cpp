// prepare_command_test.cpp: prepared texts and subwords from the first command to the last, and help from
// what was read in eval.
#include <gtest/gtest.h>

#include "app/run_app.h"
#include "app/small_text.h"
#include "data/subwords.h"
#include "support/data_path.h"

namespace cellwright::test {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

AppResult run(std::vector<std::string> arguments) { return run_app(arguments); }

std::vector<std::string> train(const std::string& book, const std::string& out,
                               std::vector<std::string> more = {}) {
  std::vector<std::string> all = {"train",   "text", book,       "--units", "16",    "--batch", "8",
                                  "--steps", "10",   "--epochs", "3",       "--out", out};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

TEST(PrepareCommand, APreparedTextTrainsToTheSameFile) {
  const TemporaryFolder folder;
  const std::string book = folder / "book.txt", tokens = folder / "book.tokens";
  write_whole(book, small_text());
  const AppResult prepared = run({"prepare", "text", book, "--out", tokens});
  ASSERT_EQ(prepared.status, 0) << prepared.err;
  EXPECT_TRUE(has(prepared.out, "characters, ") && has(prepared.out, " different")) << prepared.out;
  ASSERT_EQ(run(train(book, folder / "a")).status, 0);
  const AppResult trained = run(train(tokens, folder / "b"));
  ASSERT_EQ(trained.status, 0) << trained.err;
  EXPECT_EQ(read_whole(folder / "a"), read_whole(folder / "b"));
  EXPECT_EQ(run({"eval", folder / "a", book}).out, run({"eval", folder / "a", tokens}).out);

  const AppResult again = run({"prepare", "text", book, "--out", tokens});
  EXPECT_EQ(again.status, 1);
  EXPECT_TRUE(is_one_clear_line(again.err) && has(again.err, "--force")) << again.err;
  EXPECT_EQ(run({"prepare", "text", book, "--out", tokens, "--force"}).status, 0);
}

TEST(PrepareCommand, ResumesFromPreparedParts) {
  const TemporaryFolder folder;
  const std::string book = folder / "book.txt", valid = folder / "valid.txt", tokens = folder / "book.tokens";
  write_whole(book, small_text());
  write_whole(valid, small_text(40, 7));
  ASSERT_EQ(run({"prepare", "text", book, "--out", tokens, "--words"}).status, 0);
  ASSERT_EQ(run({"prepare", "text", valid, "--out", folder / "valid.tokens", "--like", tokens}).status, 0);
  const std::vector<std::string> parts = {"--valid", folder / "valid.tokens"};
  ASSERT_EQ(run(train(tokens, folder / "straight", parts)).status, 0);
  std::vector<std::string> second = parts;
  second.push_back("--resume");
  std::vector<std::string> one = train(tokens, folder / "broken", parts);
  one[10] = "1";  // epochs
  one.push_back("--keep-state");
  ASSERT_EQ(run(one).status, 0);
  const AppResult rest = run(train(tokens, folder / "broken", second));
  ASSERT_EQ(rest.status, 0) << rest.err;
  EXPECT_EQ(read_whole(folder / "straight"), read_whole(folder / "broken"));
}

TEST(PrepareCommand, TellsWhatDoesNotFit) {
  const TemporaryFolder folder;
  const std::string book = folder / "book.txt", tokens = folder / "book.tokens", model = folder / "m";
  write_whole(book, small_text());
  ASSERT_EQ(run({"prepare", "text", book, "--out", tokens, "--words", "--min-count", "2"}).status, 0);
  ASSERT_EQ(run(train(book, model)).status, 0);
  const std::string whole = read_whole(tokens);
  write_whole(folder / "cut", whole.substr(0, whole.size() - 100));
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"eval", model, tokens}, "prepare it with --like"},
      {{"eval", model, folder / "cut"}, "cut short"},
      {{"eval", model, model}, "this is a model, not a text"},
      {train(folder / "cut", folder / "x"), "cut short"},
      {train(tokens, folder / "x", {"--chars"}), "is prepared"},
      {train(tokens, folder / "x", {"--vocabulary", "9"}), "is prepared"},
      {train(tokens, folder / "x", {book}), "alone"},
      {train(book, folder / "x", {"--valid-fraction", "0", "--valid", tokens}), "prepare it with --like"},
      {{"prepare", "text", tokens, "--out", folder / "x"}, "prepared already"},
      {{"prepare", "text", book, "--out", book}, "is the book itself"},
      {{"prepare", "text", book, "--out", folder / "x", "--like", model, "--words"}, "--like says"},
      {{"prepare", "text", book, "--out", folder / "x", "--words", "--subwords", "300"},
       "exclude each other"},
      {{"prepare", "text", book, "--out", folder / "x", "--subwords", "100"}, "100 subwords make no sense"},
      {{"prepare", "text", "-", "--out", folder / "x"}, "standard input"},
      {{"eval", model, book, "--dynamic-decay", "0.1"}, "give --dynamic"},
      {{"eval", model, book, "--dynamic", "-1"}, "--dynamic is -1"},
      {{"eval", model, book, "--cache", "10", "--cache-lambda", "1"}, "--cache-lambda is 1"},
      {{"eval", model, book, "--dynamic", "3e38"}, "diverged"}};
  for (const auto& [arguments, part] : cases) {
    const AppResult r = run(arguments);
    EXPECT_EQ(r.status, 1) << part;
    EXPECT_TRUE(is_one_clear_line(r.err) && has(r.err, part)) << part << ": " << r.err;
  }
}

TEST(PrepareCommand, SubwordsGoAllTheWay) {
  if (!have_subwords()) GTEST_SKIP() << "this build has no module for subwords (SentencePiece)";
  const TemporaryFolder folder;
  const std::string book = folder / "book.txt", tokens = folder / "book.tokens";
  write_whole(book, small_text());
  ASSERT_EQ(run({"prepare", "text", book, "--out", tokens, "--subwords", "290"}).status, 0);
  const AppResult direct = run(train(book, folder / "a", {"--subwords", "290"}));
  ASSERT_EQ(direct.status, 0) << direct.err;
  EXPECT_TRUE(has(direct.out, " subwords")) << direct.out;
  ASSERT_EQ(run(train(tokens, folder / "b")).status, 0);
  EXPECT_EQ(read_whole(folder / "a"), read_whole(folder / "b"));
  const AppResult measured = run({"eval", folder / "a", book});
  EXPECT_EQ(measured.status, 0) << measured.err;
  EXPECT_TRUE(has(measured.out, "subwords predicted") && has(measured.out, "a character")) << measured.out;
  EXPECT_EQ(run({"eval", folder / "a", tokens}).out, measured.out);
  const AppResult sampled = run({"sample", folder / "a", "--prime", "the  c\xC3\xA4t", "--length", "30"});
  EXPECT_EQ(sampled.status, 0) << sampled.err;
  EXPECT_EQ(sampled.out.rfind("the  c\xC3\xA4t", 0), 0u) << sampled.out;
  EXPECT_TRUE(has(run({"info", folder / "a"}).out, "subwords"));
  ASSERT_EQ(run({"prepare", "text", book, "--out", folder / "like", "--like", folder / "a"}).status, 0);
  EXPECT_EQ(read_whole(folder / "like"), read_whole(tokens));
}

TEST(EvalCommand, ShowsPlainCacheAndDynamicBesideEachOther) {
  const TemporaryFolder folder;
  const std::string book = folder / "book.txt";
  write_whole(book, small_text());
  write_whole(folder / "other.txt", small_text(60, 9));
  ASSERT_EQ(run(train(book, folder / "m")).status, 0);
  const AppResult plain = run({"eval", folder / "m", folder / "other.txt"});
  const AppResult r = run({"eval", folder / "m", folder / "other.txt", "--cache", "50", "--dynamic", "0.001",
                           "--dynamic-decay", "0.01", "--dynamic-steps", "10", "--dynamic-stats", book});
  ASSERT_EQ(r.status, 0) << r.err;
  EXPECT_EQ(r.out.rfind(plain.out, 0), 0u) << "the figures without help come first, unchanged:\n" << r.out;
  for (const char* row :
       {"\nthe model ", "\nwith a cache of 50 ", "\ndynamic ", "\ndynamic, with a cache of 50 "})
    EXPECT_TRUE(has(r.out, row)) << row << r.out;
  const AppResult sgd = run({"eval", folder / "m", folder / "other.txt", "--dynamic", "0"});
  ASSERT_EQ(sgd.status, 0) << sgd.err;
  const auto figure = [&](const std::string& row) {
    const std::size_t at = sgd.out.find("\n" + row + " ");
    if (at == std::string::npos) return std::string("no such row");
    const std::size_t number = sgd.out.find_first_of("0123456789", at);
    return sgd.out.substr(number, sgd.out.find(' ', number) - number);
  };
  EXPECT_EQ(figure("dynamic"), figure("the model")) << sgd.out;
}

}  // namespace
}  // namespace cellwright::test
