// tagged_test.cpp: columns and JSON lines of labelled steps; what is wrong told with its line; words and
// labels numbered.
#include "data/tagged.h"

#include <gtest/gtest.h>

#include "cellwright/error.h"
#include "support/message_of.h"

namespace cellwright {
namespace {

using test::message_of;

TEST(Tagged, ColumnsAreReadSequenceBySequence) {
  const TaggedData d = parse_tagged_columns(
      "-DOCSTART- -X- O\n\n# a remark\nThe DT O\ncat\tNN\tB\r\n\n\nsat VB O\n", "a.conll", 1, -1);
  ASSERT_EQ(d.items.size(), 2u);
  EXPECT_EQ(d.items[0].words, (std::vector<std::string>{"The", "cat"}));
  EXPECT_EQ(d.items[0].labels, (std::vector<std::string>{"O", "B"}));
  EXPECT_EQ(d.items[1].name, "a.conll:8");
  EXPECT_EQ(parse_tagged_columns("1 The DT\n", "a", 2, 3).items[0].labels[0], "DT");
  EXPECT_TRUE(parse_tagged_columns("The\ncat\n", "a", 1, -1, false).items[0].labels.empty());
  // CoNLL-2000 has '#' as a word, CoNLL-U remarks before a sentence, ranges and words that are not said.
  const TaggedData hash = parse_tagged_columns("# text\ncost VB\n# #\n5 CD\n\n#\tSYM\n", "a", 1, 2);
  ASSERT_EQ(hash.items.size(), 2u);
  EXPECT_EQ(hash.items[0].words, (std::vector<std::string>{"cost", "#", "5"}));
  EXPECT_EQ(hash.items[1].words, (std::vector<std::string>{"#"}));
  EXPECT_EQ(parse_tagged_columns("1-2 du _\n1 de P\n2 le D\n2.1 et C\n", "a", 2, 3).items[0].words,
            (std::vector<std::string>{"de", "le"}));
  EXPECT_EQ(parse_tagged_columns("1-2 du\n", "a", 1, 2).items[0].words[0], "1-2");
  EXPECT_EQ(message_of([] { parse_tagged_columns("The\n", "a", 1, -1); }),
            "a:1: one column, where a word and its tag are expected");
  EXPECT_EQ(message_of([] { parse_tagged_columns("x y\n\nThe DT O\n", "a", 1, 3); }),
            "a:1: 2 columns, and the tag should stand in column 3");
  EXPECT_EQ(message_of([] { parse_tagged_columns("\n#\n", "a", 1, -1); }), "a: there is no sequence in it");
}

TEST(Tagged, LinesOfTokensAndOfNumbersAreRead) {
  const TaggedData words = parse_tagged_lines("{\"tokens\":[\"a\",\"b\"],\"tags\":[\"x\",1]}\n", "l", true);
  EXPECT_EQ(words.items[0].labels, (std::vector<std::string>{"x", "1"}));
  const TaggedData numbers = parse_tagged_lines("{\"steps\":[[1,2],[3,4]],\"labels\":[\"x\"]}", "l", false);
  EXPECT_EQ(numbers.width, 2);
  EXPECT_EQ(numbers.items[0].numbers, (std::vector<float>{1, 2, 3, 4}));
  for (const auto& [text, part] : std::vector<std::pair<std::string, std::string>>{
           {"[]", "l:1: this is no JSON object"},
           {"{\"tokens\":[\"a\"", "l:1: this is no JSON: column 15: "},
           {"{\"tokens\":[\"a\"]}", "no \"tags\""},
           {"{\"tags\":[\"a\"]}", "neither"},
           {"{\"tokens\":[\"a\"],\"steps\":[[1]],\"tags\":[\"a\"]}", "or both"},
           {"{\"tokens\":[\"a\",\"b\"],\"tags\":[\"x\"]}", "1 tags for 2 steps"},
           {"{\"tokens\":[],\"tags\":[]}", "no step"},
           {"{\"tokens\":[[1]],\"tags\":[\"x\"]}", "a token is neither"},
           {"{\"steps\":[[1],[\"b\"]],\"tags\":[\"x\",\"y\"]}", "step 1 holds something"},
           {"{\"steps\":[1,1e39],\"tags\":[\"x\",\"y\"]}", "step 1 holds something"},
           {"{\"steps\":[[1],[2,3]],\"tags\":[\"x\",\"y\"]}", "step 1 has 2 numbers"},
           {"{\"tokens\":[\"a\"],\"tags\":[\"x\"]}\n{\"steps\":[[1]],\"tags\":[\"x\"]}", "another kind"},
           {"", "no sequence"}})
    EXPECT_NE(message_of([&, t = text] { parse_tagged_lines(t, "l", true); }).find(part), std::string::npos)
        << part << ": " << message_of([&, t = text] { parse_tagged_lines(t, "l", true); });
}

TEST(Tagged, WordsAndLabelsAreNumbered) {
  const TaggedData d = parse_tagged_columns("a X\nb Y\na X\n\nc X\nb X\nb Y\n", "d", 1, 2);
  const Names words = words_of(d, 2), labels = labels_of(d);
  EXPECT_EQ(words.all(), (std::vector<std::string>{"<unk>", "b", "a"}));
  EXPECT_EQ(labels.all(), (std::vector<std::string>{"X", "Y"}));
  const SequenceSet set = to_sequences(d, words, labels, true, 0);
  set.check();
  EXPECT_EQ(set.sequences[0].symbols, (std::vector<std::int32_t>{2, 1, 2}));
  EXPECT_EQ(set.sequences[1].symbols[0], 0);
  EXPECT_EQ(set.sequences[0].targets, (std::vector<float>{0, 1, 0}));
  const SequenceSet apart =
      to_sequences(parse_tagged_columns("c X\nb Y\nb X\n", "d", 1, 2), words, labels, false, 0);
  apart.check();
  EXPECT_EQ(apart.sequences[0].labels, (std::vector<std::int32_t>{0, 1, 0}));
  // Two alike need a blank between them: Graves et al. 2006.
  const auto fits = [&](const std::string& steps, const std::string& labels_said) {
    return message_of([&] {
      to_sequences(parse_tagged_lines("{\"steps\":" + steps + ",\"labels\":" + labels_said + "}", "l", false),
                   Names(), labels, false, 1);
    });
  };
  EXPECT_EQ(fits("[1,2]", "[\"X\",\"Y\"]"), "");
  EXPECT_EQ(fits("[1,2,3]", "[\"X\",\"X\"]"), "");
  EXPECT_EQ(fits("[1,2]", "[\"X\",\"X\"]"),
            "l:1: 2 labels take at least 3 steps, and it has 2; leave it out, or take finer steps");
  EXPECT_NE(message_of([&] {
              to_sequences(parse_tagged_columns("a Z\n", "e", 1, 2), words, labels, true, 0);
            }).find("e:1: the label 'Z' is none of the 2"),
            std::string::npos);
  // Mean 2, deviation 1 by hand; a column that is always the same keeps its deviation.
  const TaggedData numbers =
      parse_tagged_lines("{\"steps\":[[1,7],[3,7]],\"tags\":[\"X\",\"Y\"]}", "l", true);
  EXPECT_EQ(to_sequences(numbers, Names(), labels, true, 2, scaling_of(numbers)).sequences[0].inputs,
            (std::vector<float>{-1, 0, 1, 0}));
  EXPECT_NE(
      message_of([&] { to_sequences(d, words, labels, true, 3); }).find("steps are words, but 3 numbers"),
      std::string::npos);
}

}  // namespace
}  // namespace cellwright
