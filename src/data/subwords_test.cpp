// subwords_test.cpp: any text comes back byte for byte, whatever the pieces; pieces are the same every time.
#include "data/subwords.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/rng.h"
#include "cellwright/error.h"
#include "data/text_source.h"
#include "data/vocabulary.h"
#include "support/data_path.h"

namespace cellwright {
namespace {

#define CELLWRIGHT_NEED_SUBWORDS() \
  if (!have_subwords()) GTEST_SKIP() << "this build has no module for subwords (SentencePiece)"

VocabularyOptions wanted(int pieces, const std::string& model) {
  VocabularyOptions options;
  options.kind = TokenKind::subwords;
  options.subwords = pieces;
  options.subword_model = model;
  return options;
}

std::string some_text() {
  std::string text;
  for (int i = 0; i < 300; ++i)
    text += i % 3 ? "the cell keeps what it needs\n" : "no gate forgets the old state, or all of it\n";
  return text;
}

// Everything that SentencePiece treats in a way of its own, and what it has never seen.
std::string odd_text() {
  std::string text =
      "  two  blanks, a tab\tand\r\nreturns\r\n\n\n   \n\xE2\x96\x81its own sign\xE2\x96\x81\xE2\x96\x81 "
      "<unk> <s> </s> <0x41> \xE2\x96\x85 \xE2\x81\x87 "
      "\xEF\xBF\xBD \xC2\xA0\xE3\x80\x80\xE2\x80\x8B e\xCC\x81 \xC3\xA9 \xEF\xAC\x81 \xF0\x9F\x98\x80 "
      "\xD9\x82\xD9\x8E\xD8\xA7 trailing ";
  text += std::string(1, '\0') + "zero\x01\x7F";
  text += std::string(10000, 'x') + " " + std::string(3000, ' ');
  for (int i = 0; i < 3000; ++i) text += "\xE2\x82\xAC";
  return text;
}

TEST(Subwords, SegmentsSpellTheText) {
  const std::string text = odd_text() + some_text();
  std::string all;
  for_each_segment(
      text,
      [&](std::string_view s) {
        EXPECT_LE(s.size(), kLongestSegment);
        EXPECT_EQ(s.find('\n'), std::string_view::npos);
        EXPECT_NE(static_cast<unsigned char>(s[0]) & 0xC0, 0x80) << "a character was torn";
        all += s;
      },
      [&](std::string_view b) { all += b; });
  EXPECT_EQ(all, text);
}

TEST(Subwords, AnyTextComesBackByteForByte) {
  CELLWRIGHT_NEED_SUBWORDS();
  for (const char* model : {"unigram", "bpe"}) {
    const Vocabulary v = Vocabulary::build(some_text(), wanted(330, model));
    EXPECT_GT(v.size(), 280) << model;
    EXPECT_LE(v.size(), 330) << model;
    const auto ids = v.encode(some_text());
    EXPECT_EQ(v.decode(ids), some_text()) << model;
    EXPECT_LT(ids.size(), some_text().size()) << model;
    EXPECT_EQ(v.decode(v.encode(odd_text())), odd_text()) << model;
    EXPECT_EQ(std::count(ids.begin(), ids.end(), *v.unknown()), 0);
    const Random random(1, hash_name("test.subwords"));
    for (std::uint64_t n = 0; n < 200; ++n) {  // random characters, from ASCII to the last plane
      std::string text;
      for (std::uint64_t i = 0; i < 30; ++i) {
        const auto c = static_cast<char32_t>(random.below(i % 3 == 0 ? 0x10FFFF : 0x80, n, i));
        if (c >= 0xD800 && c < 0xE000) continue;
        if (c < 0x80) {
          text += static_cast<char>(c);
        } else if (c < 0x800) {
          text += {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 63))};
        } else if (c < 0x10000) {
          text += {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 63)),
                   static_cast<char>(0x80 | (c & 63))};
        } else {
          text += {static_cast<char>(0xF0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 63)),
                   static_cast<char>(0x80 | (c >> 6 & 63)), static_cast<char>(0x80 | (c & 63))};
        }
      }
      ASSERT_EQ(v.decode(v.encode(text)), text) << n;
    }
  }
}

TEST(Subwords, ComesBackFromItsStoredForm) {
  CELLWRIGHT_NEED_SUBWORDS();
  const Vocabulary v = Vocabulary::build(some_text(), wanted(300, "unigram"));
  const Vocabulary copy("subwords", v.bytes(), v.offsets(), v.subword_model());
  EXPECT_TRUE(copy == v);
  EXPECT_EQ(copy.encode(odd_text()), v.encode(odd_text()));
  EXPECT_EQ(copy.kind_name(), "subwords");
  EXPECT_TRUE(Vocabulary::build(some_text(), wanted(300, "unigram")) == v)
      << "training is not the same twice";
  EXPECT_THROW(Vocabulary("subwords", v.bytes(), v.offsets()), FormatError);
  auto bytes = v.bytes();
  bytes.back() ^= 1;  // still a vocabulary; that it is not its model's shows at the first text
  const Vocabulary other("subwords", bytes, v.offsets(), v.subword_model());
  EXPECT_THROW(other.encode("x"), FormatError);
  const Vocabulary damaged("subwords", v.bytes(), v.offsets(), "\x0A\xFF rubbish");
  EXPECT_THROW(damaged.encode("x"), FormatError);
  EXPECT_EQ(damaged.decode({1 + 'x'}), "x") << "decoding needs no model";
}

TEST(Subwords, RefusesSizesThatCannotBe) {
  EXPECT_THROW(Vocabulary::build("x", wanted(257, "unigram")), SpecError);
  EXPECT_THROW(Vocabulary::build("x", wanted(300, "words")), SpecError);
  CELLWRIGHT_NEED_SUBWORDS();
  std::string many;
  for (char c = ' '; c < '\x7F'; ++c) many += c;
  try {
    Vocabulary::build(many + "\n" + many, wanted(258, "unigram"));
    ADD_FAILURE() << "95 characters went into one place";
  } catch (const SpecError& e) {
    EXPECT_EQ(std::string(e.what()).rfind(
                  "258 subwords are too few: the bytes and the characters of this text alone are 3", 0),
              0u)
        << e.what();
  }
}

TEST(Subwords, VowelledArabicComesBack) {
  CELLWRIGHT_NEED_SUBWORDS();
  const std::string path = test::data_path("arabic-tashkeela/val.txt");
  CELLWRIGHT_NEED_DATA(path);
  const std::string text = read_text(path), part = text.substr(0, text.find('\n', 60000) + 1),
                    more = text.substr(0, text.find('\n', 400000) + 1);
  const Vocabulary v = Vocabulary::build(part, wanted(1000, "unigram"));
  const auto ids = v.encode(more);
  EXPECT_EQ(v.decode(ids), more);
  EXPECT_LT(ids.size(), more.size() / 4);
}

}  // namespace
}  // namespace cellwright
