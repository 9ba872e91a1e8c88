// file.h: files as a whole: read, and written so that the final name never shows half a file.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace cellwright {

/// Whole file, or standard input for "-". Throws IoError: "cannot read 'x.txt': No such file or directory".
std::string read_file(const std::string& path);

/// Writes to a temporary file in the same folder, syncs it, renames it over `path`, syncs the folder. On any failure (full disk
/// too) the temporary file is removed, what stood under `path` is untouched, and IoError is thrown.
void write_file_atomically(const std::string& path, std::string_view content);

/// The same for content made in pieces: `fill` calls its argument as often as it likes.
void write_file_atomically(const std::string& path,
                           const std::function<void(const std::function<void(std::string_view)>& write)>& fill);

}  // namespace cellwright
