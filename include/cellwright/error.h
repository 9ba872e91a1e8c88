// error.h: what the library throws. Every message is one sentence: where, what, expected and found, what to do.
//
// The library never prints, aborts or exits; the command line's main() holds the only catch.
#pragma once

#include <stdexcept>
#include <string>

namespace cellwright {

/// Base of everything that cellwright throws. what() is UTF-8 and may hold several lines only for CellError.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message) : std::runtime_error(message) {}
};

/// A cell's text is wrong. what() is "file:line:column: error: …", the line, a caret, and what to do.
class CellError : public Error {
 public:
  CellError(const std::string& message, std::string file, int line, int column)
      : Error(message), file_(std::move(file)), line_(line), column_(column) {}
  const std::string& file() const { return file_; }
  int line() const { return line_; }      ///< from 1; 0 where no line is to blame
  int column() const { return column_; }  ///< from 1, counted in graphemes

 private:
  std::string file_;
  int line_;
  int column_;
};

/// Arrays do not fit together; the message names the expected and the found shape.
class ShapeError : public Error {
 public:
  using Error::Error;
};

/// A request that cannot be met: an unknown option, a size of 0, a cell that offers no site for an option.
class SpecError : public Error {
 public:
  using Error::Error;
};

/// A file's content is not what its format says; the message holds file and byte offset.
class FormatError : public Error {
 public:
  using Error::Error;
};

/// The operating system refused: missing file, full disk, no permission.
class IoError : public Error {
 public:
  using Error::Error;
};

/// Training left the numbers that can be computed with: the loss or the gradient is NaN or infinite.
class TrainingError : public Error {
 public:
  using Error::Error;
};

/// A promise inside the library was broken: a bug, please report.
class InternalError : public Error {
 public:
  explicit InternalError(const std::string& message) : Error("internal error (a bug, please report): " + message) {}
};

}  // namespace cellwright
