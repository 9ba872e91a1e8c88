// mapped_file.h: a file as memory, for what may be larger than the memory there is.
//
// What always holds: nothing is read before it is looked at, and what was looked at can be let go of again
// (release), so a pass over a file of any length needs a bounded amount of memory. The file must keep its
// length while it is mapped: whoever looks at what was cut off gets the signal SIGBUS. Files that are
// replaced by a rename, as cellwright does, stay whole.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cellwright {

class MappedFile {
 public:
  /// Throws IoError: "cannot read 'x': …", for pipes and other things without a length too.
  explicit MappedFile(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  const std::string& path() const { return path_; }
  std::string_view bytes() const { return {static_cast<const char*>(address_), size_}; }

  /// Takes all pages out of this process's memory; they come back, from the file or the system's cache, when
  /// they are looked at.
  void release() const noexcept;

 private:
  std::string path_;
  void* address_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace cellwright
