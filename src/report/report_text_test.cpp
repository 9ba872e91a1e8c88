// A report's text in the pieces that stand together on the page, as Unicode has them.
#include "report/report_text.h"

#include <gtest/gtest.h>

#include <string>

#include "data/vocabulary.h"

namespace cellwright {
namespace {

TEST(ReportText, ALetterKeepsItsMarks) {
  const std::string text =
      "كَتَبَ e\xCC\x81q";  // three letters with a vowel sign each; é composed of two is one
  const Vocabulary v = Vocabulary::build(text, {});
  const ReportText shown = report_text(v, v.encode(text));
  EXPECT_TRUE(shown.right_to_left);
  ASSERT_EQ(shown.clusters.size(), 6u);
  EXPECT_EQ(shown.clusters[0].text, "كَ");
  EXPECT_EQ(shown.clusters[1].count, 2);
  EXPECT_EQ(shown.clusters[1].first, 2);
  EXPECT_EQ(shown.clusters[3].text, " ");
  EXPECT_EQ(shown.clusters[5].first, 8);
  VocabularyOptions words;
  words.kind = TokenKind::words;
  const Vocabulary w = Vocabulary::build("the cat\nthe dog\n", words);
  const ReportText lines = report_text(w, w.encode("the cat\nthe dog\n"));
  ASSERT_EQ(lines.clusters.size(), 6u);
  std::string joined;
  for (const TextCluster& c : lines.clusters) joined += c.text;
  EXPECT_EQ(joined, "the cat\nthe dog\n");
  const Vocabulary bytes;
  EXPECT_EQ(report_text(bytes, {0x61, 0xFF, 0x62}).clusters[1].text, "\\xFF");
  EXPECT_EQ(report_text(bytes, {0xD9, 0x83, 0x62}).clusters[0].text, "ك");
}

}  // namespace
}  // namespace cellwright
