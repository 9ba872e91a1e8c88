#include "out_folder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "cellwright/error.h"

namespace cellwright::app {

void check_folder(const std::string& option, const std::string& path) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::path(path).has_parent_path() ? fs::path(path).parent_path() : fs::path(".");
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored))
    throw IoError(
        fmt::format("{} {}: there is no folder '{}'; make it first", option, path, folder.string()));
  if (access(folder.c_str(), W_OK) != 0)
    throw IoError(fmt::format("{} {}: cannot write into the folder '{}'", option, path, folder.string()));
  if (fs::is_directory(path, ignored))
    throw IoError(fmt::format("{} {}: that is a folder; give the name of a file", option, path));
}

}  // namespace cellwright::app
