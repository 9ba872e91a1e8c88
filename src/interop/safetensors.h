// safetensors.h: the safetensors file format, read and written whole: a u64 little-endian header length, a
// JSON header, the data.
//
// Start at read_safetensors() and write_safetensors(). A file that was read always holds: unique names, data
// that lies back to back without a hole, byte counts that equal shape times element size. The reader checks
// all of this before it copies any data, so no header can make it allocate more than a small multiple of the
// file's own size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cellwright {

/// One named array as it lies in the file: row major, little-endian.
struct Tensor {
  enum class Type { kF64, kF32, kF16, kBF16, kI64, kI32, kI16, kI8, kU64, kU32, kU16, kU8, kBool };

  std::string name;
  Type type = Type::kF32;
  std::vector<std::int64_t> shape;  ///< empty for a scalar (one element)
  std::string bytes;  ///< element_count() * size_of(type) bytes; read them by values<…>() or memcpy

  /// Product of the shape; 1 for a scalar. SpecError: a negative dimension or a product above 2^63-1.
  std::int64_t element_count() const;

  /// A tensor that holds a copy of values. SpecError when their number is not the shape's product.
  static Tensor of(std::string name, std::vector<std::int64_t> shape, const std::vector<double>& values);
  static Tensor of(std::string name, std::vector<std::int64_t> shape, const std::vector<float>& values);
  static Tensor of(std::string name, std::vector<std::int64_t> shape,
                   const std::vector<std::int64_t>& values);
  static Tensor of(std::string name, std::vector<std::int64_t> shape,
                   const std::vector<std::int32_t>& values);
  static Tensor of_bytes(std::string name, std::string bytes);  ///< U8, one dimension

  /// A copy of the elements, without conversion. FormatError when `type` is not T's: double kF64, float kF32,
  /// std::int64_t kI64, std::int32_t kI32, std::uint8_t kU8.
  template <typename T>
  std::vector<T> values() const;
};
template <>
std::vector<double> Tensor::values<double>() const;
template <>
std::vector<float> Tensor::values<float>() const;
template <>
std::vector<std::int64_t> Tensor::values<std::int64_t>() const;
template <>
std::vector<std::int32_t> Tensor::values<std::int32_t>() const;
template <>
std::vector<std::uint8_t> Tensor::values<std::uint8_t>() const;

const char* name_of(Tensor::Type type);  ///< "F32", as in the file
std::size_t size_of(Tensor::Type type);  ///< bytes an element

/// What one file holds.
struct SafetensorsFile {
  std::map<std::string, std::string> metadata;  ///< the header's "__metadata__"
  std::vector<Tensor> tensors;                  ///< in the order of their data

  const Tensor* find(std::string_view name) const;  ///< nullptr: no such tensor
  /// FormatError "FILE: no tensor 'x'; …" when absent. `file` is for the message.
  const Tensor& at(std::string_view name, std::string_view file) const;
};

/// Reads and checks a file. IoError when it cannot be read; FormatError "model.safetensors: byte 8: …" when
/// it is no valid safetensors file.
SafetensorsFile read_safetensors(const std::string& path);

/// The same for bytes in memory; `name` stands in messages in place of the path.
SafetensorsFile parse_safetensors(std::string_view bytes, std::string_view name);

/// The bytes of the file: deterministic, tensors in the given order, the data section starts at a multiple of
/// 8 (the header is padded with spaces). SpecError: a name twice or "__metadata__", a name or metadata that
/// is not UTF-8, bytes that do not fit the shape.
std::string format_safetensors(const SafetensorsFile& file);

/// format_safetensors() written through write_file_atomically(): what stood under `path` stays whole on any
/// failure (IoError).
void write_safetensors(const std::string& path, const SafetensorsFile& file);

}  // namespace cellwright
