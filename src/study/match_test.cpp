// Units that match: the search against trying all.
#include "study/match.h"

#include <gtest/gtest.h>

#include <cmath>

#include "cellwright/error.h"

namespace cellwright::study {
namespace {

int nearest_by_trying(double wanted, int most, const std::function<double(int)>& measure) {
  int best = 0;
  double least = 1e300;
  for (int units = 1; units <= most; ++units) {
    try {
      const double distance = std::abs(measure(units) - wanted);
      if (distance < least) {
        least = distance;
        best = units;
      }
    } catch (const Error&) {
    }
  }
  return best;
}

TEST(Match, FindsWhatTryingAllFinds) {
  for (const int groups : {1, 3, 8, 10}) {
    const auto measure = [&](int units) {
      if (units % groups != 0) throw SpecError("groups must be whole");
      return 4.0 * units * (units + 30) + 4.0 * units + 17;
    };
    for (const double wanted : {1.0, 150.0, 151.0, 1000.0, 22017.0, 54321.0, 1e6, 1e9})
      EXPECT_EQ(nearest_units("cell", wanted, 400, measure), nearest_by_trying(wanted, 400, measure))
          << groups << " groups, " << wanted;
  }
}

TEST(Match, ACellThatTakesNoNumberIsTold) {
  const auto never = [](int) -> double { throw SpecError("x must be as wide as h"); };
  try {
    nearest_units("mine", 100, 50, never);
    FAIL() << "no error";
  } catch (const SpecError& error) {
    EXPECT_EQ(std::string(error.what()).find("mine: "), 0u);
    EXPECT_NE(std::string(error.what()).find("x must be as wide as h"), std::string::npos);
  }
}

TEST(Match, Words) {
  for (const char* word : {"parameters", "units", "time"}) EXPECT_STREQ(match_word(match_by(word)), word);
  EXPECT_THROW(match_by("flops"), SpecError);
}

}  // namespace
}  // namespace cellwright::study
