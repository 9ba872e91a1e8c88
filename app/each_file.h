// each_file.h: a command over several files of which some may be bad.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace cellwright::app {

/// Does `one` for every file. Of a file that cannot be read, or that does not fit, a line tells, and the
/// others go on; the exit status is then 1.
int each_file(const std::vector<std::string>& files, const std::function<void(const std::string&)>& one);

}  // namespace cellwright::app
