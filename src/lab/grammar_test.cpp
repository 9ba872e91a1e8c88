// The lab's grammars against tables written down here: the answer is the one that the text asks for, the gap
// has as many words as it should, the Arabic is sound Unicode.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "lab/catalogue.h"
#include "lab/long_term.h"
#include "lab/phrase.h"
#include "lab/subject_gender.h"

namespace cellwright::lab {
namespace {

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

Sample sample_of(const TokenTask& task, const Point& point, std::uint64_t i) {
  RandomDraw draw(Random(7, hash_name("test")), i);
  return task.draw(point, draw);
}

const std::map<std::string, std::string> kLanguages = {
    {"France", "French"},     {"Germany", "German"},    {"Italy", "Italian"},    {"Spain", "Spanish"},
    {"Russia", "Russian"},    {"China", "Chinese"},     {"Japan", "Japanese"},   {"Turkey", "Turkish"},
    {"Poland", "Polish"},     {"Sweden", "Swedish"},    {"فرنسا", "الفرنسية"},   {"ألمانيا", "الألمانية"},
    {"إيطاليا", "الإيطالية"}, {"إسبانيا", "الإسبانية"}, {"روسيا", "الروسية"},    {"الصين", "الصينية"},
    {"اليابان", "اليابانية"}, {"تركيا", "التركية"},     {"بولندا", "البولندية"}, {"السويد", "السويدية"}};

TEST(LongTerm, TheAnswerIsTheLanguageOfTheCountryAndTheGapHasItsWords) {
  for (const char* language : {"en", "ar"}) {
    const auto task = make_long_term({language, {}});
    const bool arabic = task->language() == "ar";
    std::set<std::string> countries, texts;
    int others = 0;  // countries besides the one that counts
    for (const Point& point : task->points()) {
      if (point.length < 5) continue;
      for (std::uint64_t i = 0; i < 40; ++i) {
        const std::string text = text_of(*task, sample_of(*task, point, i));
        if (point.length >= 10) texts.insert(text);  // of five words there are not so many
        const std::vector<std::string> w = words_of(text);
        const std::size_t before = arabic ? 2 : 4,
                          after = arabic ? 3 : 5;  // "نشأت في"; "and I speak fluent [X]"
        ASSERT_EQ(w.size(), before + 1 + static_cast<std::size_t>(point.length) + after) << text;
        const std::string country = w[before], asked = arabic ? w[w.size() - 2] : w.back();
        ASSERT_TRUE(kLanguages.count(country)) << country;
        EXPECT_EQ(asked, "[" + kLanguages.at(country) + "]") << text;
        EXPECT_EQ(w[w.size() - (arabic ? 3 : 2)], arabic ? "وأتحدث" : "fluent");
        for (std::size_t k = before + 1; k < w.size() - after; ++k) {
          for (const auto& [land, tongue] : kLanguages) {
            EXPECT_NE(w[k], tongue) << "the filler tells: " << text;
            others += w[k] == land && land != country ? 1 : 0;
            EXPECT_FALSE(w[k] == land && point.length == 5) << text;
          }
        }
        countries.insert(country);
      }
    }
    EXPECT_GT(others, 100);
    EXPECT_EQ(countries.size(), 10u) << language;
    EXPECT_EQ(texts.size(), 200u) << "two fillers are the same";
  }
}

TEST(LongTerm, TheShortSentenceTellsWhereThingsAre) {
  std::map<std::string, std::string> found;
  for (const char* language : {"en", "ar"}) {
    const auto task = make_long_term({language, {}});
    for (std::uint64_t i = 0; i < 200; ++i) {
      const std::string text = text_of(*task, sample_of(*task, task->points()[0], i));
      found[text.substr(0, text.find(" ["))] = text.substr(text.find('['));
    }
  }
  EXPECT_EQ(found.size(), 20u);
  EXPECT_EQ(found["the clouds are in the"], "[sky]");
  EXPECT_EQ(found["the fish are in the"], "[sea]");
  EXPECT_EQ(found["الغيوم في"], "[السماء]");
  EXPECT_EQ(found["الأسماك في"], "[البحر]");
}

TEST(LongTerm, TrainingDrawsShortSentencesAndEveryGap) {
  const auto task = make_long_term({});
  const Random random(1, hash_name("points"));
  int shorts = 0, below_20 = 0, longest = 0;
  for (std::uint64_t i = 0; i < 4000; ++i) {
    RandomDraw draw(random, i);
    const int length = task->training_point(draw).length;
    ASSERT_TRUE(length == 3 || (length >= 5 && length <= 200)) << length;
    shorts += length == 3 ? 1 : 0;
    below_20 += length >= 5 && length < 20 ? 1 : 0;
    longest = std::max(longest, length);
  }
  EXPECT_NEAR(shorts, 500, 70);  // 1 in 8; 3 standard deviations are 63
  EXPECT_NEAR(below_20, 3500 * std::log(19.5 / 4.5) / std::log(200.5 / 4.5), 100);
  EXPECT_GT(longest, 190);
}

const std::set<std::string> kWomen = {"Mary", "Anna",  "Sarah", "Emma", "Lucy", "Clara",
                                      "مريم", "فاطمة", "ليلى",  "سلمى", "زينب", "هدى"};
const std::set<std::string> kMen = {"John", "Peter", "Adam", "Paul", "Tom", "David",
                                    "خالد", "أحمد",  "يوسف", "سامي", "عمر", "كريم"};

bool is_feminine(const std::string& form) {  // she; a verb of the past with ت
  const std::string bare = form.substr(1, form.size() - 2), ta = "ت";
  return bare == "she" ||
         (bare != "he" && bare.size() > 2 && bare.compare(bare.size() - ta.size(), ta.size(), ta) == 0);
}

TEST(SubjectGender, EveryAnswerAgreesWithTheNewestSubject) {
  for (const char* language : {"en", "ar"}) {
    const auto task = make_subject_gender({language, {}});
    int women = 0, answers = 0, kept = 0;
    for (std::uint64_t i = 0; i < 300; ++i) {
      const Sample s = sample_of(*task, {20, 0, ""}, i);
      bool feminine = false;
      for (const std::string& w : words_of(text_of(*task, s))) {
        if (kWomen.count(w) || kMen.count(w)) {
          kept += kWomen.count(w) == (feminine ? 1u : 0u) ? 1 : 0;
          feminine = kWomen.count(w) > 0;
        }
        if (w[0] != '[') continue;
        EXPECT_EQ(is_feminine(w), feminine) << text_of(*task, s);
        ++answers;
        women += feminine ? 1 : 0;
      }
      ASSERT_EQ(s.marks.size(), 2u);
      for (const int t : s.marks) {
        const std::string& name =
            task->words()[static_cast<std::size_t>(s.tokens[static_cast<std::size_t>(t)])];
        EXPECT_TRUE(kWomen.count(name) || kMen.count(name)) << name;
      }
    }
    EXPECT_EQ(answers, 900) << language;
    EXPECT_NEAR(women, 450, 60);
    EXPECT_NEAR(kept, 450, 60);
  }
}

TEST(SubjectGender, VariantsSayWhetherTheGenderChanges) {
  const auto task = make_subject_gender({});
  for (const Point& point : task->points()) {
    for (std::uint64_t i = 0; i < 50; ++i) {
      std::vector<bool> women;
      int asked = 0;
      for (const std::string& w : words_of(text_of(*task, sample_of(*task, point, i)))) {
        if (kWomen.count(w) || kMen.count(w)) women.push_back(kWomen.count(w) > 0);
        asked += w[0] == '[' ? 1 : 0;
      }
      ASSERT_EQ(women.size(), 3u);
      EXPECT_EQ(asked, 1);
      EXPECT_EQ(women[2] != women[1], point.label == "gender changed");
    }
  }
}

TEST(Lab, WordsAreValidNormalisedAndOfOneScript) {
  for (const Entry& entry : catalogue()) {
    for (const std::string& language : entry.languages) {
      const std::unique_ptr<Task> made = entry.make({language, {}});
      const auto* task = dynamic_cast<const TokenTask*>(made.get());
      ASSERT_NE(task, nullptr);
      EXPECT_EQ(task->name(), entry.name);
      EXPECT_EQ(task->language(), language);
      std::set<std::string> seen;
      for (const std::string& word : task->words()) {
        ASSERT_FALSE(invalid_utf8(word)) << word;
        EXPECT_EQ(normalize_nfc(word), word);
        EXPECT_TRUE(seen.insert(word).second) << word << " stands twice";
        if (language != "ar") continue;
        for (const char32_t c : decode_utf8(word))
          EXPECT_TRUE(c >= 0x621 && c <= 0x64A && c != 0x640) << word << ": no plain Arabic letter";
      }
    }
  }
}

TEST(Lab, WhatReadsSymbolsSaysSoAndHasItsOwnName) {
  for (const Entry& entry : catalogue()) {
    const auto task = entry.make({});
    EXPECT_EQ(task->name(), entry.name);
    EXPECT_EQ(dynamic_cast<const TokenTask*>(task.get()) != nullptr, entry.symbols) << entry.name;
    EXPECT_TRUE(entry.defaults.units.size() == 1 ||
                entry.defaults.units.size() == entry.defaults.cells.size())
        << entry.name;
  }
}

TEST(Lab, SequencesAreAFunctionOfTheirNumberAlone) {
  for (const Entry& entry : catalogue()) {
    if (!entry.symbols) continue;  // real_classics_test.cpp
    const std::unique_ptr<Task> made = entry.make({});
    const auto* task = dynamic_cast<const TokenTask*>(made.get());
    const Random random(3, 4);
    const Point point = task->points().back();
    const auto together = draw_samples(*task, point, random, 0, 6),
               alone = draw_samples(*task, point, random, 5, 1);
    EXPECT_EQ(together[5].tokens, alone[0].tokens) << entry.name;
    EXPECT_EQ(together[5].targets, alone[0].targets) << entry.name;
    if (entry.name != "anbn") {  // whose strings of one length are all the same
      EXPECT_NE(together[5].tokens, together[4].tokens) << entry.name;
    }
    for (const Sample& s : together) {
      ASSERT_EQ(s.tokens.size(), s.targets.size());
      for (std::size_t t = 0; t < s.tokens.size(); ++t) {
        EXPECT_TRUE(s.tokens[t] >= 0 && s.tokens[t] < static_cast<int>(task->words().size()));
        EXPECT_LT(s.targets[t], static_cast<int>(task->words().size()));
      }
    }
  }
}

TEST(Filler, HasExactlyTheWordsAskedFor) {
  WordList words;
  const Filler filler(words, {"a b", "c d|e f"});
  for (int n = 2; n < 40; ++n) {
    RandomDraw draw(Random(1, 1), static_cast<std::uint64_t>(n));
    std::vector<std::int32_t> out;
    filler.write(n, draw, out);
    EXPECT_EQ(static_cast<int>(out.size()), n);
  }
}

}  // namespace
}  // namespace cellwright::lab
