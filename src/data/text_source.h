// text_source.h: text from files or standard input, plain or gzip, checked before anyone counts a character
// of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cellwright {

struct TextOptions {
  bool bytes = false;           ///< anything goes: no UTF-8 check, no byte-order mark dropped
  bool unify_newlines = false;  ///< CR LF and a lone CR become LF; otherwise they stay as they are
  std::uint64_t max_bytes = std::uint64_t{1}
                            << 31;         ///< of all the text, unpacked: a bound for hostile gzip files
  const char* advice = " or use --bytes";  ///< what else to do where it is not UTF-8, as this caller can
};

/// The text of one file, "-" being standard input. A file that starts with gzip's magic number is unpacked
/// (several members too), whatever its name. A UTF-8 byte-order mark at the start is dropped. Throws
///   IoError      the file cannot be read;
///   FormatError  the file is empty, larger than max_bytes, broken or truncated gzip, or not UTF-8:
///                "book.txt: byte 1234 (0xFF) is not valid UTF-8; convert the file to UTF-8 or use --bytes".
/// Bytes are counted from 0 at the start of the file (of its unpacked content, for gzip).
std::string read_text(const std::string& path, const TextOptions& options = {});

/// A file of lines that hold data: the same, whatever its line ends.
std::string read_data_text(const std::string& path);

/// The texts of several files joined as they are, as `cat` would; at least one path, SpecError otherwise.
std::string read_text(const std::vector<std::string>& paths, const TextOptions& options = {});

}  // namespace cellwright
