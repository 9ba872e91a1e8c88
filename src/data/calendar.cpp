// calendar.cpp: see calendar.h. Dates go through std::chrono's calendar.
#include "data/calendar.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <numbers>

#include "cellwright/error.h"
#include "data/csv.h"

namespace cellwright {
namespace {

using Unit = Frequency::Unit;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr double kDay = 86400;

struct NamedUnit {
  Unit unit;
  const char* word;
  double seconds;  // 0: of varying length
  int months;
};
constexpr std::array<NamedUnit, 8> kUnits = {{{Unit::kSecond, "s", 1, 0},
                                              {Unit::kMinute, "min", 60, 0},
                                              {Unit::kHour, "h", 3600, 0},
                                              {Unit::kDay, "d", kDay, 0},
                                              {Unit::kWeek, "w", 7 * kDay, 0},
                                              {Unit::kMonth, "m", 0, 1},
                                              {Unit::kQuarter, "q", 0, 3},
                                              {Unit::kYear, "y", 0, 12}}};

const NamedUnit& named(Unit unit) {
  for (const NamedUnit& u : kUnits) {
    if (u.unit == unit) return u;
  }
  throw InternalError("a plain number has no unit of time");
}

struct Moment {
  year_month_day date;
  double in_day = 0;  // seconds
};

/// What std::chrono's calendar can count is some 32,000 years.
[[noreturn]] void fail_far() {
  throw SpecError("a time lies more than 25,000 years from today; give fewer or shorter steps");
}
constexpr double kFarthest = 8e11;  // seconds: some 25,000 years
constexpr std::int64_t kFarthestMonth = 12 * 27000;

Moment moment_of(double time) {
  if (!(std::abs(time) <= kFarthest)) fail_far();
  const double days = std::floor(time / kDay);
  return {year_month_day{sys_days{std::chrono::days{static_cast<int>(days)}}}, time - days * kDay};
}

double seconds_of(const year_month_day& date) {
  return static_cast<double>(sys_days{date}.time_since_epoch().count()) * kDay;
}

int months_of(const year_month_day& d) {
  return static_cast<int>(d.year()) * 12 + static_cast<int>(static_cast<unsigned>(d.month())) - 1;
}

/// The same day of another month, or that month's last day.
double months_later(double time, std::int64_t months) {
  const Moment m = moment_of(time);
  if (std::abs(months_of(m.date) + months) > kFarthestMonth) fail_far();
  const year_month_day there =
      m.date.year() / m.date.month() / 1 + std::chrono::months{static_cast<int>(months)};
  const auto last = (there.year() / there.month() / std::chrono::last).day();
  return seconds_of(there.year() / there.month() / std::min(m.date.day(), last)) + m.in_day;
}

/// Digits alone, `count` of them.
std::optional<int> digits(const std::string& text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return std::nullopt;
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

}  // namespace

Frequency frequency_of(const std::string& word) {
  std::size_t at = 0;
  while (at < word.size() && ((word[at] >= '0' && word[at] <= '9') || word[at] == '.')) ++at;
  const std::optional<double> count = at == 0 ? std::optional<double>(1) : decimal(word.substr(0, at));
  const std::string unit = word.substr(at);
  if (count && *count > 0 && *count <= 1e9) {
    if (unit.empty() && at > 0) return {Unit::kNumber, *count};
    for (const NamedUnit& u : kUnits) {
      if (unit == u.word && *count == std::floor(*count)) return {u.unit, *count};
    }
  }
  throw SpecError(fmt::format(
      "frequency '{}' is none; give s, min, h, d, w, m (months), q or y, with a whole number before it "
      "where it is several, as 15min",
      word));
}

std::string word_of(const Frequency& f) {
  if (f.unit == Unit::kNumber) return fmt::format("{}", f.count);
  return (f.count == 1 ? "" : fmt::format("{:.0f}", f.count)) + named(f.unit).word;
}

std::optional<double> read_time(const std::string& text) {
  const auto year = digits(text, 0, 4), month = digits(text, 5, 2);
  if (!year || !month || text[4] != '-') return std::nullopt;
  int day = 1;
  double in_day = 0;
  std::size_t at = 7;
  if (text.size() > at) {
    const auto d = digits(text, 8, 2);
    if (text[7] != '-' || !d) return std::nullopt;
    day = *d;
    at = 10;
  }
  if (text.size() > at) {
    const auto hour = digits(text, 11, 2), minute = digits(text, 14, 2);
    if ((text[10] != ' ' && text[10] != 'T') || !hour || !minute || text[13] != ':' || *hour > 23 ||
        *minute > 59)
      return std::nullopt;
    in_day = *hour * 3600 + *minute * 60;
    at = 16;
  }
  if (text.size() > at) {
    const auto second = digits(text, 17, 2);
    if (text[16] != ':' || !second || *second > 59 || text.size() > 19) return std::nullopt;
    in_day += *second;
  }
  const year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                            std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  return seconds_of(date) + in_day;
}

std::string write_time(double time, const Frequency& f) {
  if (f.unit == Unit::kNumber) return fmt::format("{}", time);
  const Moment m = moment_of(time);
  const int second = static_cast<int>(std::lround(m.in_day));
  std::string text =
      fmt::format("{:04}-{:02}", static_cast<int>(m.date.year()), static_cast<unsigned>(m.date.month()));
  const bool whole_days = second == 0;
  if (whole_days && f.unit >= Unit::kMonth && static_cast<unsigned>(m.date.day()) == 1) return text;
  text += fmt::format("-{:02}", static_cast<unsigned>(m.date.day()));
  if (whole_days && f.unit >= Unit::kDay) return text;
  return text + fmt::format(" {:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
}

double later(double time, std::int64_t steps, const Frequency& f) {
  const double n = static_cast<double>(steps) * f.count;
  if (f.unit == Unit::kNumber) return time + n;
  const NamedUnit& unit = named(f.unit);
  return unit.seconds > 0 ? time + n * unit.seconds
                          : months_later(time, static_cast<std::int64_t>(n) * unit.months);
}

std::optional<std::int64_t> steps_between(double from, double to, const Frequency& f) {
  double steps = 0;
  if (f.unit == Unit::kNumber) {
    steps = (to - from) / f.count;
  } else if (named(f.unit).seconds > 0) {
    steps = (to - from) / (f.count * named(f.unit).seconds);
  } else {
    steps =
        (months_of(moment_of(to).date) - months_of(moment_of(from).date)) / (f.count * named(f.unit).months);
  }
  const auto whole = static_cast<std::int64_t>(std::llround(steps));
  if (std::abs(steps - static_cast<double>(whole)) > 1e-6) return std::nullopt;
  const double there = later(from, whole, f);
  if (std::abs(there - to) > 1e-6 * std::max(1.0, std::abs(to))) return std::nullopt;
  return whole;
}

Frequency coarsest_frequency(const std::vector<double>& times) {
  std::vector<Frequency> all;
  for (const Unit unit : {Unit::kYear, Unit::kQuarter, Unit::kMonth, Unit::kWeek, Unit::kDay, Unit::kHour})
    all.push_back({unit, 1});
  for (const double minutes : {30.0, 15.0, 10.0, 5.0, 1.0}) all.push_back({Unit::kMinute, minutes});
  for (const Frequency& f : all) {
    bool fits = true;
    for (std::size_t i = 1; i < times.size() && fits; ++i)
      fits = steps_between(times[0], times[i], f).has_value();
    if (fits) return f;
  }
  return {Unit::kSecond, 1};
}

namespace {

bool shorter_than(const Frequency& f, double seconds) {
  if (f.unit == Unit::kNumber) return false;
  const NamedUnit& unit = named(f.unit);
  return f.count * (unit.seconds > 0 ? unit.seconds : unit.months * 28 * kDay) < seconds;
}

}  // namespace

std::vector<std::string> calendar_names(const Frequency& f) {
  std::vector<std::string> names;
  const auto add = [&](const char* what) {
    names.push_back(std::string("sin ") + what);
    names.push_back(std::string("cos ") + what);
  };
  if (shorter_than(f, kDay)) add("day");
  if (shorter_than(f, 7 * kDay)) add("week");
  if (shorter_than(f, 300 * kDay)) add("year");
  return names;
}

void calendar_features(double time, const Frequency& f, float* to) {
  if (f.unit == Unit::kNumber) return;
  const Moment m = moment_of(time);
  const auto add = [&](double part) {
    *to++ = static_cast<float>(std::sin(2 * std::numbers::pi * part));
    *to++ = static_cast<float>(std::cos(2 * std::numbers::pi * part));
  };
  const double day = m.in_day / kDay;
  if (shorter_than(f, kDay)) add(day);
  if (shorter_than(f, 7 * kDay)) {
    const double week = std::floor(time / kDay) + 3;  // 1970-01-01 was a Thursday; weeks begin on Monday
    add((week - 7 * std::floor(week / 7) + day) / 7);
  }
  if (shorter_than(f, 300 * kDay)) {
    const double january = seconds_of(m.date.year() / 1 / 1),
                 next = seconds_of((m.date.year() + std::chrono::years{1}) / 1 / 1);
    add((time - january) / (next - january));
  }
}

}  // namespace cellwright
