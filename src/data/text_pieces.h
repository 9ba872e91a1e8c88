// text_pieces.h: the text of files too large for memory, piece by piece. Where all of it fits, text_source.h
// is simpler.
//
// What always holds: the pieces, joined, are what read_text() would return; a piece ends where a line does
// (or the text), so that tokens of the pieces, joined, are the tokens of the whole. A text for characters or
// bytes whose lines are longer than 64 MB is also cut elsewhere, where no character of normal form C can be
// torn.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cellwright {

struct TextPiecesOptions {
  bool bytes = false;                        ///< as TextOptions
  bool lines_only = true;                    ///< never cut within a line: words, subwords
  std::size_t piece = std::size_t{4} << 20;  ///< bytes of a piece, about
};

class TextPieces {
 public:
  /// Plain or gzip (several members too), "-" is standard input. SpecError without a path. Files are opened
  /// one after the other.
  TextPieces(std::vector<std::string> paths, const TextPiecesOptions& options);
  ~TextPieces();

  /// False at the end. Throws as read_text(), and FormatError for a line longer than 1 GB where lines may not
  /// be cut.
  bool next(std::string& piece);

 private:
  struct File;
  void open();
  void read_more();
  std::size_t cut() const;

  std::vector<std::string> paths_;
  TextPiecesOptions options_;
  std::size_t path_ = 0;  // the file being read
  std::unique_ptr<File> file_;
  std::string pending_;       // checked, not yet handed out
  std::string raw_;           // read, not yet checked
  std::uint64_t offset_ = 0;  // of raw_ in its file
  std::size_t enough_ = 0;    // bytes of pending_ that are worth a look for a cut
};

}  // namespace cellwright
