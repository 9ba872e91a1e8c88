// lexer.h: text to tokens. Both spellings and all look-alikes become one token here; later rooms never see
// the difference.
#pragma once

#include <string>
#include <vector>

#include "language/syntax.h"

namespace cellwright::syntax {

struct Token {
  enum class Kind : std::uint8_t { kName, kNumber, kSymbol, kComment, kNewline, kEnd };
  Kind kind = Kind::kEnd;
  /// kName: NFC name. kNumber: as written. kSymbol: one of · * / + - ( ) [ ] , = | ? ->. kComment: after '#'.
  std::string text;
  double number = 0;
  SourceRange where;

  bool is(std::string_view symbol) const { return kind == Kind::kSymbol && text == symbol; }
  bool ends_line() const { return kind == Kind::kComment || kind == Kind::kNewline || kind == Kind::kEnd; }
};

/// Sets cell.text (from `text`, normalised) and returns its tokens; every line ends with kNewline, the text
/// with kEnd. Throws CellError: not UTF-8, a character without meaning, a number that no float holds, a limit
/// exceeded.
std::vector<Token> lex(Cell& cell, std::string_view text);

}  // namespace cellwright::syntax
