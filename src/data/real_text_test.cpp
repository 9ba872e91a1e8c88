// real_text_test.cpp: published counts of known corpora. They are not part of the repository; without them
// the tests skip.
#include <gtest/gtest.h>

#include "data/streams.h"
#include "data/text_source.h"
#include "data/vocabulary.h"
#include "support/data_path.h"

namespace cellwright {
namespace {

TEST(RealText, PennTreebankHasItsPublishedCounts) {
  const std::string train_path = test::data_path("ptb/ptb.train.txt");
  CELLWRIGHT_NEED_DATA(train_path);
  const std::string train = read_text(train_path);
  VocabularyOptions options;
  options.kind = TokenKind::words;
  const Vocabulary v = Vocabulary::build(train, options);
  EXPECT_EQ(v.size(), 10000);
  EXPECT_EQ(v.entry(0), "the");
  EXPECT_EQ(v.entry(1), "<unk>");
  EXPECT_EQ(v.entry(2), "<eos>");
  const auto ids = v.encode(train);
  EXPECT_EQ(ids.size(), 929589u);
  const auto valid = v.encode(read_text(test::data_path("ptb/ptb.valid.txt")));
  EXPECT_EQ(valid.size(), 73760u);
  const auto test = v.encode(read_text(test::data_path("ptb/ptb.test.txt")));
  EXPECT_EQ(test.size(), 82430u);
  EXPECT_EQ(Streams::covering(test, 1, 35).predictions(), 82429);
}

TEST(RealText, TinyshakespeareHas65CharactersAndComesBack) {
  const std::string path = test::data_path("tinyshakespeare/input.txt");
  CELLWRIGHT_NEED_DATA(path);
  const std::string text = read_text(path);
  const Vocabulary v = Vocabulary::build(text, {});
  EXPECT_EQ(v.size(), 65);
  const auto ids = v.encode(text);
  EXPECT_EQ(ids.size(), 1115394u);
  EXPECT_EQ(v.decode(ids), text);
  EXPECT_EQ(Streams::char_rnn(ids, 50, 50).windows(), 446);
}

TEST(RealText, ArabicHasItsPublishedCounts) {
  const std::string path = test::data_path("arabic-tashkeela/val.txt");
  CELLWRIGHT_NEED_DATA(path);
  const std::string val = read_text(path), test = read_text(test::data_path("arabic-tashkeela/test.txt"));
  const Vocabulary v = Vocabulary::build(val, {});
  EXPECT_EQ(v.size(), 74);
  EXPECT_EQ(v.encode(val).size(), 903851u);
  // Normal form C only reorders marks here: the counts are those of the raw code points.
  EXPECT_EQ(Vocabulary::build(test, {}).encode(test).size(), 944428u);
  // The second file has 8 characters that the first lacks (counted by other means).
  std::int64_t skipped = 0;
  EXPECT_EQ(v.encode(test, Unseen::skip, &skipped).size(), 944420u);
  EXPECT_EQ(skipped, 8);
}

}  // namespace
}  // namespace cellwright
