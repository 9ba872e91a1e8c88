// file_test.cpp: reading, and that a failed write leaves everything as it was.
#include "base/file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "cellwright/error.h"
#include "support/data_path.h"

namespace cellwright {
namespace {

namespace fs = std::filesystem;

std::string message_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const IoError& e) {
    return e.what();
  }
  return "nothing was thrown";
}

int entries(const std::string& folder) {
  int count = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder)) ++count;
  return count;
}

unsigned mode_of(const std::string& path) {
  struct stat status = {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  return status.st_mode & 07777;
}

class Files : public testing::Test {
 protected:
  test::TemporaryFolder folder;
};

TEST_F(Files, WhatIsWrittenIsReadBack) {
  std::string content("a\0b\xff\n", 5);
  for (int i = 0; i < 18; ++i) content += content;  // over a megabyte
  write_file_atomically(folder / "x", content);
  EXPECT_EQ(read_file(folder / "x"), content);
  write_file_atomically(folder / "x", "");
  EXPECT_EQ(read_file(folder / "x"), "");
  EXPECT_EQ(entries(folder.path()), 1);
}

TEST_F(Files, PiecesAreJoined) {
  write_file_atomically(folder / "x", [](const auto& write) {
    for (const char* piece : {"one ", "", "two"}) write(piece);
  });
  EXPECT_EQ(read_file(folder / "x"), "one two");
}

TEST_F(Files, RefusesADeviceWithoutAnEnd) {
  EXPECT_EQ(message_of([] { read_file("/dev/zero"); }),
            "cannot read '/dev/zero': it is a device that does not end");
  EXPECT_EQ(read_file("/dev/null"), "");
}

TEST_F(Files, ReadsFilesWithoutASize) { EXPECT_FALSE(read_file("/proc/self/status").empty()); }

TEST_F(Files, ReadErrorsNameFileAndReason) {
  const std::string missing = folder / "none.txt";
  EXPECT_EQ(message_of([&] { read_file(missing); }),
            "cannot read '" + missing + "': No such file or directory");
  EXPECT_EQ(message_of([&] { read_file(folder.path()); }),
            "cannot read '" + folder.path() + "': it is a directory");
  const std::string zero("a\0b", 3);
  EXPECT_EQ(message_of([&] { read_file(zero); }), "the file name that starts with 'a' holds a zero byte");
  EXPECT_EQ(message_of([&] { write_file_atomically(zero, "x"); }),
            "the file name that starts with 'a' holds a zero byte");
}

TEST_F(Files, ModeOfTheOldFileIsKeptAndANewOneFollowsUmask) {
  write_file_atomically(folder / "x", "old");
  ASSERT_EQ(::chmod((folder / "x").c_str(), 0640), 0);
  write_file_atomically(folder / "x", "new");
  EXPECT_EQ(mode_of(folder / "x"), 0640u);
  const mode_t before = ::umask(027);
  write_file_atomically(folder / "y", "new");
  ::umask(before);
  EXPECT_EQ(mode_of(folder / "y"), 0640u);
}

TEST_F(Files, AnErrorWhileFillingLeavesTheOldFileAndNoTrace) {
  write_file_atomically(folder / "x", "old");
  EXPECT_THROW(write_file_atomically(folder / "x",
                                     [](const auto& write) {
                                       write("half");
                                       throw std::runtime_error("stop");
                                     }),
               std::runtime_error);
  EXPECT_EQ(read_file(folder / "x"), "old");
  EXPECT_EQ(entries(folder.path()), 1);
}

TEST_F(Files, AFileThatCannotGrowLeavesTheOldFileAndNoTrace) {  // a size limit stands in for a full disk
  write_file_atomically(folder / "x", "old");
  const auto previous = std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit = {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
  rlimit small = limit;
  small.rlim_cur = 4096;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string message =
      message_of([&] { write_file_atomically(folder / "x", std::string(10000, 'z')); });
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  std::signal(SIGXFSZ, previous);
  EXPECT_EQ(message, "cannot write '" + (folder / "x") + "': File too large; the old file is unchanged");
  EXPECT_EQ(read_file(folder / "x"), "old");
  EXPECT_EQ(entries(folder.path()), 1);
}

TEST_F(Files, AFullDeviceIsReported) {
  EXPECT_EQ(message_of([&] { write_file_atomically("/dev/full", "x"); }),
            "cannot write '/dev/full': No space left on device");
  EXPECT_NO_THROW(write_file_atomically("/dev/null", "x"));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST_F(Files, AnOpenDescriptorIsWrittenToDirectly) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  write_file_atomically("/dev/fd/" + std::to_string(ends[1]), "through the pipe");
  char buffer[64];
  const ssize_t got = ::read(ends[0], buffer, sizeof buffer);
  ::close(ends[0]);
  ::close(ends[1]);
  EXPECT_EQ(std::string(buffer, got > 0 ? got : 0), "through the pipe");
}

TEST_F(Files, ALinkStaysALinkAndItsTargetIsReplaced) {
  fs::create_directory(folder / "deep");
  write_file_atomically(folder / "deep/real", "old");
  fs::create_symlink("deep/real", folder / "link");
  fs::create_symlink("link", folder / "link2");
  write_file_atomically(folder / "link2", "new");
  EXPECT_TRUE(fs::is_symlink(folder / "link2"));
  EXPECT_EQ(read_file(folder / "deep/real"), "new");
  fs::create_symlink("deep/unborn", folder / "dangling");
  write_file_atomically(folder / "dangling", "born");
  EXPECT_TRUE(fs::is_symlink(folder / "dangling"));
  EXPECT_EQ(read_file(folder / "deep/unborn"), "born");
  fs::create_symlink("loop", folder / "loop");
  EXPECT_NE(message_of([&] { write_file_atomically(folder / "loop", "x"); }), "nothing was thrown");
  EXPECT_TRUE(fs::is_symlink(folder / "loop"));
}

TEST_F(Files, WriteErrorsNameFileAndReason) {
  EXPECT_EQ(message_of([&] { write_file_atomically(folder.path(), "x"); }),
            "cannot write '" + folder.path() + "': it is a directory");
  const std::string lost = folder / "no/such/x";
  EXPECT_EQ(message_of([&] { write_file_atomically(lost, "x"); }),
            "cannot write '" + lost + "': No such file or directory; no file was made");
}

TEST_F(Files, AWriteProtectedFileIsRespected) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everything";
  write_file_atomically(folder / "x", "old");
  ASSERT_EQ(::chmod((folder / "x").c_str(), 0444), 0);
  EXPECT_NE(message_of([&] { write_file_atomically(folder / "x", "new"); }).find("Permission denied"),
            std::string::npos);
  EXPECT_EQ(read_file(folder / "x"), "old");
}

TEST_F(Files, ALongNameWorks) {
  const std::string name = folder / std::string(255, 'n');
  write_file_atomically(name, "x");
  EXPECT_EQ(read_file(name), "x");
}

}  // namespace
}  // namespace cellwright
