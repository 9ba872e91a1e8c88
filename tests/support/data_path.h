// data_path.h: where tests find files. Real data is not part of the repository; a test whose data is missing
// skips and names the path.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace cellwright::test {

/// A file under CELLWRIGHT_DATA (environment), or beside the source tree in ../shared/data. It may not exist.
inline std::string data_path(const std::string& name) {
  const char* folder = std::getenv("CELLWRIGHT_DATA");
  return (folder && *folder ? std::string(folder) : std::string(CELLWRIGHT_SOURCE_DIR "/../shared/data")) +
         "/" + name;
}

/// A file under tests/ of the repository; always there.
inline std::string fixture_path(const std::string& name) {
  return std::string(CELLWRIGHT_SOURCE_DIR "/tests/") + name;
}

/// A fresh folder, removed with all it holds at the end of the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "cellwright-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace cellwright::test

/// In a test body: skips it when the data set's file is not there.
#define CELLWRIGHT_NEED_DATA(path) \
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no real data: " << (path) << " (set CELLWRIGHT_DATA)"
