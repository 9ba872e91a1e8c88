// mapped_file.cpp: mmap, read only and shared.
#include "base/mapped_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "cellwright/error.h"

namespace cellwright {

MappedFile::MappedFile(const std::string& path) : path_(path) {
  const auto fail = [&](const std::string& why) {
    throw IoError(fmt::format("cannot read '{}': {}", path, why));
  };
  const auto reason = [] { return std::generic_category().message(errno); };
  if (path.find('\0') != std::string::npos) fail("the name holds a zero byte");
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail(reason());
  struct stat status = {};
  std::string why;
  if (::fstat(descriptor, &status) != 0) {
    why = reason();
  } else if (S_ISDIR(status.st_mode)) {
    why = "it is a directory";
  } else if (!S_ISREG(status.st_mode)) {
    why = "it is no ordinary file, and this one must be; copy it into one";
  } else if (status.st_size > 0) {
    address_ =
        ::mmap(nullptr, static_cast<std::size_t>(status.st_size), PROT_READ, MAP_SHARED, descriptor, 0);
    if (address_ == MAP_FAILED) {
      why = reason();
      address_ = nullptr;
    } else {
      size_ = static_cast<std::size_t>(status.st_size);
    }
  }
  ::close(descriptor);
  if (!why.empty()) fail(why);
}

MappedFile::~MappedFile() {
  if (address_ != nullptr) ::munmap(address_, size_);
}

void MappedFile::release() const noexcept {
  // An error leaves the pages where they are; the system takes them when it needs room.
  if (address_ != nullptr) ::madvise(address_, size_, MADV_DONTNEED);
}

}  // namespace cellwright
