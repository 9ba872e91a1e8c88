// numbers.h: numbers as people read them, and words as a shell does.
#pragma once

#include <cstdint>
#include <string>

namespace cellwright::app {

std::string grouped(std::int64_t n);              ///< 1,234,567
std::string short_count(double n);                ///< 48.2k, 1.25M
std::string nats_text(double nats);               ///< 1.6312, 3.028e+30
std::string clock_time(double seconds);           ///< 0:07, 12:34, 1:02:03
std::string shell_word(const std::string& word);  ///< in quotes where it needs them

}  // namespace cellwright::app
