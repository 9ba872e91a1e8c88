// text_pieces_test.cpp: pieces of any size are the text that read_text gives, with the same complaints.
#include "data/text_pieces.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>

#include "base/file.h"
#include "cellwright/error.h"
#include "data/text_source.h"
#include "data/vocabulary.h"
#include "support/data_path.h"

namespace cellwright {
namespace {

std::string fixture(const std::string& name) { return test::fixture_path("fixtures/text/" + name); }

std::vector<std::string> pieces_of(const std::vector<std::string>& paths, TextPiecesOptions options) {
  TextPieces pieces(paths, options);
  std::vector<std::string> all;
  for (std::string piece; pieces.next(piece);) all.push_back(piece);
  return all;
}

std::string joined(const std::vector<std::string>& pieces) {
  std::string all;
  for (const std::string& piece : pieces) all += piece;
  return all;
}

// A mebibyte and a bit, so that a read of the file ends within it: lines, an e with two marks, an open last
// line.
std::string long_text() {
  std::string text;
  for (int i = 0; text.size() < (1u << 20) + 5000; ++i)
    text += std::string(static_cast<std::size_t>(i % 7), 'x') + " e\xCC\x81\xCC\xA3 \xE2\x82\xAC" +
            (i % 5 ? "\n" : "\r\n\n");
  return text + "open";
}

TEST(TextPieces, PiecesJoinedAreTheText) {
  const std::vector<std::string> paths = {fixture("bom.txt"), fixture("packed.gz"), fixture("plain.txt"),
                                          fixture("crlf.txt")};
  const std::string text = read_text(paths);
  for (const std::size_t size : {1u, 3u, 10u, 1000u}) {
    TextPiecesOptions options;
    options.piece = size;
    const auto pieces = pieces_of(paths, options);
    EXPECT_EQ(joined(pieces), text) << size;
    for (std::size_t i = 0; i + 1 < pieces.size(); ++i) EXPECT_EQ(pieces[i].back(), '\n');
  }
}

TEST(TextPieces, VocabularyAndTokensArePieceByPieceThoseOfTheWhole) {
  const test::TemporaryFolder folder;
  const std::string text = long_text();
  write_file_atomically(folder / "x.txt", text);
  TextPiecesOptions options;
  options.piece = 5000;
  const auto pieces = pieces_of({folder / "x.txt"}, options);
  ASSERT_EQ(joined(pieces), text);
  ASSERT_GT(pieces.size(), 1u);
  for (const TokenKind kind : {TokenKind::characters, TokenKind::words, TokenKind::bytes}) {
    VocabularyOptions wanted;
    wanted.kind = kind;
    wanted.min_count = 2;
    VocabularyBuilder builder(wanted);
    for (const std::string& piece : pieces) builder.add(piece);
    const Vocabulary v = builder.build();
    EXPECT_TRUE(v == Vocabulary::build(text, wanted));
    std::vector<std::int32_t> ids;
    for (const std::string& piece : pieces) {
      const auto part = v.encode(piece);
      ids.insert(ids.end(), part.begin(), part.end());
    }
    EXPECT_TRUE(ids == v.encode(text)) << token_kind_name(kind);
  }
}

TEST(TextPieces, ComplainsAsReadTextDoes) {
  for (const char* name : {"invalid.txt", "utf16.txt", "packed_truncated.gz", "packed_broken.gz",
                           "packed_invalid.gz", "empty.txt"})
    EXPECT_THROW(pieces_of({fixture(name)}, {}), FormatError) << name;
  EXPECT_THROW(pieces_of({"/nowhere.txt"}, {}), IoError);
  EXPECT_THROW(pieces_of({"/tmp"}, {}), IoError);
  EXPECT_THROW(TextPieces({}, {}), SpecError);
  const test::TemporaryFolder folder;
  const std::string text = long_text();
  write_file_atomically(folder / "bad.txt", text + "\xC3");
  try {
    pieces_of({folder / "bad.txt"}, {});
    ADD_FAILURE() << "half a character at the end went through";
  } catch (const FormatError& e) {
    EXPECT_NE(
        std::string(e.what()).find(": byte " + std::to_string(text.size()) + " (0xC3) is not valid UTF-8"),
        std::string::npos)
        << e.what();
  }
  gzFile gz = gzopen((folder / "x.gz").c_str(), "wb");
  gzwrite(gz, text.data(), static_cast<unsigned>(text.size()));
  gzclose(gz);
  EXPECT_EQ(joined(pieces_of({folder / "x.gz"}, {})), text);
  const std::string packed = read_file(folder / "x.gz");
  write_file_atomically(folder / "cut.gz", packed.substr(0, packed.size() - 20));
  EXPECT_THROW(pieces_of({folder / "cut.gz"}, {}), FormatError);
  std::string broken = packed;
  broken[packed.size() / 2] = static_cast<char>(broken[packed.size() / 2] ^ 0x55);
  write_file_atomically(folder / "broken.gz", broken);
  EXPECT_THROW(pieces_of({folder / "broken.gz"}, {}), FormatError);
}

}  // namespace
}  // namespace cellwright
