// The classic tasks against oracles written another way: Reber strings against a regular expression, answers
// against what the text says.
#include "lab/classics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <string>
#include <vector>

#include "cellwright/error.h"
#include "lab/catalogue.h"

namespace cellwright::lab {
namespace {

Sample sample_of(const TokenTask& task, int length, std::uint64_t i) {
  RandomDraw draw(Random(11, hash_name("test")), i);
  return task.draw({length, 0, ""}, draw);
}

std::string word(const TokenTask& task, std::int32_t token) {
  return task.words()[static_cast<std::size_t>(token)];
}

std::string joined(const TokenTask& task, const std::vector<std::int32_t>& tokens) {
  std::string text;
  for (const std::int32_t t : tokens) text += word(task, t);
  return text;
}

// The grammar as a regular expression, from its drawing: upper way T S* X, lower way P T* V; from the lower
// middle (behind T*V) P or the end V; from the upper S ends, X goes down.
const char* const kReber = "B(TS*X(XT*VP)*(S|XT*VV)|PT*V(PXT*V)*(V|PS))E";

TEST(Reber, EveryStringIsLegalAndHasItsLength) {
  const std::regex legal(kReber);
  const auto task = make_reber({});
  for (const int length : {5, 12, 40}) {
    std::size_t shortest = 1000, longest = 0;
    for (std::uint64_t i = 0; i < 300; ++i) {
      const Sample s = sample_of(*task, length, i);
      EXPECT_TRUE(std::regex_match(joined(*task, s.tokens), legal)) << joined(*task, s.tokens);
      shortest = std::min(shortest, s.tokens.size());
      longest = std::max(longest, s.tokens.size());
    }
    EXPECT_GE(shortest, static_cast<std::size_t>(length));
    EXPECT_LE(shortest, static_cast<std::size_t>(length) + 2);
    EXPECT_LT(longest, static_cast<std::size_t>(length) + 60);
  }
}

/// Whether some string of the grammar begins so; strings of up to 60 symbols are looked at.
bool may_begin(const std::string& prefix, const std::vector<std::string>& strings) {
  return std::any_of(strings.begin(), strings.end(),
                     [&](const std::string& s) { return s.compare(0, prefix.size(), prefix) == 0; });
}

TEST(Reber, TheLegalSuccessorsAreThoseSomeStringHas) {
  const auto task = make_reber({});
  std::vector<std::string> strings;
  for (std::uint64_t i = 0; i < 4000; ++i)
    strings.push_back(joined(*task, sample_of(*task, 5, 1000 + i).tokens));
  for (std::uint64_t i = 0; i < 30; ++i) {
    const Sample s = sample_of(*task, 5, i);
    if (s.tokens.size() > 9) continue;  // of longer beginnings there are too few strings
    for (std::size_t t = 0; t + 1 < s.tokens.size(); ++t) {
      EXPECT_TRUE(std::count(s.right[t].begin(), s.right[t].end(), s.targets[t]) == 1);
      EXPECT_EQ(s.targets[t], s.tokens[t + 1]);
      std::string prefix =
          joined(*task, {s.tokens.begin(), s.tokens.begin() + static_cast<std::ptrdiff_t>(t) + 1});
      for (std::int32_t next = 0; next < 7; ++next) {
        const bool is_legal = std::count(s.right[t].begin(), s.right[t].end(), next) > 0;
        EXPECT_EQ(is_legal, may_begin(prefix + word(*task, next), strings)) << prefix << word(*task, next);
      }
    }
  }
}

TEST(EmbeddedReber, TheSecondSymbolComesAgainBeforeTheLast) {
  const std::regex legal("B(T(" + std::string(kReber) + ")T|P(" + kReber + ")P)E");
  const auto task = make_embedded_reber({});
  for (const int length : {5, 50}) {
    for (std::uint64_t i = 0; i < 200; ++i) {
      const Sample s = sample_of(*task, length, i);
      const std::string text = joined(*task, s.tokens);
      EXPECT_TRUE(std::regex_match(text, legal)) << text;
      const std::size_t asks =
          s.tokens.size() - 3;  // the inner E, behind which the remembered symbol is asked
      EXPECT_EQ(s.right[asks], std::vector<std::int32_t>{s.tokens[1]});
      EXPECT_GE(static_cast<int>(s.tokens.size()), length + 4);
      EXPECT_EQ(s.targets.back(), -1);
    }
  }
}

TEST(Copy, AsksForTheTenSymbolsInOrderBehindTheGap) {
  const auto task = make_copy({});
  const Sample s = sample_of(*task, 30, 1);
  ASSERT_EQ(s.tokens.size(), 50u);
  for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(s.targets[40 + i], s.tokens[i]);
  for (std::size_t i = 0; i < 40; ++i) EXPECT_EQ(s.targets[i], -1);
  for (std::size_t i = 10; i < 50; ++i) EXPECT_EQ(word(*task, s.tokens[i]), i == 40 ? "?" : "-");
}

TEST(Memorise, AsksForAllSymbolsInOrder) {
  const auto task = make_memorise({});
  const Sample s = sample_of(*task, 20, 1);
  ASSERT_EQ(s.tokens.size(), 40u);
  for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(s.targets[20 + i], s.tokens[i]);
}

TEST(TemporalOrder, TheAnswerSpellsTheTwoSymbols) {
  const auto task = make_temporal_order({});
  for (std::uint64_t i = 0; i < 100; ++i) {
    const Sample s = sample_of(*task, 100, i);
    ASSERT_EQ(s.tokens.size(), 100u);
    std::string seen;
    std::vector<int> at;
    for (int t = 0; t < 100; ++t) {
      const std::string w = word(*task, s.tokens[static_cast<std::size_t>(t)]);
      if (w == "X" || w == "Y") seen += w, at.push_back(t);
    }
    ASSERT_EQ(at.size(), 2u);
    EXPECT_TRUE(at[0] >= 10 && at[0] < 20 && at[1] >= 50 && at[1] < 60) << at[0] << " " << at[1];
    EXPECT_EQ(word(*task, s.targets.back()), seen);
  }
}

TEST(DelayedEcho, TheAnswerIsTheBitOfTheLag) {
  const auto task = make_delayed_echo({"en", {3, 7}});
  for (const int lag : {3, 7}) {
    const Sample s = sample_of(*task, lag, 5);
    EXPECT_EQ(word(*task, s.tokens[0]), "lag" + std::to_string(lag));
    int asked = 0;
    for (int t = 1; t < static_cast<int>(s.tokens.size()); ++t) {
      const std::int32_t target = s.targets[static_cast<std::size_t>(t)];
      EXPECT_EQ(target, t > lag ? s.tokens[static_cast<std::size_t>(t - lag)] : -1);
      asked += target >= 0 ? 1 : 0;
    }
    EXPECT_EQ(asked, 20);
  }
}

TEST(Parity, CountsTheOnes) {
  const auto task = make_parity({});
  for (std::uint64_t i = 0; i < 50; ++i) {
    const Sample s = sample_of(*task, 13, i);
    const auto ones = std::count(s.tokens.begin(), s.tokens.end(), 1);
    EXPECT_EQ(word(*task, s.targets.back()), ones % 2 ? "odd" : "even");
    EXPECT_EQ(std::count(s.targets.begin(), s.targets.end(), -1), 12);
  }
}

TEST(Counting, AsManyBAsA) {
  const auto task = make_counting({});
  const Sample s = sample_of(*task, 3, 0);
  EXPECT_EQ(joined(*task, s.tokens), "Saaabbb");
  EXPECT_EQ(joined(*task, s.targets), "aaabbbE");
  std::vector<std::string> right;
  for (const auto& r : s.right) right.push_back(joined(*task, r));
  EXPECT_EQ(right, (std::vector<std::string>{"a", "ab", "ab", "ab", "b", "b", "E"}));
  EXPECT_TRUE(task->points().back().beyond);
  EXPECT_FALSE(task->points().front().beyond);
}

TEST(Addition, TheDigitsAreThoseOfTheSum) {
  const auto task = make_addition({});
  for (const int digits : {1, 3, 8}) {
    for (std::uint64_t i = 0; i < 50; ++i) {
      const Sample s = sample_of(*task, digits, i);
      const std::string read = joined(*task, s.tokens);
      const auto plus = static_cast<std::size_t>(digits), equals = 2 * plus + 1;
      ASSERT_EQ(read[plus], '+');
      ASSERT_EQ(read[equals], '=');
      const long long sum = std::stoll(read.substr(0, plus)) + std::stoll(read.substr(plus + 1, plus));
      EXPECT_EQ(read.substr(equals + 1), std::to_string(sum));
      std::string asked;
      for (std::size_t t = equals; t < s.targets.size(); ++t) asked += word(*task, s.targets[t]);
      EXPECT_EQ(asked, std::to_string(sum) + ".");
    }
  }
}

TEST(Classics, LengthsThatATaskCannotHaveAreRefused) {
  EXPECT_THROW(make_temporal_order({"en", {5}}), SpecError);
  EXPECT_THROW(make_copy({"en", {0}}), SpecError);
  EXPECT_EQ(make_copy({"en", {9, 3, 9}})->points().size(), 2u);
}

}  // namespace
}  // namespace cellwright::lab
