// file.h: files as a whole: read, and written so that the final name never shows half a file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
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

/// The same, for content whose beginning is known last. Nothing shows under the name before commit(); without
/// it the destructor leaves all as it was. Every member throws IoError.
class AtomicFile {
 public:
  explicit AtomicFile(const std::string& path);
  ~AtomicFile();
  void write(std::string_view bytes);  ///< at the end
  void write_at(std::uint64_t offset,
                std::string_view bytes);  ///< over what was written; not on pipes and devices
  void commit();                          ///< syncs and renames; once, at the end

 private:
  class Writer;
  std::unique_ptr<Writer> writer_;
};

}  // namespace cellwright
