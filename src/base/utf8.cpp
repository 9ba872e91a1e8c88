// utf8.cpp: validation and decoding by hand, normalisation and graphemes by utf8proc.
//
// Start at next_character(): every other function that reads text is a loop around it. Nothing here depends
// on the locale.
#include "base/utf8.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "cellwright/error.h"

namespace cellwright {
namespace {

constexpr char32_t kBad = 0xFFFFFFFF;

// The character at `at`, which is moved past it; kBad (and `at` unmoved) where the bytes are not valid.
char32_t next_character(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  if (first < 0x80) {
    ++at;
    return first;
  }
  std::size_t length = 0;
  char32_t value = 0;
  char32_t least = 0;  // smaller values were written in a longer form than needed
  if ((first & 0xE0) == 0xC0) {
    length = 2, value = first & 0x1F, least = 0x80;
  } else if ((first & 0xF0) == 0xE0) {
    length = 3, value = first & 0x0F, least = 0x800;
  } else if ((first & 0xF8) == 0xF0) {
    length = 4, value = first & 0x07, least = 0x10000;
  } else {
    return kBad;
  }
  if (text.size() - at < length) return kBad;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return kBad;
    value = (value << 6) | (byte(at + i) & 0x3F);
  }
  if (value < least || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return kBad;
  at += length;
  return value;
}

void append(std::string& out, char32_t c) {
  const auto put = [&](char32_t bits) { out.push_back(static_cast<char>(static_cast<unsigned char>(bits))); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | (c >> 6));
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | (c >> 18));
    put(0x80 | ((c >> 12) & 0x3F));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

[[noreturn]] void fail_at(std::size_t offset) {
  throw FormatError("text is not UTF-8 at byte " + std::to_string(offset) + "; save it as UTF-8");
}

}  // namespace

std::optional<std::size_t> invalid_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (next_character(text, at) == kBad) return at;
  }
  return std::nullopt;
}

std::u32string decode_utf8(std::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_character(text, at);
    if (c == kBad) fail_at(at);
    out.push_back(c);
  }
  return out;
}

std::string encode_utf8(std::u32string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char32_t c : text) append(out, c);
  return out;
}

std::string encode_utf8(char32_t character) {
  std::string out;
  append(out, character);
  return out;
}

std::string normalize_nfc(std::string_view text) {
  if (const auto bad = invalid_utf8(text)) fail_at(*bad);
  // Plain ASCII, by far the most common text, is its own normal form.
  if (std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; })) {
    return std::string(text);
  }
  utf8proc_uint8_t* raw = nullptr;
  const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                   static_cast<utf8proc_ssize_t>(text.size()), &raw,
                                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(raw, &std::free);
  if (length < 0) throw FormatError(std::string("text cannot be normalised: ") + utf8proc_errmsg(length));
  return std::string(reinterpret_cast<const char*>(raw), static_cast<std::size_t>(length));
}

std::size_t grapheme_count(std::string_view text) {
  std::size_t count = 0;
  utf8proc_int32_t state = 0;
  char32_t before = kBad;
  for (const char32_t c : decode_utf8(text)) {
    if (before == kBad || utf8proc_grapheme_break_stateful(static_cast<utf8proc_int32_t>(before),
                                                           static_cast<utf8proc_int32_t>(c), &state)) {
      ++count;
    }
    before = c;
  }
  return count;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (const char32_t c : decode_utf8(text)) {
    width += static_cast<std::size_t>(std::max(0, utf8proc_charwidth(static_cast<utf8proc_int32_t>(c))));
  }
  return width;
}

}  // namespace cellwright
