// packed.cpp: start at Packed::payload().
#include "report/packed.h"

#include <zlib.h>

#include <cstring>

#include "cellwright/error.h"

namespace cellwright {
namespace {

template <class U>
std::string planes(const std::vector<U>& numbers) {
  std::string out;
  for (std::size_t byte = sizeof(U); byte-- > 0;) {
    for (U n : numbers) out += static_cast<char>((n >> (8 * byte)) & 0xFF);
  }
  return out;
}

std::uint32_t bits_of(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

std::string exact_planes(const std::vector<float>& values) {
  std::vector<std::uint32_t> bits;
  for (float v : values) bits.push_back(bits_of(v));
  return planes(bits);
}

}  // namespace

std::uint16_t to_half(float value) {
  const std::uint32_t bits = bits_of(value);
  const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000);
  const std::uint32_t size = bits & 0x7FFFFFFF;
  if (size > 0x7F800000) return static_cast<std::uint16_t>(sign | 0x7E00);
  if (size >= 0x47800000) return static_cast<std::uint16_t>(sign | 0x7C00);  // from 65536 on, and infinity
  const auto shifted = [](std::uint32_t mantissa, std::uint32_t by) {
    const std::uint32_t half = 1U << (by - 1), rest = mantissa & ((1U << by) - 1);
    const std::uint32_t whole = mantissa >> by;
    return whole + (rest > half || (rest == half && (whole & 1)) ? 1 : 0);
  };
  const std::uint32_t exponent = size >> 23;
  if (exponent >= 113) return static_cast<std::uint16_t>(sign | shifted(size - (112U << 23), 13));
  if (exponent < 101) return sign;
  return static_cast<std::uint16_t>(sign | shifted((size & 0x7FFFFF) | 0x800000, 126 - exponent));
}

int Packed::add(std::string bytes, int width, std::size_t count) {
  const auto [at, fresh] =
      known_.emplace(std::to_string(width) + ":" + bytes, static_cast<int>(table_.size()));
  if (fresh) {
    data_ += bytes;
    table_.push_back({width, count});
  }
  return at->second;
}

int Packed::exact(const std::vector<float>& values) {
  const int id = add(exact_planes(values), 4, values.size());
  exact_.emplace(id, values);
  return id;
}

int Packed::product(const std::vector<float>& values, Lagged a, Lagged b) {
  const std::vector<float>&x = exact_.at(a.array), &y = exact_.at(b.array);
  if (x.size() != values.size() || y.size() != values.size()) return -1;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float p = (i < a.by ? 0.0f : x[i - a.by]) * (i < b.by ? 0.0f : y[i - b.by]);
    if (bits_of(p) != bits_of(values[i])) return -1;
  }
  const auto [at, fresh] = known_.emplace("4:" + exact_planes(values), static_cast<int>(table_.size()));
  if (fresh) table_.push_back({0, values.size(), {a.array, a.by}, {b.array, b.by}});
  exact_.emplace(at->second, values);
  return at->second;
}

bool Packed::in_full(int array) const { return table_[static_cast<std::size_t>(array)][0] != 2; }

int Packed::rounded(const std::vector<float>& values) {
  if (const auto at = known_.find("4:" + exact_planes(values)); at != known_.end()) return at->second;
  std::vector<std::uint16_t> halves;
  for (float v : values) halves.push_back(to_half(v));
  return add(planes(halves), 2, values.size());
}

int Packed::bytes(const std::vector<std::uint8_t>& values) {
  return add(std::string(values.begin(), values.end()), 1, values.size());
}

std::string Packed::payload(nlohmann::ordered_json meta) const {
  meta["arrays"] = table_;
  const std::string json = meta.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  std::string all;
  for (int byte = 0; byte < 4; ++byte) all += static_cast<char>((json.size() >> (8 * byte)) & 0xFF);
  all += json + data_;
  uLongf size = compressBound(static_cast<uLong>(all.size()));
  std::string packed(size, '\0');
  if (compress2(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(all.data()),
                static_cast<uLong>(all.size()), 9) != Z_OK)
    throw InternalError("zlib could not compress the report's data");
  packed.resize(size);
  return base64(packed);
}

std::string base64(const std::string& bytes) {
  static const char* const kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      out += i + k <= bytes.size() ? kLetters[(group >> (18 - 6 * k)) & 63] : '=';
  }
  return out;
}

}  // namespace cellwright
