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

/// Restricts an option to whole numbers from 0 to the largest of 64 bits; CLI11 would let -1 wrap round.
CLI::Option* whole_number(CLI::Option* option);

/// The values of a type name as choice() makes it; empty for any other ("NAME|FILE", "FILE", "N").
std::vector<std::string> choices(const std::string& type_name);

}  // namespace cellwright::app
