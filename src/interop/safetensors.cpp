// safetensors.cpp: checks a header against the data, and writes files. Start at parse_safetensors(); the JSON
// is safetensors_header.cpp.

#include "interop/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>
#include <numeric>
#include <set>
#include <utility>

#include "base/file.h"
#include "base/utf8.h"
#include "cellwright/error.h"
#include "interop/safetensors_header.h"

namespace cellwright {
namespace {

using safetensors::Entry;
using safetensors::fail;
using safetensors::kLengthBytes;
using safetensors::quoted;

// The format is little-endian, and tensors keep its bytes.
static_assert(std::endian::native == std::endian::little, "safetensors.cpp needs a little-endian machine");

/// False when a dimension is negative or the product leaves std::int64_t.
bool product(const std::vector<std::int64_t>& shape, std::int64_t* result) {
  std::int64_t n = 1;
  for (const std::int64_t d : shape) {
    if (d < 0 || __builtin_mul_overflow(n, d, &n)) return false;
  }
  *result = n;
  return true;
}

std::string text_of(const std::vector<std::int64_t>& shape) {
  return fmt::format("[{}]", fmt::join(shape, ","));
}

std::uint64_t header_length(std::string_view bytes, std::string_view name) {
  if (bytes.size() < kLengthBytes) {
    fail(name, bytes.size(),
         fmt::format(
             "the file ends here, but the header's length alone takes {} bytes; it is empty, cut short or no "
             "safetensors file",
             kLengthBytes));
  }
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof length);
  if (length > safetensors::kMaxHeader) {
    fail(name, 0,
         fmt::format(
             "the header's length is given as {}, more than the {} allowed; this is no safetensors file",
             length, safetensors::kMaxHeader));
  }
  if (length > bytes.size() - kLengthBytes) {
    fail(name, bytes.size(),
         fmt::format("the file ends here, but its header ends at byte {}; it was cut short, copy it again",
                     kLengthBytes + length));
  }
  return length;
}

/// Everything about one entry that does not depend on the others.
void check_entry(const Entry& entry, std::uint64_t data_start, std::uint64_t data_size,
                 std::string_view name) {
  if (entry.begin > entry.end) {
    fail(name, entry.offsets_at,
         fmt::format("tensor {} ends before it begins ({} and {}); the header is damaged", quoted(entry.name),
                     entry.begin, entry.end));
  }
  std::int64_t count = 0;
  std::int64_t need = 0;
  if (!product(entry.shape, &count) ||
      __builtin_mul_overflow(count, static_cast<std::int64_t>(size_of(entry.type)), &need)) {
    fail(name, entry.shape_at,
         fmt::format("tensor {} is larger than 2^63-1 bytes by its shape; the header is damaged",
                     quoted(entry.name)));
  }
  if (entry.end - entry.begin != static_cast<std::uint64_t>(need)) {
    fail(name, entry.offsets_at,
         fmt::format(
             "tensor {} is {} {} and needs {} bytes, but its data_offsets hold {}; the header is damaged",
             quoted(entry.name), name_of(entry.type), text_of(entry.shape), need, entry.end - entry.begin));
  }
  if (entry.end > data_size) {
    fail(name, data_start + data_size,
         fmt::format("the file ends here, but tensor {} ends at byte {}; it was cut short, copy it again",
                     quoted(entry.name), data_start + entry.end));
  }
}

/// The entries must fill the data one after the other.
void check_layout(const std::vector<Entry>& entries, std::uint64_t data_start, std::uint64_t data_size,
                  std::string_view name) {
  std::uint64_t end = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != end) {
      fail(name, entry.offsets_at,
           fmt::format("the data of tensor {} begins at {}, but the data before it ends at {}: tensors may "
                       "neither overlap "
                       "nor leave a hole",
                       quoted(entry.name), entry.begin, end));
    }
    end = entry.end;
  }
  if (end != data_size) {
    fail(name, data_start + end,
         fmt::format("{} bytes follow the last tensor; the header and the data are not of one file",
                     data_size - end));
  }
}

/// Bytes of the tensor.
std::uint64_t check_writable(const safetensors::Plan& tensor, std::set<std::string_view>& names) {
  if (invalid_utf8(tensor.name)) throw SpecError("a tensor's name of a safetensors file must be UTF-8");
  if (!names.insert(tensor.name).second)
    throw SpecError("the tensor name " + quoted(tensor.name) + " is reserved or used twice; choose another");
  std::int64_t count = 0, bytes = 0;
  if (!product(tensor.shape, &count) ||
      __builtin_mul_overflow(count, static_cast<std::int64_t>(size_of(tensor.type)), &bytes)) {
    throw SpecError("the shape " + text_of(tensor.shape) + " of tensor " + quoted(tensor.name) +
                    " is negative or too large");
  }
  return static_cast<std::uint64_t>(bytes);
}

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string format_header(const SafetensorsFile& file) {
  std::vector<safetensors::Plan> plans;
  for (const Tensor& tensor : file.tensors) {
    plans.push_back({tensor.name, tensor.type, tensor.shape});
    if (static_cast<std::uint64_t>(tensor.element_count()) * size_of(tensor.type) != tensor.bytes.size()) {
      throw SpecError(fmt::format("tensor {} is {} {}, but holds {} bytes", quoted(tensor.name),
                                  name_of(tensor.type), text_of(tensor.shape), tensor.bytes.size()));
    }
  }
  return safetensors::format_header(file.metadata, plans);
}

template <typename T>
Tensor tensor_of(std::string name, std::vector<std::int64_t> shape, const std::vector<T>& values,
                 Tensor::Type type) {
  Tensor tensor;
  tensor.name = std::move(name);
  tensor.type = type;
  tensor.shape = std::move(shape);
  if (tensor.element_count() != static_cast<std::int64_t>(values.size())) {
    throw SpecError(fmt::format("tensor {} of shape {} cannot be made from {} values", quoted(tensor.name),
                                text_of(tensor.shape), values.size()));
  }
  tensor.bytes.resize(values.size() * sizeof(T));
  if (!values.empty()) std::memcpy(tensor.bytes.data(), values.data(), tensor.bytes.size());
  return tensor;
}

template <typename T>
std::vector<T> values_of(const Tensor& tensor, Tensor::Type type) {
  if (tensor.type != type) {
    throw FormatError(fmt::format("tensor {} is of type {}, expected {}", quoted(tensor.name),
                                  name_of(tensor.type), name_of(type)));
  }
  std::vector<T> values(tensor.bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), tensor.bytes.data(), values.size() * sizeof(T));
  return values;
}

}  // namespace

std::string safetensors::format_header(const std::map<std::string, std::string>& metadata,
                                       const std::vector<Plan>& tensors, std::size_t least) {
  std::string json = "{";
  if (!metadata.empty()) {
    json += "\"__metadata__\":{";
    bool first = true;
    for (const auto& [key, value] : metadata) {
      if (invalid_utf8(key)) throw SpecError("a metadata key of a safetensors file must be UTF-8");
      if (invalid_utf8(value)) throw SpecError("a metadata value of a safetensors file must be UTF-8");
      if (!std::exchange(first, false)) json += ',';
      json += json_string(key) + ':' + json_string(value);
    }
    json += '}';
  }
  std::set<std::string_view> names = {"__metadata__"};
  std::uint64_t begin = 0;
  for (const Plan& tensor : tensors) {
    const std::uint64_t end = begin + check_writable(tensor, names);
    if (json.size() > 1) json += ',';
    json += json_string(tensor.name) + fmt::format(R"(:{{"dtype":"{}","shape":{},"data_offsets":[{},{}]}})",
                                                   name_of(tensor.type), text_of(tensor.shape), begin, end);
    begin = end;
  }
  json += '}';
  if (json.size() + kLengthBytes < least) json.append(least - kLengthBytes - json.size(), ' ');
  json.append((8 - json.size() % 8) % 8, ' ');
  if (json.size() > kMaxHeader) {
    throw SpecError(fmt::format(
        "the header of a safetensors file may take {} bytes, but would take {}; shorten the metadata",
        kMaxHeader, json.size()));
  }
  const std::uint64_t length = json.size();
  std::string out(sizeof length, '\0');
  std::memcpy(out.data(), &length, sizeof length);
  return out + json;
}

std::size_t size_of(Tensor::Type type) {
  switch (type) {
    case Tensor::Type::kF64:
    case Tensor::Type::kI64:
    case Tensor::Type::kU64:
      return 8;
    case Tensor::Type::kF32:
    case Tensor::Type::kI32:
    case Tensor::Type::kU32:
      return 4;
    case Tensor::Type::kF16:
    case Tensor::Type::kBF16:
    case Tensor::Type::kI16:
    case Tensor::Type::kU16:
      return 2;
    case Tensor::Type::kI8:
    case Tensor::Type::kU8:
    case Tensor::Type::kBool:
      return 1;
  }
  throw InternalError("a tensor type without a size");
}

std::int64_t Tensor::element_count() const {
  std::int64_t count = 0;
  if (!product(shape, &count)) {
    throw SpecError("the shape " + text_of(shape) + " of tensor " + quoted(name) +
                    " is negative or too large");
  }
  return count;
}

Tensor Tensor::of(std::string name, std::vector<std::int64_t> shape, const std::vector<double>& values) {
  return tensor_of(std::move(name), std::move(shape), values, Type::kF64);
}
Tensor Tensor::of(std::string name, std::vector<std::int64_t> shape, const std::vector<float>& values) {
  return tensor_of(std::move(name), std::move(shape), values, Type::kF32);
}
Tensor Tensor::of(std::string name, std::vector<std::int64_t> shape,
                  const std::vector<std::int64_t>& values) {
  return tensor_of(std::move(name), std::move(shape), values, Type::kI64);
}
Tensor Tensor::of(std::string name, std::vector<std::int64_t> shape,
                  const std::vector<std::int32_t>& values) {
  return tensor_of(std::move(name), std::move(shape), values, Type::kI32);
}
Tensor Tensor::of_bytes(std::string name, std::string bytes) {
  Tensor tensor;
  tensor.name = std::move(name);
  tensor.type = Type::kU8;
  tensor.shape = {static_cast<std::int64_t>(bytes.size())};
  tensor.bytes = std::move(bytes);
  return tensor;
}

template <>
std::vector<double> Tensor::values<double>() const {
  return values_of<double>(*this, Type::kF64);
}
template <>
std::vector<float> Tensor::values<float>() const {
  return values_of<float>(*this, Type::kF32);
}
template <>
std::vector<std::int64_t> Tensor::values<std::int64_t>() const {
  return values_of<std::int64_t>(*this, Type::kI64);
}
template <>
std::vector<std::int32_t> Tensor::values<std::int32_t>() const {
  return values_of<std::int32_t>(*this, Type::kI32);
}
template <>
std::vector<std::uint8_t> Tensor::values<std::uint8_t>() const {
  return values_of<std::uint8_t>(*this, Type::kU8);
}

const Tensor* SafetensorsFile::find(std::string_view name) const {
  const auto it =
      std::find_if(tensors.begin(), tensors.end(), [&](const Tensor& t) { return t.name == name; });
  return it == tensors.end() ? nullptr : &*it;
}

const Tensor& SafetensorsFile::at(std::string_view name, std::string_view file) const {
  if (const Tensor* tensor = find(name)) return *tensor;
  throw FormatError(fmt::format("{}: no tensor {} among its {}; is it a file of another model?", file,
                                quoted(name), tensors.size()));
}

SafetensorsFile read_safetensors(const std::string& path) { return parse_safetensors(read_file(path), path); }

safetensors::Header safetensors::read_layout(std::string_view bytes, std::string_view name,
                                             std::uint64_t* data_start) {
  const std::uint64_t length = header_length(bytes, name);
  Header header = parse_header(bytes.substr(kLengthBytes, length), name);
  *data_start = kLengthBytes + length;
  const std::uint64_t data_size = bytes.size() - *data_start;
  for (const Entry& entry : header.entries) check_entry(entry, *data_start, data_size, name);
  // Empty tensors share their begin with a neighbour; by end too they come before it.
  std::stable_sort(header.entries.begin(), header.entries.end(), [](const Entry& a, const Entry& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  check_layout(header.entries, *data_start, data_size, name);
  return header;
}

SafetensorsFile parse_safetensors(std::string_view bytes, std::string_view name) {
  std::uint64_t data_start = 0;
  safetensors::Header header = safetensors::read_layout(bytes, name, &data_start);
  const std::string_view data = bytes.substr(data_start);

  SafetensorsFile file;
  file.metadata = std::move(header.metadata);
  file.tensors.reserve(header.entries.size());
  for (Entry& entry : header.entries) {
    Tensor tensor;
    tensor.name = std::move(entry.name);
    tensor.type = entry.type;
    tensor.shape = std::move(entry.shape);
    tensor.bytes = data.substr(entry.begin, entry.end - entry.begin);
    file.tensors.push_back(std::move(tensor));
  }
  return file;
}

std::string format_safetensors(const SafetensorsFile& file) {
  std::string out = format_header(file);
  for (const Tensor& tensor : file.tensors) out += tensor.bytes;
  return out;
}

void write_safetensors(const std::string& path, const SafetensorsFile& file) {
  const std::string header = format_header(file);
  write_file_atomically(path, [&](const std::function<void(std::string_view)>& write) {
    write(header);
    for (const Tensor& tensor : file.tensors) write(tensor.bytes);
  });
}

}  // namespace cellwright
