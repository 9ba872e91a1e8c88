// Axes: their ends are round, their ticks are few, and no range breaks them.
#include "draw/scale.h"

#include <gtest/gtest.h>

#include <cmath>

#include "cellwright/error.h"

namespace cellwright::draw {
namespace {

std::string labels(const Scale& scale) {
  std::string out;
  for (const Tick& tick : scale.ticks()) {
    if (!tick.label.empty()) out += (out.empty() ? "" : " ") + tick.label;
  }
  return out;
}

TEST(Scale, RoundEndsAndStepsOfOneTwoOrFive) {
  EXPECT_EQ(labels(Scale(0.13, 0.97, {}, Ends::kRound, 5, "y")), "0.0 0.2 0.4 0.6 0.8 1.0");
  EXPECT_EQ(labels(Scale(3.1, 4.9, {}, Ends::kRound, 4, "y")), "3.0 3.5 4.0 4.5 5.0");
  EXPECT_EQ(labels(Scale(-12, 31, {}, Ends::kFromZero, 5, "y")), "−20 −10 0 10 20 30 40");
  EXPECT_EQ(labels(Scale(2000, 90000, {}, Ends::kFromZero, 5, "y")), "0 20,000 40,000 60,000 80,000 100,000");
}

TEST(Scale, TightEndsKeepTheValuesAndNameRoundNumbersBetween) {
  const Scale scale(5, 200, {}, Ends::kTight, 6, "x");
  EXPECT_EQ(scale.at(5), 0);
  EXPECT_EQ(scale.at(200), 1);
  EXPECT_EQ(labels(scale), "50 100 150 200");
}

TEST(Scale, LogarithmicAxesNameDecades) {
  const Axis log{"", true};
  const Scale scale(2e-9, 0.7, log, Ends::kRound, 10, "y");
  EXPECT_EQ(labels(scale), "10⁻⁸ 10⁻⁷ 10⁻⁶ 10⁻⁵ 10⁻⁴ 0.001 0.01 0.1 1");
  EXPECT_NEAR(scale.at(1e-4),
              (std::log10(1e-4) - std::log10(scale.low())) / (std::log10(scale.high() / scale.low())), 1e-12);
  EXPECT_EQ(labels(Scale(5, 200, log, Ends::kTight, 6, "x")), "5 10 20 50 100 200");
  // Less than a decade: round numbers as on a linear axis.
  EXPECT_EQ(labels(Scale(110, 290, log, Ends::kTight, 4, "x")), "150 200 250");
}

TEST(Scale, NumbersForPeople) {
  EXPECT_EQ(number_text(0.8808, 3), "0.881");
  EXPECT_EQ(number_text(-3, 3), "−3");
  EXPECT_EQ(number_text(12500, 3), "12,500");
  EXPECT_EQ(number_text(2e-7, 3), "2×10⁻⁷");
  EXPECT_EQ(number_text(1e30, 3), "10³⁰");
  EXPECT_EQ(number_text(0, 3), "0");
}

TEST(Scale, NoRangeBreaksAnAxis) {
  const double values[] = {-1e300, -1, -1e-300, 0, 5e-324, 1e-300, 1, 1 + 1e-15, 1e15, 1e15 + 1, 1e300};
  for (const Ends ends : {Ends::kTight, Ends::kRound, Ends::kFromZero, Ends::kBalanced}) {
    for (const double low : values) {
      for (const double high : values) {
        for (const bool log : {false, true}) {
          if (high < low || (log && low < 1e-300)) continue;  // plot_svg() refuses them
          if (log && (ends == Ends::kFromZero || ends == Ends::kBalanced)) continue;
          SCOPED_TRACE(testing::Message() << low << " … " << high << (log ? " log" : ""));
          const Scale scale(low, high, Axis{"", log}, ends, 6, "y");
          EXPECT_LE(scale.ticks().size(), static_cast<std::size_t>(kMaxTicks));
          EXPECT_LE(scale.at(low), scale.at(high));
          for (const double v : {low, high}) {
            EXPECT_GE(scale.at(v), -1e-9);
            EXPECT_LE(scale.at(v), 1 + 1e-9);
          }
          for (const Tick& tick : scale.ticks()) {
            EXPECT_GE(scale.at(tick.value), -0.01);
            EXPECT_LE(scale.at(tick.value), 1.01);
          }
        }
      }
    }
  }
}

TEST(Scale, WrongEndsAreTold) {
  EXPECT_THROW(Scale(0, 1, Axis{"", false, 2, 1}, Ends::kRound, 5, "y"), SpecError);
  EXPECT_THROW(Scale(1, 2, Axis{"", true, 0}, Ends::kRound, 5, "y"), SpecError);
  // One end beyond all values still gives an axis.
  const Scale beyond(0, 1, Axis{"", false, 5}, Ends::kRound, 5, "y");
  EXPECT_LT(beyond.low(), beyond.high());
}

}  // namespace
}  // namespace cellwright::draw
