// choice.h: options of few known values. Help shows them as "unicode|ascii", completion offers them.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class Option;
}

namespace cellwright::app {

/// Restricts an option or positional to `values`.
CLI::Option* choice(CLI::Option* option, const std::vector<std::string>& values);

/// The values of a type name as choice() makes it; empty for any other ("NAME|FILE", "FILE", "N").
std::vector<std::string> choices(const std::string& type_name);

}  // namespace cellwright::app
