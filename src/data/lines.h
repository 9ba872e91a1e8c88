// lines.h: text line by line, for readers that say where something is wrong.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace cellwright {

/// Calls f(number from 1, line) for each line, without its end ("\n" or "\r\n").
template <class F>
void each_line(std::string_view text, const F& f) {
  int number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    f(++number, line);
    at = end + 1;
  }
}

/// Without the blanks, tabs and line ends around it.
inline std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
}

}  // namespace cellwright
