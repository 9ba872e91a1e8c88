// out_folder.h: what can be said of a file to be written before the long computation that fills it.
#pragma once

#include <string>

namespace cellwright::app {

/// IoError naming the option: the file's folder is not there, or may not be written into, or the file is a
/// folder itself.
void check_folder(const std::string& option, const std::string& path);

}  // namespace cellwright::app
