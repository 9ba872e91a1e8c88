// scale.cpp: start at Scale's constructor.
#include "draw/scale.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cellwright/error.h"

namespace cellwright::draw {
namespace {

constexpr const char* kMinus = "\u2212";

std::string superscript(int number) {
  static const char* const kDigits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string out = number < 0 ? "⁻" : "";
  for (const char c : std::to_string(std::abs(number))) out += kDigits[c - '0'];
  return out;
}

std::string with_minus(std::string text) {
  if (!text.empty() && text[0] == '-') text = kMinus + text.substr(1);
  return text;
}

std::string fixed(double value, int decimals) {
  std::string text = fmt::format("{:.{}f}", value, std::clamp(decimals, 0, 15));
  const bool zero = text.find_first_not_of("-0.") == std::string::npos;
  if (zero && text[0] == '-') text.erase(0, 1);
  std::size_t point = std::min(text.find('.'), text.size());
  const std::size_t first = text[0] == '-' ? 1 : 0;
  if (point - first < 5) return with_minus(text);
  for (; point > first + 3; point -= 3) text.insert(point - 3, ",");
  return with_minus(text);
}

std::string without_zeros(std::string text) {
  if (text.find('.') == std::string::npos) return text;
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

int power_of(double value) { return static_cast<int>(std::floor(std::log10(value) + 1e-9)); }

/// mantissa × 10^power, where `step` is the least difference that must show.
std::string scientific(double value, double step) {
  if (value == 0) return "0";
  int power = power_of(std::abs(value));
  const double mantissa = value / std::pow(10.0, power);
  const std::string text = without_zeros(fixed(mantissa, std::min(12, power - power_of(step) + 1)));
  if (text == "1") return "10" + superscript(power);
  if (text == std::string(kMinus) + "1") return kMinus + ("10" + superscript(power));
  return text + "×10" + superscript(power);
}

/// 1, 2 or 5 times a power of ten, the nearest to `wish`.
double round_step(double wish) {
  const double power = std::pow(10.0, std::floor(std::log10(wish)));
  const double ratio = wish / power;
  return power * (ratio < 1.45 ? 1 : ratio < 3.2 ? 2 : ratio < 7.1 ? 5 : 10);
}

/// Down (or up) to 1, 2 or 5 times a power of ten.
double round_log(double value, bool up) {
  const double power = std::pow(10.0, power_of(value));
  const double ratio = value / power;
  if (up) return power * (ratio <= 1.000001 ? 1 : ratio <= 2.000001 ? 2 : ratio <= 5.000001 ? 5 : 10);
  return power * (ratio >= 4.999999 ? 5 : ratio >= 1.999999 ? 2 : 1);
}

std::string log_label(double value) {
  if (value >= 0.9999e-3 && value < 1e6) return without_zeros(fixed(value, std::max(0, 1 - power_of(value))));
  return scientific(value, value);
}

}  // namespace

std::string number_text(double value, int digits) {
  if (value == 0) return "0";
  const int power = power_of(std::abs(value));
  if (power < -4 || power >= 9) return scientific(value, std::pow(10.0, power - digits + 2));
  return without_zeros(fixed(value, std::max(0, digits - 1 - power)));
}

Scale::Scale(double low, double high, const Axis& axis, Ends ends, int ticks, const std::string& name)
    : low_(axis.min.value_or(low)), high_(axis.max.value_or(high)), log_(axis.log) {
  for (const std::optional<double>& end : {axis.min, axis.max}) {
    if (!end) continue;
    if (!std::isfinite(*end) || std::abs(*end) > 1e300)
      throw SpecError(fmt::format("the {} axis has an end that is not a number within 1e300", name));
    if (log_ && *end <= 0)
      throw SpecError(fmt::format(
          "the {} axis is logarithmic, but one of its ends is {:g}; give a number above 0", name, *end));
  }
  if (axis.min && axis.max && !(*axis.min < *axis.max))
    throw SpecError(fmt::format("the {} axis goes from {:g} to {:g}; its min must lie below its max", name,
                                *axis.min, *axis.max));
  // One of the ends is the caller's and all values lie beyond it.
  if (axis.min && high_ < low_) high_ = low_;
  if (axis.max && low_ > high_) low_ = high_;
  if (log_) {
    logarithmic(axis, ends, ticks);
  } else {
    linear(axis, ends, ticks);
  }
}

double Scale::at(double value) const {
  if (log_) return (std::log10(value) - std::log10(low_)) / (std::log10(high_) - std::log10(low_));
  return (value - low_) / (high_ - low_);
}

void Scale::linear(const Axis& axis, Ends ends, int ticks) {
  const bool free_low = !axis.min, free_high = !axis.max;
  if (ends == Ends::kBalanced) {
    const double far = std::max(std::abs(low_), std::abs(high_));
    if (free_low) low_ = -far;
    if (free_high) high_ = far;
  }
  if (ends == Ends::kFromZero || (ends == Ends::kRound && low_ > 0 && low_ < 0.4 * high_)) {
    if (free_low) low_ = std::min(low_, 0.0);
  }
  if (ends == Ends::kFromZero && free_high) high_ = std::max(high_, 0.0);
  // Values that are equal, or differ in digits that a double barely has.
  const double size = std::max(std::abs(low_), std::abs(high_));
  const double least = std::max(size * 1e-10, 1e-290);
  if (!(high_ - low_ > least)) {
    const double margin = size > 1e-280 ? size * 0.1 : 1;
    if (free_low) low_ -= margin;
    if (free_high) high_ += margin;
    if (!(high_ - low_ > least)) {
      low_ -= margin;
      high_ += margin;
    }
  }
  const double step = round_step((high_ - low_) / std::max(1, ticks));
  if (ends != Ends::kTight) {
    if (free_low) low_ = std::floor(low_ / step + 1e-6) * step;
    if (free_high) high_ = std::ceil(high_ / step - 1e-6) * step;
  }
  const double first = std::ceil(low_ / step - 1e-6);
  const bool plain = std::max(std::abs(low_), std::abs(high_)) < 1e7 && step >= 0.99e-5;
  for (int i = 0; i < kMaxTicks; ++i) {
    const double value = (first + i) * step;
    if (value > high_ + 1e-6 * step) break;
    ticks_.push_back({value, plain ? fixed(value, -power_of(step)) : scientific(value, step)});
  }
}

void Scale::logarithmic(const Axis& axis, Ends ends, int ticks) {
  const bool free_low = !axis.min, free_high = !axis.max;
  if (!(high_ > low_ * (1 + 1e-9))) {
    if (free_low || !free_high) low_ /= 2;
    if (free_high || !free_low) high_ *= 2;
  }
  if (ends != Ends::kTight) {
    if (free_low) low_ = round_log(low_, false);
    if (free_high) high_ = round_log(high_, true);
  }
  const double decades = std::log10(high_) - std::log10(low_);
  if (decades < 0.8) {
    // Too little for powers of ten: round numbers, as on a linear axis, at their logarithmic places.
    const double step = round_step((high_ - low_) / std::max(1, ticks));
    const double first = std::ceil(low_ / step - 1e-6);
    for (int i = 0; i < kMaxTicks; ++i) {
      const double value = (first + i) * step;
      if (value > high_ + 1e-6 * step) break;
      if (value > 0)
        ticks_.push_back({value, number_text(value, std::max(2, power_of(value) - power_of(step) + 1))});
    }
    return;
  }
  const int begin = power_of(low_), end = power_of(high_);
  const int every = std::max(1, static_cast<int>(std::ceil(decades / std::max(2, ticks))));
  const bool between = decades <= 6;
  const bool named_between = decades * 3 <= ticks;  // 2 and 5 as well
  for (int power = begin; power <= end && ticks_.size() < kMaxTicks; ++power) {
    for (int digit = 1; digit <= (between ? 9 : 1); ++digit) {
      const double value = digit * std::pow(10.0, power);
      if (value < low_ * (1 - 1e-9) || value > high_ * (1 + 1e-9)) continue;
      const bool decade = digit == 1 && (power % every + every) % every == 0;
      const bool named = decade || (named_between && (digit == 2 || digit == 5));
      if (digit > 1 || named) ticks_.push_back({value, named ? log_label(value) : ""});
    }
  }
}

}  // namespace cellwright::draw
