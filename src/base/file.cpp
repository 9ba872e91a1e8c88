// file.cpp: start at write_file_atomically. POSIX calls, because the C++ streams can neither sync nor say why
// they failed.
#include "base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <system_error>

#include "cellwright/error.h"

namespace cellwright {
namespace {

std::string reason(int error) { return std::generic_category().message(error); }

template <class Call>
auto retry(Call call) {  // a signal (Ctrl-C while saving) must not look like a failed disk
  for (;;) {
    const auto result = call();
    if (result != -1 || errno != EINTR) return result;
  }
}

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }
  /// 0 or the error. The descriptor is gone either way, also after EINTR (Linux).
  int close() {
    if (value_ < 0) return 0;
    const int result = ::close(value_);
    value_ = -1;
    return result == 0 || errno == EINTR ? 0 : errno;
  }

 private:
  int value_;
};

int open_file(const std::string& path, int flags, mode_t mode = 0) {
  return retry([&] { return ::open(path.c_str(), flags | O_CLOEXEC, mode); });
}

/// 0 or the error.
int write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = retry([&] { return ::write(descriptor, bytes.data(), bytes.size()); });
    if (written < 0) return errno;
    if (written == 0) return EIO;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

// The system would cut the name there and use another file.
void refuse_zero_byte(const std::string& path) {
  if (path.find('\0') == std::string::npos) return;
  throw IoError(fmt::format("the file name that starts with '{}' holds a zero byte", path.c_str()));
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

// Where the write must go. Links are followed by hand: the link's target may not exist yet, and a rename over
// the link would replace the link itself. A name that passes through /dev or /proc is an open descriptor, not
// a place in a folder.
struct Target {
  std::string path;
  bool device = false;
  bool exists = false;
  bool loop = false;  // links that lead to themselves
  struct stat status = {};
};

Target resolve(const std::string& path) {
  Target target;
  target.path = path;
  target.exists = retry([&] { return ::stat(path.c_str(), &target.status); }) == 0;
  target.device = target.exists && !S_ISREG(target.status.st_mode) && !S_ISDIR(target.status.st_mode);
  for (int links = 0; !target.device; ++links) {
    if (links == 40) {
      target.loop = true;
      break;
    }
    if (target.exists && (target.path.rfind("/dev/", 0) == 0 || target.path.rfind("/proc/", 0) == 0)) {
      target.device = target.path.rfind("/dev/shm/", 0) != 0;
    }
    std::string link(4096, '\0');
    const ssize_t size = ::readlink(target.path.c_str(), link.data(), link.size());
    if (size < 0 || static_cast<std::size_t>(size) == link.size()) break;
    link.resize(static_cast<std::size_t>(size));
    target.path = link[0] == '/' ? link : folder_of(target.path) + "/" + link;
  }
  if (target.device) target.path = path;
  return target;
}

}  // namespace

class AtomicFile::Writer {
 public:
  explicit Writer(const std::string& path) : name_(path), target_(resolve(path)) {
    if (target_.loop) fail(ELOOP);
    if (target_.exists && S_ISDIR(target_.status.st_mode)) {
      throw IoError(fmt::format("cannot write '{}': it is a directory", path));
    }
    if (target_.device) {
      descriptor_ = open_file(target_.path, O_WRONLY);
      if (descriptor_ < 0) fail(errno);
      return;
    }
    // A rename would replace a write-protected file without a question.
    if (target_.exists && ::access(target_.path.c_str(), W_OK) != 0) fail(errno);
    open_temporary();
  }
  ~Writer() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void write(std::string_view bytes) {
    if (const int error = write_all(descriptor_, bytes)) fail(error);
  }

  void write_at(std::uint64_t offset, std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = retry(
          [&] { return ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset)); });
      if (written <= 0) fail(written < 0 ? errno : EIO);
      bytes.remove_prefix(static_cast<std::size_t>(written));
      offset += static_cast<std::uint64_t>(written);
    }
  }

  void commit() {
    if (!target_.device) {
      keep_owner_and_mode();
      if (retry([&] { return ::fsync(descriptor_); }) != 0) fail(errno);
    }
    Descriptor closing(descriptor_);
    descriptor_ = -1;
    if (const int error = closing.close()) fail(error);
    if (target_.device) return;
    if (::rename(temporary_.c_str(), target_.path.c_str()) != 0) fail(errno);
    temporary_.clear();
    sync_folder();
  }

 private:
  [[noreturn]] void fail(int error) const {
    const char* rest = target_.device   ? ""
                       : target_.exists ? "; the old file is unchanged"
                                        : "; no file was made";
    throw IoError(fmt::format("cannot write '{}': {}{}", name_, reason(error), rest));
  }

  void open_temporary() {
    static std::atomic<unsigned> count{0};
    const std::string folder = folder_of(target_.path);
    for (int attempt = 0; attempt < 1000; ++attempt) {
      // Short whatever the final name is, so that a name of the greatest length works too.
      temporary_ = fmt::format("{}/.cellwright-{}-{}.tmp", folder, ::getpid(), count++);
      descriptor_ = open_file(temporary_, O_WRONLY | O_CREAT | O_EXCL, 0666);
      if (descriptor_ >= 0) return;
      if (errno != EEXIST) break;  // a leftover of a killed process that had our number
    }
    const int error = errno;
    temporary_.clear();
    fail(error);
  }

  void keep_owner_and_mode() {
    if (!target_.exists) return;
    struct stat made = {};
    if (::fstat(descriptor_, &made) != 0) fail(errno);
    if (made.st_uid != target_.status.st_uid || made.st_gid != target_.status.st_gid) {
      // Refused unless root; then the file is the writer's, as with any editor that saves by renaming.
      [[maybe_unused]] const int result = ::fchown(descriptor_, target_.status.st_uid, target_.status.st_gid);
    }
    if (::fchmod(descriptor_, target_.status.st_mode & 07777) != 0) fail(errno);
  }

  void sync_folder() {
    const Descriptor folder(open_file(folder_of(target_.path), O_RDONLY | O_DIRECTORY));
    if (folder.get() < 0) return;  // a folder may be writable and not readable; the file itself is synced
    if (retry([&] { return ::fsync(folder.get()); }) == 0) return;
    if (errno == EINVAL || errno == ENOTSUP || errno == EROFS || errno == ENOSYS) return;
    throw IoError(fmt::format("'{}' is written, but its folder cannot be synced: {}", name_, reason(errno)));
  }

  std::string name_;
  Target target_;
  std::string temporary_;  // empty: nothing to remove
  int descriptor_ = -1;
};

AtomicFile::AtomicFile(const std::string& path) {
  refuse_zero_byte(path);
  writer_ = std::make_unique<Writer>(path);
}
AtomicFile::~AtomicFile() = default;
void AtomicFile::write(std::string_view bytes) { writer_->write(bytes); }
void AtomicFile::write_at(std::uint64_t offset, std::string_view bytes) { writer_->write_at(offset, bytes); }
void AtomicFile::commit() { writer_->commit(); }

std::string read_file(const std::string& path) {
  const bool standard_input = path == "-";
  const std::string name = standard_input ? "standard input" : fmt::format("'{}'", path);
  const auto fail = [&](const std::string& why) {
    throw IoError(fmt::format("cannot read {}: {}", name, why));
  };
  refuse_zero_byte(path);
  Descriptor owned(standard_input ? -1 : open_file(path, O_RDONLY));
  const int descriptor = standard_input ? STDIN_FILENO : owned.get();
  if (descriptor < 0) fail(reason(errno));
  struct stat status = {};
  if (::fstat(descriptor, &status) != 0) fail(reason(errno));
  if (S_ISDIR(status.st_mode)) fail("it is a directory");

  // The size is only a hint: pipes and /proc have none, and the file may grow while it is read.
  const bool device =
      S_ISCHR(status.st_mode) && ::isatty(descriptor) == 0;  // /dev/zero would fill the memory
  constexpr std::size_t kMostOfDevice = std::size_t{1} << 26;
  std::string content;
  std::size_t used = 0;
  content.resize(S_ISREG(status.st_mode) ? static_cast<std::size_t>(status.st_size) + 1 : 65536);
  for (;;) {
    if (used == content.size()) content.resize(content.size() + content.size() / 2 + 65536);
    const ssize_t got =
        retry([&] { return ::read(descriptor, content.data() + used, content.size() - used); });
    if (got < 0) fail(reason(errno));
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
    if (device && used > kMostOfDevice) fail("it is a device that does not end");
  }
  content.resize(used);
  return content;
}

void write_file_atomically(
    const std::string& path,
    const std::function<void(const std::function<void(std::string_view)>& write)>& fill) {
  AtomicFile file(path);
  fill([&](std::string_view bytes) { file.write(bytes); });
  file.commit();
}

void write_file_atomically(const std::string& path, std::string_view content) {
  write_file_atomically(path, [&](const auto& write) { write(content); });
}

}  // namespace cellwright
