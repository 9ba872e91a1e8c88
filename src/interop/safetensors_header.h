// safetensors_header.h: the JSON header of a safetensors file, read strictly and with positions.
//
// The header's form is fixed, so the reader is a descent of fixed depth over exactly that form: no nesting
// can exhaust the stack, and every message can name the byte in the file. Nothing here looks at the data that
// follows the header.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "interop/safetensors.h"

namespace cellwright::safetensors {

/// Larger headers are refused, as by the format's reference reader.
inline constexpr std::uint64_t kMaxHeader = 100'000'000;
/// Bytes of the header's length in front of the header.
inline constexpr std::size_t kLengthBytes = 8;

/// One entry of the header as written; nothing is checked against the data yet.
struct Entry {
  std::string name;
  Tensor::Type type = Tensor::Type::kF32;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0, end = 0;  ///< data_offsets, counted from the end of the header
  std::uint64_t at = 0;              ///< byte of the file where the entry's name stands
  std::uint64_t shape_at = 0, offsets_at = 0;
};

struct Header {
  std::map<std::string, std::string> metadata;
  std::vector<Entry> entries;  ///< in the header's order; names are unique
};

/// `json` starts at byte kLengthBytes of the file called `file`. FormatError when it is not a header.
Header parse_header(std::string_view json, std::string_view file);

/// The header of a whole file, held against the file's size: entries in the order of their data, which lies
/// back to back from `data_start` to the end. FormatError. Looks at nothing behind the header.
Header read_layout(std::string_view file_bytes, std::string_view file, std::uint64_t* data_start);

/// One tensor to write.
struct Plan {
  std::string name;
  Tensor::Type type = Tensor::Type::kF32;
  std::vector<std::int64_t> shape;
};

/// The bytes of a file in front of its data: length and header, padded with spaces to a multiple of 8 and to
/// `least` bytes at least. SpecError as format_safetensors().
std::string format_header(const std::map<std::string, std::string>& metadata,
                          const std::vector<Plan>& tensors, std::size_t least = 0);

/// Throws FormatError "FILE: byte AT: MESSAGE".
[[noreturn]] void fail(std::string_view file, std::uint64_t at, const std::string& message);

/// 'name' for a message: at most about 60 bytes of it, without control characters or halves of a character.
std::string quoted(std::string_view name);

}  // namespace cellwright::safetensors
