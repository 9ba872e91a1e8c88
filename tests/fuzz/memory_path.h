// memory_path.h: bytes as a file, for readers that take a path; it lies in memory and has a name under /proc.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>

namespace cellwright::fuzz {

class MemoryPath {
 public:
  explicit MemoryPath(std::string_view bytes) : descriptor_(memfd_create("fuzz", MFD_CLOEXEC)) {
    if (descriptor_ < 0) std::abort();
    for (std::size_t at = 0; at < bytes.size();) {
      const ssize_t n = ::write(descriptor_, bytes.data() + at, bytes.size() - at);
      if (n <= 0) std::abort();
      at += static_cast<std::size_t>(n);
    }
  }
  ~MemoryPath() { ::close(descriptor_); }
  MemoryPath(const MemoryPath&) = delete;
  MemoryPath& operator=(const MemoryPath&) = delete;

  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

}  // namespace cellwright::fuzz
