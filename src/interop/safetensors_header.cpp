// safetensors_header.cpp: a strict reader of exactly the JSON that a safetensors header may be. Start at
// parse_header().

#include "interop/safetensors_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "base/utf8.h"
#include "cellwright/error.h"

namespace cellwright::safetensors {
namespace {

constexpr std::array<std::pair<const char*, Tensor::Type>, 13> kTypes = {{
    {"F64", Tensor::Type::kF64},
    {"F32", Tensor::Type::kF32},
    {"F16", Tensor::Type::kF16},
    {"BF16", Tensor::Type::kBF16},
    {"I64", Tensor::Type::kI64},
    {"I32", Tensor::Type::kI32},
    {"I16", Tensor::Type::kI16},
    {"I8", Tensor::Type::kI8},
    {"U64", Tensor::Type::kU64},
    {"U32", Tensor::Type::kU32},
    {"U16", Tensor::Type::kU16},
    {"U8", Tensor::Type::kU8},
    {"BOOL", Tensor::Type::kBool},
}};

class Reader {
 public:
  Reader(std::string_view json, std::string_view file) : json_(json), file_(file) {}

  Header header() {
    // One check for the whole text: every string below is then valid UTF-8 unless an escape spoils it.
    if (const auto bad = invalid_utf8(json_)) {
      fail(file_, kLengthBytes + *bad,
           "the header is not valid UTF-8; the file is damaged or no safetensors file");
    }
    if (json_.empty() || json_.front() != '{') expected("'{' at the header's start");
    Header header;
    std::set<std::string> names;
    object([&](std::string name, std::uint64_t name_at) {
      if (!names.insert(name).second)
        fail(file_, name_at, "the name " + quoted(name) + " stands twice in the header");
      if (name == "__metadata__") {
        header.metadata = metadata();
      } else {
        header.entries.push_back(entry(std::move(name), name_at));
      }
    });
    skip_space();
    if (position_ != json_.size()) expected("nothing but spaces after the header's closing '}'");
    return header;
  }

 private:
  std::uint64_t at() const { return kLengthBytes + position_; }

  [[noreturn]] void expected(const std::string& what) const {
    const std::string found =
        position_ < json_.size() ? quoted(json_.substr(position_, 12)) : "the header's end";
    fail(file_, at(), fmt::format("expected {}, found {}; the header is damaged", what, found));
  }

  void skip_space() {
    while (position_ < json_.size() && (json_[position_] == ' ' || json_[position_] == '\t' ||
                                        json_[position_] == '\n' || json_[position_] == '\r')) {
      ++position_;
    }
  }

  bool accept(char c) {
    skip_space();
    if (position_ >= json_.size() || json_[position_] != c) return false;
    ++position_;
    return true;
  }

  void expect(char c) {
    if (!accept(c)) expected(fmt::format("'{}'", c));
  }

  /// {"key": value, …}: calls value(key, byte of the key) with the position before the value.
  template <typename F>
  void object(F value) {
    expect('{');
    if (accept('}')) return;
    do {
      skip_space();
      const std::uint64_t key_at = at();
      std::string key = string();
      expect(':');
      value(std::move(key), key_at);
    } while (accept(','));
    expect('}');
  }

  std::map<std::string, std::string> metadata() {
    std::map<std::string, std::string> values;
    object([&](std::string key, std::uint64_t key_at) {
      if (values.count(key) != 0) fail(file_, key_at, "the metadata key " + quoted(key) + " stands twice");
      std::string value = string();
      values.emplace(std::move(key), std::move(value));
    });
    return values;
  }

  Entry entry(std::string name, std::uint64_t name_at) {
    Entry result;
    result.at = name_at;
    bool has_type = false, has_shape = false, has_offsets = false;
    auto once = [&](bool& seen, const std::string& key, std::uint64_t key_at) {
      if (seen) fail(file_, key_at, fmt::format("'{}' stands twice in tensor {}", key, quoted(name)));
      seen = true;
    };
    object([&](const std::string& key, std::uint64_t key_at) {
      if (key == "dtype") {
        once(has_type, key, key_at);
        result.type = type();
      } else if (key == "shape") {
        once(has_shape, key, key_at);
        skip_space();
        result.shape_at = at();
        for (const std::uint64_t n : integers()) result.shape.push_back(static_cast<std::int64_t>(n));
      } else if (key == "data_offsets") {
        once(has_offsets, key, key_at);
        skip_space();
        result.offsets_at = at();
        const std::vector<std::uint64_t> offsets = integers();
        if (offsets.size() != 2) {
          fail(file_, result.offsets_at, fmt::format("expected two data_offsets, found {}", offsets.size()));
        }
        result.begin = offsets[0];
        result.end = offsets[1];
      } else {
        fail(file_, key_at,
             fmt::format("expected dtype, shape or data_offsets in tensor {}, found {}", quoted(name),
                         quoted(key)));
      }
    });
    const char* missing = !has_type      ? "dtype"
                          : !has_shape   ? "shape"
                          : !has_offsets ? "data_offsets"
                                         : nullptr;
    if (missing != nullptr) fail(file_, name_at, fmt::format("tensor {} has no '{}'", quoted(name), missing));
    result.name = std::move(name);
    return result;
  }

  Tensor::Type type() {
    skip_space();
    const std::uint64_t type_at = at();
    const std::string text = string();
    for (const auto& [name, type] : kTypes) {
      if (text == name) return type;
    }
    fail(file_, type_at,
         "unknown dtype " + quoted(text) +
             "; known are F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, BOOL");
  }

  std::vector<std::uint64_t> integers() {
    std::vector<std::uint64_t> values;
    expect('[');
    if (accept(']')) return values;
    do {
      values.push_back(integer());
    } while (accept(','));
    expect(']');
    return values;
  }

  /// A JSON number without sign, fraction, exponent or leading zero; at most 2^63-1.
  std::uint64_t integer() {
    skip_space();
    const std::size_t start = position_;
    std::uint64_t value = 0;
    while (position_ < json_.size() && json_[position_] >= '0' && json_[position_] <= '9') {
      const auto digit = static_cast<std::uint64_t>(json_[position_] - '0');
      constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
      if (value > (kMost - digit) / 10) {
        fail(file_, kLengthBytes + start, "the number is larger than 2^63-1; the header is damaged");
      }
      value = value * 10 + digit;
      ++position_;
    }
    const std::size_t digits = position_ - start;
    const bool leading_zero = digits > 1 && json_[start] == '0';
    const bool goes_on = position_ < json_.size() &&
                         (json_[position_] == '.' || json_[position_] == 'e' || json_[position_] == 'E');
    if (digits == 0 || leading_zero || goes_on) {
      position_ = start;
      expected("a whole number that is not negative");
    }
    return value;
  }

  std::string string() {
    skip_space();
    if (position_ >= json_.size() || json_[position_] != '"') expected("a string in double quotes");
    const std::uint64_t start = at();
    ++position_;
    std::string text;
    while (position_ < json_.size()) {
      const char c = json_[position_];
      if (c == '"') {
        ++position_;
        return text;
      }
      if (static_cast<unsigned char>(c) < 0x20) expected("no bare control character in a string");
      ++position_;
      if (c == '\\') {
        text += escape();
      } else {
        text += c;
      }
    }
    fail(file_, start, "the string that starts here has no closing quote; the header is damaged");
  }

  /// What a backslash, which was read, stands for.
  std::string escape() {
    if (position_ < json_.size()) {
      constexpr std::string_view kLetters = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
      const std::size_t letter = kLetters.find(json_[position_]);
      if (letter != std::string_view::npos) {
        ++position_;
        return std::string(1, kMeanings[letter]);
      }
      if (json_[position_] == 'u') {
        const std::uint64_t start = at();
        ++position_;
        char32_t code = four_hex_digits();
        if (code >= 0xD800 && code <= 0xDBFF && json_.substr(position_, 2) == "\\u") {
          position_ += 2;
          const char32_t low = four_hex_digits();
          if (low < 0xDC00 || low > 0xDFFF) fail(file_, start, "half of a surrogate pair in a string");
          return encode_utf8(static_cast<char32_t>(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)));
        }
        if (code >= 0xD800 && code <= 0xDFFF) fail(file_, start, "half of a surrogate pair in a string");
        return encode_utf8(code);
      }
    }
    expected("one of \" \\ / b f n r t u after a backslash");
  }

  char32_t four_hex_digits() {
    char32_t code = 0;
    for (int i = 0; i < 4; ++i, ++position_) {
      const char c = position_ < json_.size() ? json_[position_] : '\0';
      if (c >= '0' && c <= '9') {
        code = code * 16 + static_cast<char32_t>(c - '0');
      } else if (c >= 'a' && c <= 'f') {
        code = code * 16 + static_cast<char32_t>(c - 'a' + 10);
      } else if (c >= 'A' && c <= 'F') {
        code = code * 16 + static_cast<char32_t>(c - 'A' + 10);
      } else {
        expected("four hexadecimal digits after \\u");
      }
    }
    return code;
  }

  std::string_view json_;
  std::string_view file_;
  std::size_t position_ = 0;
};

}  // namespace

Header parse_header(std::string_view json, std::string_view file) { return Reader(json, file).header(); }

void fail(std::string_view file, std::uint64_t at, const std::string& message) {
  throw FormatError(fmt::format("{}: byte {}: {}", file, at, message));
}

std::string quoted(std::string_view name) {
  constexpr std::size_t kMost = 60;
  std::string text = "'";
  std::size_t end = std::min(name.size(), kMost);
  while (end < name.size() && end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;
  for (const char c : name.substr(0, end)) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      text += c;
    }
  }
  return text + (end < name.size() ? "…'" : "'");
}

}  // namespace cellwright::safetensors

namespace cellwright {

const char* name_of(Tensor::Type type) {
  for (const auto& [name, value] : safetensors::kTypes) {
    if (value == type) return name;
  }
  throw InternalError("a tensor type without a name");
}

}  // namespace cellwright
