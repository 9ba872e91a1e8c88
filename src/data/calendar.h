// calendar.h: points in time as files write them, steps from one to the next, and what a model may know of
// them: the place in the day, the week and the year.
//
// Where to start: read_time(), Frequency. Always holds: no time zones and no leap seconds; months, quarters
// and years are those of the calendar (std::chrono's).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cellwright {

/// How far apart rows are. kNumber: times are plain numbers, `count` apart.
struct Frequency {
  enum class Unit : std::uint8_t { kNumber, kSecond, kMinute, kHour, kDay, kWeek, kMonth, kQuarter, kYear };
  Unit unit = Unit::kNumber;
  double count = 1;  ///< whole, but for numbers

  bool operator==(const Frequency& other) const { return unit == other.unit && count == other.count; }
};

/// "h", "15min", "d", "w", "m" (months), "q", "y", "s", or a number. SpecError.
Frequency frequency_of(const std::string& word);
std::string word_of(const Frequency& frequency);

/// Seconds since 1970-01-01 00:00 of "2016-07-01 13:00[:00]" (T for the blank too), "2016-07-01", "2016-07";
/// nothing for any other text, a date that there is none of (2016-02-30) included.
std::optional<double> read_time(const std::string& text);

/// As read_time() takes it, no finer than `frequency` asks for. From here on SpecError where a date lies more
/// than 25,000 years from 1970.
std::string write_time(double time, const Frequency& frequency);

/// `steps` further (or back).
double later(double time, std::int64_t steps, const Frequency& frequency);

/// How many steps further `to` is; nothing where it lies between two steps.
std::optional<std::int64_t> steps_between(double from, double to, const Frequency& frequency);

/// The coarsest unit (of count 1, or 30, 15, 10 or 5 minutes) on whose steps all times lie. Times rise.
Frequency coarsest_frequency(const std::vector<double>& times);

/// Sine and cosine of the place in the day (steps shorter than a day), in the week (shorter than a week) and
/// in the year (shorter than a year): what a step can tell. Empty for numbers.
std::vector<std::string> calendar_names(const Frequency& frequency);
void calendar_features(double time, const Frequency& frequency, float* to);  ///< as many as there are names

}  // namespace cellwright
