// mapped_file_test.cpp: what can be mapped, and files whose beginning is written last.
#include "base/mapped_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/file.h"
#include "cellwright/error.h"
#include "support/data_path.h"

namespace cellwright {
namespace {

std::string message_of(const std::string& path) {
  try {
    MappedFile file(path);
  } catch (const IoError& e) {
    return e.what();
  }
  return "nothing was thrown";
}

TEST(MappedFile, ShowsAFileAlsoAfterItsPagesWereReleased) {
  const test::TemporaryFolder folder;
  write_file_atomically(folder / "x", "some bytes");
  const MappedFile file(folder / "x");
  EXPECT_EQ(file.bytes(), "some bytes");
  file.release();
  EXPECT_EQ(file.bytes(), "some bytes");
  write_file_atomically(folder / "x", "others");  // a rename: who has the old one open keeps it
  EXPECT_EQ(file.bytes(), "some bytes");
  write_file_atomically(folder / "empty", "");
  EXPECT_EQ(MappedFile(folder / "empty").bytes(), "");
}

TEST(MappedFile, RefusesWhatHasNoLength) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(message_of(folder / "none"),
            "cannot read '" + (folder / "none") + "': No such file or directory");
  EXPECT_EQ(message_of(folder.path()), "cannot read '" + folder.path() + "': it is a directory");
  EXPECT_EQ(message_of("/dev/null"),
            "cannot read '/dev/null': it is no ordinary file, and this one must be; copy it into one");
}

TEST(AtomicFile, TheBeginningMayBeWrittenLast) {
  const test::TemporaryFolder folder;
  {
    AtomicFile file(folder / "x");
    file.write("____ and ");
    file.write("rest");
    file.write_at(0, "head");
    EXPECT_FALSE(std::filesystem::exists(folder / "x"));
    file.commit();
  }
  EXPECT_EQ(read_file(folder / "x"), "head and rest");
}

TEST(AtomicFile, WithoutCommitAllIsAsItWas) {
  const test::TemporaryFolder folder;
  write_file_atomically(folder / "x", "old");
  { AtomicFile(folder / "x").write("new"); }
  EXPECT_EQ(read_file(folder / "x"), "old");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

}  // namespace
}  // namespace cellwright
