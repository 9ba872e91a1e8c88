#include "choice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>

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
