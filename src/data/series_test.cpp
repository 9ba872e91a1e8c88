// Series out of tables: steps, gaps, groups, and what is refused, with its place.
#include "data/series.h"

#include <gtest/gtest.h>

#include <cmath>

#include "cellwright/error.h"

namespace cellwright {
namespace {

SeriesTable series_of(const std::string& text, const SeriesColumns& columns) {
  return read_series(read_csv(text, "a.csv"), columns);
}

std::string refused(const std::string& text, const SeriesColumns& columns) {
  try {
    series_of(text, columns);
  } catch (const Error& e) {
    return e.what();
  }
  return "nothing";
}

SeriesColumns of(std::vector<std::string> targets, std::string time = "", std::string frequency = "") {
  SeriesColumns c;
  c.targets = std::move(targets);
  c.time = std::move(time);
  c.frequency = std::move(frequency);
  return c;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(Calendar, TimesAreThoseOfTheUnixClock) {
  // date -u -d '2016-07-01 13:00' +%s
  EXPECT_EQ(read_time("2016-07-01 13:00"), 1467378000.0);
  EXPECT_EQ(read_time("2016-07-01T13:00:00"), 1467378000.0);
  EXPECT_EQ(read_time("1949-01"), -662688000.0);  // date -u -d 1949-01-01 +%s
  for (const char* wrong : {"", "1949", "1949-13", "2015-02-29", "2016-07-01 24:00", "2016-07-01 13", "x",
                            "2016/07/01", "2016-07-01 13:00:00.5"})
    EXPECT_FALSE(read_time(wrong)) << wrong;
}

TEST(Calendar, MonthsEndWhereTheyEnd) {
  const double january = *read_time("2016-01-31");
  const Frequency month = frequency_of("m");
  EXPECT_EQ(write_time(later(january, 1, month), frequency_of("d")), "2016-02-29");
  EXPECT_EQ(write_time(later(january, -11, month), frequency_of("d")), "2015-02-28");
  EXPECT_EQ(steps_between(*read_time("1949-01"), *read_time("1960-12"), month), 143);
  EXPECT_FALSE(steps_between(*read_time("1949-01-01"), *read_time("1949-02-02"), month));
  EXPECT_EQ(write_time(later(*read_time("2016-02-28 23:00"), 2, frequency_of("h")), frequency_of("h")),
            "2016-02-29 01:00:00");
}

TEST(Calendar, WhatNoCalendarCountsIsRefused) {
  const double day = *read_time("2016-07-01");
  EXPECT_THROW(later(day, 24, frequency_of("1000000000y")), SpecError);
  EXPECT_THROW(write_time(later(day, 24, frequency_of("1000000000w")), frequency_of("w")), SpecError);
  EXPECT_EQ(write_time(later(day, 7000, frequency_of("y")), frequency_of("d")), "9016-07-01");
}

TEST(Calendar, FeaturesAreThePlaceInDayWeekAndYear) {
  const Frequency hour = frequency_of("h");
  EXPECT_EQ(calendar_names(hour).size(), 6u);
  EXPECT_EQ(calendar_names(frequency_of("m")).size(), 2u);
  EXPECT_TRUE(calendar_names(frequency_of("y")).empty());
  float f[6];
  calendar_features(*read_time("2024-01-01 06:00"), hour, f);  // a Monday
  EXPECT_NEAR(f[0], 1, 1e-6);
  EXPECT_NEAR(f[1], 0, 1e-6);
  EXPECT_NEAR(f[2], std::sin(2 * 3.14159265358979 * 0.25 / 7), 1e-6);
  EXPECT_NEAR(f[4], std::sin(2 * 3.14159265358979 * 0.25 / 366), 1e-6);
}

TEST(Series, RowsThatAreLeftOutAreMissing) {
  const SeriesTable t =
      series_of("day,y\n2020-01-01,1\n2020-01-02,\n2020-01-05,4\n2020-01-06,5\n", of({"y"}, "day"));
  ASSERT_EQ(t.series.size(), 1u);
  EXPECT_EQ(word_of(t.frequency), "d");
  const OneSeries& s = t.series[0];
  EXPECT_EQ(s.rows, 6);
  EXPECT_EQ(s.inserted, 2);
  EXPECT_EQ(t.missing(0), 3);
  EXPECT_EQ(s.values[0][4], 4);
  EXPECT_TRUE(std::isnan(s.values[0][1]) && std::isnan(s.values[0][2]));
  EXPECT_EQ(t.time_text(s, 3), "2020-01-04");
}

TEST(Series, TheCoarsestFrequencyIsFound) {
  const auto found = [](const std::string& a, const std::string& b, const std::string& c) {
    return word_of(series_of("t,y\n" + a + ",1\n" + b + ",2\n" + c + ",3\n", of({"y"}, "t")).frequency);
  };
  EXPECT_EQ(found("1949-01", "1949-02", "1949-03"), "m");
  EXPECT_EQ(found("1949-01-01", "1950-01-01", "1951-01-01"), "y");
  EXPECT_EQ(found("2020-01-06", "2020-01-13", "2020-01-20"), "w");
  EXPECT_EQ(found("2020-01-06 00:00", "2020-01-06 00:15", "2020-01-06 01:00"), "15min");
  EXPECT_EQ(found("1700", "1701", "1702"), "1");
}

TEST(Series, GroupsMayStandMixed) {
  SeriesColumns columns = of({"y"}, "t");
  columns.group = "shop";
  columns.known_future = {"sale"};
  const SeriesTable t = series_of("shop,t,y,sale\nb,1,10,0\na,1,1,0\na,2,2,1\nb,2,20,1\na,3,,1\n", columns);
  ASSERT_EQ(t.series.size(), 2u);
  EXPECT_EQ(t.series[0].name, "b");
  EXPECT_EQ(t.series[1].values[0][1], 2);
  EXPECT_EQ(t.series[1].rows, 3);  // the last one holds what is known beforehand
  EXPECT_EQ(t.series[1].end, 2);
  EXPECT_EQ(t.series[1].values[1][2], 1);
}

TEST(Series, WhatIsWrongHasItsPlace) {
  EXPECT_TRUE(has(refused("t,y\n1,1\n2,much\n", of({"y"}, "t")),
                  "a.csv:3: column 'y' should hold numbers, found 'much'"));
  EXPECT_TRUE(has(refused("t,y\n2020-01-02,1\n2020-01-01,2\n", of({"y"}, "t")),
                  "a.csv:3: column 't': '2020-01-01' goes back behind the row before it"));
  EXPECT_TRUE(has(refused("t,y\n1,1\n1,2\n", of({"y"}, "t")), "repeats the time"));
  EXPECT_TRUE(
      has(refused("t,y\n2020-01-01,1\nsoon,2\n", of({"y"}, "t")), "a.csv:3: column 't': 'soon' is no time"));
  EXPECT_TRUE(has(refused("t,y\n2020-01-01 00:00,1\n2020-01-01 00:30,2\n", of({"y"}, "t", "h")),
                  "not a whole number of steps of h"));
  EXPECT_TRUE(has(refused("t,y\n1,1\n2,2\n", of({"yy"}, "t")), "did you mean 'y'?"));
  EXPECT_TRUE(has(refused("t,y\n1,1\n2,2\n", of({"y", "y"}, "t")), "asked for twice"));
  EXPECT_TRUE(has(refused("t,y\n1,1\n2,2\n", of({"y"}, "t", "h")), "which are numbers"));
  EXPECT_TRUE(has(refused("t,y\n1,1\n2,2\n", of({"y"}, "t", "fortnight")), "frequency 'fortnight' is none"));
  EXPECT_TRUE(has(refused("t,y\n1,\n2,\n", of({"y"}, "t")), "no value of 'y' is there"));
  EXPECT_TRUE(has(refused("t,y\n1,1\n2,2\n99999999999,3\n", of({"y"}, "t")), "a.csv:4: more than"));
  // 40 bytes that would become 320 MB of gaps.
  EXPECT_TRUE(
      has(refused("t,y\n1,1\n2,2\n40000000,3\n", of({"y"}, "t")), "a.csv:4: more than 4000000 steps"));
  EXPECT_TRUE(has(refused("t,y\n1,1\n2,2\n2.0000001,3\n", of({"y"}, "t", "1")),
                  "a.csv:4: column 't': '2.0000001' lies in the same step of 1"));
}

// Each holds the same two rows.
TEST(Csv, SeparatorsLineEndsAndMarksAreFound) {
  for (const char* text :
       {"t,y z\n1,2.5\n2,-3\n", "t;y z\n1;2,5\n2;-3\n", "t;y z\r\n1;2.5\r\n2;-3", "t\ty z\n1\t2.5\n2\t-3\n",
        "\xEF\xBB\xBFt,y z\n1,2.5\n\n2,-3\n", "t,y z\r1,2.5\r2,-3\r", "t,\"y z\"\n\"1\",\"2.5\"\n2,-3\n",
        "t ; y z\n1 ; 2,5\n2 ; -3\n"}) {
    const SeriesTable t = series_of(text, of({"y z"}, "t"));
    EXPECT_EQ(t.series[0].values[0], (std::vector<double>{2.5, -3})) << text;
  }
  EXPECT_EQ(series_of("a;b,c\n1,2\n", of({"c"})).series[0].values[0][0], 2) << "as many: the comma's";
}

TEST(Csv, WhatOtherProgramsWriteForMissingIsMissing) {
  for (const char* word : {"", "NA", "NaN", "nan", "?", " NA "}) {
    const SeriesTable t = series_of(std::string("y,x\n1,1\n") + word + ",2\n3,3\n", of({"y"}));
    EXPECT_EQ(t.missing(0), 1) << word;
  }
  for (const char* word : {"n/a", "nano", "-", "inf", "1.5.2", "1e39", "-1e300", "1,234.5"})
    EXPECT_TRUE(has(refused(std::string("y;x\n1;1\n") + word + ";2\n", of({"y"})), "a.csv:3: column 'y'"))
        << word;
  EXPECT_TRUE(has(refused("y,x\n1,1\n1e39,2\n", of({"y"})), "1e39 is too large"));
  EXPECT_TRUE(has(refused("y\n1,2\n", of({"y"})), "a.csv:2: 2 fields, but 1 column is named"));
}

}  // namespace
}  // namespace cellwright
