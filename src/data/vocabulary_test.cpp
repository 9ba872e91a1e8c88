// vocabulary_test.cpp: each kind's order and entries by hand, round trips, unseen text, and hostile stored
// forms.
#include "data/vocabulary.h"

#include <gtest/gtest.h>

#include <limits>

#include "cellwright/error.h"
#include "data/text_source.h"
#include "support/data_path.h"

namespace cellwright {
namespace {

using Ids = std::vector<std::int32_t>;

std::string fixture(const std::string& name) {
  return read_text(test::fixture_path("fixtures/text/" + name));
}

Vocabulary characters(std::string_view text, bool unknown = false) {
  VocabularyOptions options;
  options.unknown = unknown;
  return Vocabulary::build(text, options);
}

Vocabulary words(std::string_view text, std::int64_t min_count = 1, std::int64_t max_entries = 0) {
  VocabularyOptions options;
  options.kind = TokenKind::words;
  options.min_count = min_count;
  options.max_entries = max_entries;
  return Vocabulary::build(text, options);
}

std::vector<std::string> entries(const Vocabulary& v) {
  std::vector<std::string> all;
  for (int i = 0; i < v.size(); ++i) all.push_back(v.entry(i));
  return all;
}

TEST(Vocabulary, BytesAreThemselves) {
  const Vocabulary v;
  EXPECT_EQ(v.size(), 256);
  const std::string text(
      "\0\xff\x80"
      "a\n",
      5);
  EXPECT_EQ(v.encode(text), (Ids{0, 255, 128, 97, 10}));
  EXPECT_EQ(v.decode(v.encode(text)), text);
  EXPECT_EQ(v.find("a"), 97);
}

TEST(Vocabulary, CharactersAreSortedCodePointsWithoutUnknown) {
  const Vocabulary v = characters("banana\n€");
  EXPECT_EQ(entries(v), (std::vector<std::string>{"\n", "a", "b", "n", "€"}));
  EXPECT_EQ(v.encode("nab€\n"), (Ids{3, 1, 2, 4, 0}));
  EXPECT_EQ(v.decode({3, 1, 2, 4, 0}), "nab€\n");
  EXPECT_FALSE(v.unknown());
  EXPECT_FALSE(v.end_of_line());
}

TEST(Vocabulary, CharactersAreInNormalFormC) {
  const std::string text =
      fixture("combining.txt");  // "café" with a combining accent, then with one code point
  const Vocabulary v = characters(text);
  EXPECT_EQ(entries(v), (std::vector<std::string>{"\n", " ", "a", "c", "f", "é"}));
  EXPECT_EQ(v.encode(text), (Ids{3, 2, 4, 5, 1, 3, 2, 4, 5, 0}));
}

TEST(Vocabulary, ArabicMarksAreCharactersAndComeBack) {
  const std::string text = fixture("arabic.txt");
  const Vocabulary v = characters(text);
  EXPECT_EQ(v.size(), 14);  // newline, blank, nine letters and three marks
  for (const char* mark : {"\u064C", "\u064E", "\u0650"}) EXPECT_TRUE(v.find(mark)) << mark;
  EXPECT_EQ(v.decode(v.encode(text)), text);
}

TEST(Vocabulary, AnUnseenCharacterIsAnErrorASkipOrUnknown) {
  const Vocabulary plain = characters("abc");
  try {
    plain.encode("ab\u00e9");
    FAIL() << "nothing was thrown";
  } catch (const FormatError& e) {
    EXPECT_EQ(std::string(e.what()).find(
                  "the character 'é' (U+00E9) at position 2 of the text is not in the model's"),
              0u)
        << e.what();
  }
  std::int64_t skipped = -1;
  EXPECT_EQ(plain.encode("xaybz", Unseen::skip, &skipped), (Ids{0, 1}));
  EXPECT_EQ(skipped, 3);

  const Vocabulary open = characters("abc", true);
  EXPECT_EQ(entries(open), (std::vector<std::string>{"a", "b", "c", "<unk>"}));
  EXPECT_EQ(open.encode("axc", Unseen::skip, &skipped), (Ids{0, 3, 2}));
  EXPECT_EQ(skipped, 0);
  EXPECT_EQ(open.decode({0, 3}), "a\uFFFD");
}

TEST(Vocabulary, RareCharactersBecomeUnknownOnlyIfThereAreAny) {
  VocabularyOptions options;
  options.min_count = 2;
  EXPECT_EQ(entries(Vocabulary::build("aabbc", options)), (std::vector<std::string>{"a", "b", "<unk>"}));
  EXPECT_EQ(entries(Vocabulary::build("aabb", options)), (std::vector<std::string>{"a", "b"}));
  options.min_count = 1;
  options.max_entries = 3;
  EXPECT_EQ(entries(Vocabulary::build("abcabc", options)), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(entries(Vocabulary::build("abbccd", options)), (std::vector<std::string>{"b", "c", "<unk>"}));
}

TEST(Vocabulary, WordsAreOrderedByCountThenAlphabet) {
  const Vocabulary v = words("b a b c\nb a\n");  // b 3, <eos> 2, a 2, c 1, <unk> 0
  EXPECT_EQ(entries(v), (std::vector<std::string>{"b", "<eos>", "a", "c", "<unk>"}));
  EXPECT_EQ(v.encode("a  new\tb\n"), (Ids{2, 4, 0, 1}));
  EXPECT_EQ(v.decode({2, 4, 0, 1, 1, 3}), "a <unk> b\n\nc");
}

TEST(Vocabulary, TheReadyMadeFormIsWordsWithItsOwnUnknown) {
  const Vocabulary v = words(" the <unk> ran \n the end \n");
  EXPECT_EQ(entries(v), (std::vector<std::string>{"<eos>", "the", "<unk>", "end", "ran"}));
  EXPECT_EQ(v.encode(" the <unk> ran \n"), (Ids{1, 2, 4, 0}));
}

TEST(Vocabulary, EveryLineEndsOnceAlsoEmptyAndUnfinishedOnes) {
  const Vocabulary v = words("x\n");
  const std::int32_t eos = *v.end_of_line(), x = *v.find("x");
  EXPECT_EQ(v.encode("x\r\n\nx"), (Ids{x, eos, eos, x, eos}));
  EXPECT_EQ(v.encode("x\n"), (Ids{x, eos}));
  EXPECT_EQ(v.encode(""), Ids{});
}

TEST(Vocabulary, WordsArePartedByUnicodesWhiteSpaceOnly) {
  const Vocabulary v = words("a b");
  const std::int32_t a = *v.find("a"), b = *v.find("b"), eos = *v.end_of_line();
  for (const char* blank : {" ", "\t", "\v", "\f", "\xC2\x85", "\u00A0", "\u1680", "\u2003", "\u2028",
                            "\u202F", "\u205F", "\u3000"}) {
    EXPECT_EQ(v.encode(std::string("a") + blank + "b"), (Ids{a, b, eos})) << blank;
  }
  for (const char* no_blank : {"\u200B", "\u00AD", "\u2013", "\u3001", "ᚁ"}) {
    EXPECT_EQ(v.encode(std::string("a") + no_blank + "b").size(), 2u) << no_blank;
  }
}

TEST(Vocabulary, RareWordsBecomeUnknownAndAreCountedThere) {
  const std::string text = "a a a b b c d\n";
  EXPECT_EQ(entries(words(text, 2)), (std::vector<std::string>{"a", "<unk>", "b", "<eos>"}));
  EXPECT_EQ(entries(words(text, 1, 3)), (std::vector<std::string>{"<unk>", "a", "<eos>"}));
}

TEST(Vocabulary, OptionsThatCannotBeMetAreRefused) {
  EXPECT_THROW(words("a", 0), SpecError);
  EXPECT_THROW(words("a", 1, 2), SpecError);
  EXPECT_THROW(words("a", 1, -1), SpecError);
  EXPECT_THROW(words(""), FormatError);
  EXPECT_THROW(characters("\xff"), FormatError);
  EXPECT_THROW(characters("a").decode({1}), SpecError);
  EXPECT_THROW(characters("a").decode({-1}), SpecError);
  EXPECT_THROW(parse_token_kind("letters"), SpecError);
}

TEST(Vocabulary, TheDecoderGivesThePiecesOfTheWhole) {
  for (const Vocabulary& v : {words("to be\nor not\n"), characters("to be\nor not\n", true), Vocabulary()}) {
    const Ids ids = v.encode("to be or\n\nnot to\n");
    Decoder decoder(v);
    std::string text;
    for (const std::int32_t id : ids) text += decoder.next(id);
    EXPECT_EQ(text, v.decode(ids));
    EXPECT_EQ(text, "to be or\n\nnot to\n");
  }
}

TEST(Vocabulary, TheStoredFormComesBackAndCopiesStandAlone) {
  for (const Vocabulary& v :
       {words("to be\nor not\n"), characters("to be é\n", true), characters("xyz"), Vocabulary()}) {
    Vocabulary back;
    {
      const Vocabulary read(v.kind_name(), v.bytes(), v.offsets());
      back = read;  // a copy must not look into what it came from
    }
    const Vocabulary moved = std::move(back);
    EXPECT_EQ(moved.kind(), v.kind());
    EXPECT_EQ(entries(moved), entries(v));
    EXPECT_EQ(moved.unknown(), v.unknown());
    EXPECT_EQ(moved.end_of_line(), v.end_of_line());
    EXPECT_EQ(moved.encode(v.entry(0)), v.encode(v.entry(0)));
  }
}

TEST(Vocabulary, AHostileStoredFormIsAFormatError) {
  const auto refused = [](const std::string& kind, const std::string& text,
                          const std::vector<std::int64_t>& offsets) {
    EXPECT_THROW(Vocabulary(kind, {text.begin(), text.end()}, offsets), FormatError) << kind << " " << text;
  };
  const std::int64_t huge = std::numeric_limits<std::int64_t>::max(),
                     least = std::numeric_limits<std::int64_t>::min();
  EXPECT_NO_THROW(Vocabulary("characters", {'a', 'b'}, {0, 1, 2}));
  refused("letters", "ab", {0, 1, 2});
  refused("characters", "", {});
  refused("characters", "", {0});
  refused("characters", "ab", {0, 1});
  refused("characters", "ab", {1, 2});
  refused("characters", "ab", {0, huge, 2});
  refused("characters", "ab", {0, least, 2});
  refused("characters", "ab", {0, 2, 1, 2});
  refused("characters", "ba", {0, 1, 2});
  refused("characters", "aa", {0, 1, 2});
  refused("characters", "ab", {0, 0, 1, 2});
  refused("characters", "ab", {0, 2});
  refused("characters", "\xff", {0, 1});
  refused("characters", "<unk>", {0, 5});
  refused("characters", "<unk>a", {0, 5, 6});
  refused("words", "<unk>", {0, 5});
  refused("words", "<unk><eos>aa", {0, 5, 10, 11, 12});
  refused("words", "<unk><eos>", {0, 5, 10, 10});
  refused("words", "<unk><eos>a b", {0, 5, 10, 13});
  refused("bytes", "ab", {0, 1, 2});
}

}  // namespace
}  // namespace cellwright
