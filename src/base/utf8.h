// utf8.h: UTF-8 in and out, over utf8proc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cellwright {

/// Byte offset of the first byte that is not valid UTF-8 (overlong forms, surrogates and > U+10FFFF are invalid); nullopt: all valid.
std::optional<std::size_t> invalid_utf8(std::string_view text);

std::u32string decode_utf8(std::string_view text);  ///< text must be valid; FormatError with the byte offset otherwise
std::string encode_utf8(std::u32string_view text);
std::string encode_utf8(char32_t character);
std::string normalize_nfc(std::string_view text);  ///< text must be valid; FormatError otherwise
std::size_t grapheme_count(std::string_view text);
std::size_t display_width(std::string_view text);  ///< columns of a terminal

}  // namespace cellwright
