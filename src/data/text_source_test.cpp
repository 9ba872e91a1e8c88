// text_source_test.cpp: what comes out of each kind of file, and what is said about each kind of bad one.
#include "data/text_source.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/file.h"
#include "cellwright/error.h"
#include "support/data_path.h"

namespace cellwright {
namespace {

std::string fixture(const std::string& name) { return test::fixture_path("fixtures/text/" + name); }

template <class Error>
std::string message_of(const std::string& name, const TextOptions& options = {}) {
  try {
    read_text(fixture(name), options);
  } catch (const Error& e) {
    const std::string message = e.what(), folder = fixture("");
    return message.rfind(folder, 0) == 0 ? message.substr(folder.size()) : message;
  }
  return "nothing was thrown";
}

TEST(TextSource, APlainFileComesAsItIs) {
  EXPECT_EQ(read_text(fixture("plain.txt")), "The cell\nkeeps  what it\tneeds.\n\nNo more");
  EXPECT_EQ(read_text(fixture("crlf.txt")), "one\r\ntwo\rthree\n\r\n");
}

TEST(TextSource, FilesAreJoinedInOrder) {
  EXPECT_EQ(read_text(std::vector{fixture("bom.txt"), fixture("packed.gz"), fixture("bom.txt")}),
            "after the mark\nThe cell\nkeeps\nafter the mark\n");
  EXPECT_THROW(read_text(std::vector<std::string>{}), SpecError);
}

TEST(TextSource, NewlinesAreUnifiedOnRequest) {
  TextOptions options;
  options.unify_newlines = true;
  EXPECT_EQ(read_text(fixture("crlf.txt"), options), "one\ntwo\nthree\n\n");
}

TEST(TextSource, GzipIsKnownByItsContentAndMembersAreJoined) {
  EXPECT_EQ(read_text(fixture("packed.gz")), "The cell\nkeeps\n");
  EXPECT_EQ(read_text(fixture("packed_without_suffix")), "لغة\n");
}

TEST(TextSource, AByteOrderMarkIsDroppedButNotFromBytes) {
  TextOptions bytes;
  bytes.bytes = true;
  EXPECT_EQ(read_text(fixture("bom.txt")), "after the mark\n");
  EXPECT_EQ(read_text(fixture("bom.txt"), bytes),
            "\xEF\xBB\xBF"
            "after the mark\n");
}

TEST(TextSource, InvalidUtf8IsNamedWithItsOffset) {
  EXPECT_EQ(message_of<FormatError>("invalid.txt"),
            "invalid.txt: byte 9 (0xFF) is not valid UTF-8; convert the file to UTF-8 or use --bytes");
  EXPECT_EQ(message_of<FormatError>("packed_invalid.gz"),
            "packed_invalid.gz: byte 2 of the unpacked text (0x80) is not valid UTF-8; convert the file to "
            "UTF-8 or use "
            "--bytes");
  EXPECT_EQ(message_of<FormatError>("utf16.txt"),
            "utf16.txt: byte 0 (0xFF) is not valid UTF-8 (it looks like UTF-16); convert the file to UTF-8 "
            "or use --bytes");
  TextOptions bytes;
  bytes.bytes = true;
  EXPECT_EQ(read_text(fixture("invalid.txt"), bytes), "good text\xff bad\n");
}

TEST(TextSource, BadGzipIsNamed) {
  EXPECT_EQ(message_of<FormatError>("packed_truncated.gz")
                .find("packed_truncated.gz: the gzip data stops in the middle, after "),
            0u);
  EXPECT_NE(message_of<FormatError>("packed_broken.gz").find("broken gzip data (incorrect data check)"),
            std::string::npos);
  EXPECT_EQ(message_of<FormatError>("packed_trailing.gz"),
            "packed_trailing.gz: byte 29: something other than gzip data follows the gzip data");
}

TEST(TextSource, GzipCutAnywhereNeverPassesForWhole) {
  const std::string whole = read_file(fixture("packed_without_suffix"));
  const test::TemporaryFolder folder;
  // A first byte alone is text still: a control character.
  for (std::size_t size = 2; size < whole.size(); ++size) {
    write_file_atomically(folder / "cut", whole.substr(0, size));
    EXPECT_THROW(read_text(folder / "cut"), FormatError) << size;
  }
  write_file_atomically(folder / "cut", whole + std::string(512, '\0'));
  EXPECT_EQ(read_text(folder / "cut"), "لغة\n") << "padding of zeros is allowed";
}

TEST(TextSource, TheSizeIsBoundedUnpackedToo) {
  TextOptions small;
  small.max_bytes = 14;
  EXPECT_EQ(message_of<FormatError>("packed.gz", small),
            "packed.gz: the text is larger than 14 bytes; use a smaller part of it");
  small.max_bytes = 15;
  EXPECT_NO_THROW(read_text(fixture("packed.gz"), small));
  EXPECT_THROW(read_text(std::vector{fixture("packed.gz"), fixture("bom.txt")}, small), FormatError);
}

TEST(TextSource, MissingAndEmptyFilesAreNamed) {
  EXPECT_EQ(message_of<FormatError>("empty.txt"), "empty.txt: the file is empty");
  EXPECT_EQ(message_of<IoError>("none.txt"),
            "cannot read '" + fixture("none.txt") + "': No such file or directory");
}

}  // namespace
}  // namespace cellwright
