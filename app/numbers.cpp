#include "numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace cellwright::app {

std::string grouped(std::int64_t n) {
  std::string text = fmt::format("{}", n);
  const std::size_t first = n < 0 ? 1 : 0;
  for (std::size_t at = text.size(); at > first + 3;) text.insert(at -= 3, ",");
  return text;
}

std::string short_count(double n) {
  if (n < 1000) return fmt::format("{:.0f}", n);
  return n < 1e6 ? fmt::format("{:.3g}k", n / 1e3) : fmt::format("{:.3g}M", n / 1e6);
}

std::string nats_text(double nats) {
  return std::abs(nats) < 1e5 ? fmt::format("{:.4f}", nats) : fmt::format("{:.4g}", nats);
}

std::string clock_time(double seconds) {
  const auto s = static_cast<std::int64_t>(std::llround(std::clamp(seconds, 0.0, 1e9)));
  if (s < 3600) return fmt::format("{}:{:02}", s / 60, s % 60);
  return fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

std::string shell_word(const std::string& word) {
  const char* plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+./,=:@%";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace cellwright::app
