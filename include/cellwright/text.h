// text.h: a text to train or evaluate on, and what its tokens are.
#pragma once

#include <string>
#include <vector>

namespace cellwright {

/// What a model predicts. Characters are Unicode's code points in normal form C; words are what blanks
/// separate, with an end-of-line token at every line's end; bytes take any content at all.
enum class Tokens { kCharacters, kWords, kBytes };

class Text {
 public:
  /// A file in UTF-8, plain or gzip; "-" is standard input. IoError; FormatError for an empty file or with
  /// the offset of the first byte that is not UTF-8 (Tokens::kBytes takes all).
  static Text from_file(const std::string& path, Tokens tokens = Tokens::kCharacters);

  /// Several files, joined as they are.
  static Text from_files(const std::vector<std::string>& paths, Tokens tokens = Tokens::kCharacters);

  /// A string; FormatError if it is empty or, but for bytes, not UTF-8.
  static Text from_string(std::string content, Tokens tokens = Tokens::kCharacters);

  const std::string& content() const { return content_; }
  Tokens tokens() const { return tokens_; }

 private:
  Text(std::string content, Tokens tokens) : content_(std::move(content)), tokens_(tokens) {}
  std::string content_;
  Tokens tokens_;
};

}  // namespace cellwright
