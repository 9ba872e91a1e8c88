#include "choice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <limits>

#include "language/diagnostic.h"

namespace cellwright::app {

CLI::Option* choice(CLI::Option* option, const std::vector<std::string>& values) {
  option->type_name(fmt::format("{}", fmt::join(values, "|")));
  option->check(CLI::Validator(
      [values](std::string& given) -> std::string {
        if (std::find(values.begin(), values.end(), given) != values.end()) return "";
        const std::string hint = syntax::did_you_mean(given, values);
        return fmt::format("'{}' is none of {}{}", given, fmt::join(values, ", "),
                           hint.empty() ? "" : "; " + hint);
      },
      "", "choice"));
  return option;
}

CLI::Option* whole_number(CLI::Option* option) {
  option->check(CLI::Validator(
      [](std::string& given) -> std::string {
        const std::string most = std::to_string(std::numeric_limits<std::uint64_t>::max());
        const std::string digits = given.substr(std::min(given.find_first_not_of('0'), given.size()));
        const bool plain = !given.empty() && given.find_first_not_of("0123456789") == std::string::npos;
        if (plain && (digits.size() < most.size() || (digits.size() == most.size() && digits <= most)))
          return "";
        return fmt::format("'{}' is no whole number from 0 to {}", given, most);
      },
      "", "whole"));
  return option;
}

std::vector<std::string> choices(const std::string& type_name) {
  std::vector<std::string> values;
  for (std::size_t begin = 0; begin <= type_name.size();) {
    const std::size_t end = std::min(type_name.find('|', begin), type_name.size());
    values.push_back(type_name.substr(begin, end - begin));
    begin = end + 1;
  }
  const auto lower = [](const std::string& word) {
    return !word.empty() &&
           std::none_of(word.begin(), word.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  };
  return std::all_of(values.begin(), values.end(), lower) ? values : std::vector<std::string>{};
}

}  // namespace cellwright::app
