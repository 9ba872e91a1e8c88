#include "base/utf8.h"

#include <gtest/gtest.h>

#include "cellwright/error.h"

namespace cellwright {
namespace {

TEST(Utf8, ValidTextHasNoBadByte) {
  EXPECT_FALSE(invalid_utf8(""));
  EXPECT_FALSE(invalid_utf8("C\u0303 \u2299 \U0001F600 \uFFFD"));
  EXPECT_FALSE(invalid_utf8(std::string("\0x", 2)));
}

TEST(Utf8, BadBytesAreFoundAtTheirOffset) {
  EXPECT_EQ(invalid_utf8("ab\x80"), 2u);               // a continuation with no start
  EXPECT_EQ(invalid_utf8("a\xC0\x80"), 1u);            // NUL in an overlong form
  EXPECT_EQ(invalid_utf8("\xE0\x80\x80"), 0u);         // overlong, three bytes
  EXPECT_EQ(invalid_utf8("\xED\xA0\x80"), 0u);         // a surrogate
  EXPECT_EQ(invalid_utf8("xyz\xF4\x90\x80\x80"), 3u);  // above U+10FFFF
  EXPECT_EQ(invalid_utf8("\xF8\x88\x80\x80\x80"), 0u);
  EXPECT_EQ(invalid_utf8("ok\xE2\x8A"), 2u);  // cut short
  EXPECT_EQ(invalid_utf8("\xC3("), 0u);
}

TEST(Utf8, DecodeAndEncodeAreInverse) {
  const std::u32string text = U"a\u007F\u0080\u07FF\u0800\uFFFF\U00010000\U0010FFFF";
  EXPECT_EQ(decode_utf8(encode_utf8(text)), text);
  EXPECT_EQ(encode_utf8(U'\u2299'), "\xE2\x8A\x99");
  EXPECT_THROW(decode_utf8("\xFF"), FormatError);
}

TEST(Utf8, NormalFormComposes) {
  EXPECT_EQ(normalize_nfc("i\u0303"), "\u0129");   // i with tilde has a code point
  EXPECT_EQ(normalize_nfc("C\u0303"), "C\u0303");  // C with tilde has none
  EXPECT_EQ(normalize_nfc("\u2126"), "\u03A9");    // the ohm sign is an Omega
  EXPECT_EQ(normalize_nfc(std::string("a\0\u0303", 4)), std::string("a\0\u0303", 4));
  EXPECT_THROW(normalize_nfc("\xC0\x80"), FormatError);
}

TEST(Utf8, GraphemesAndWidth) {
  EXPECT_EQ(grapheme_count("C\u0303 = h\u0303"), 5u);
  EXPECT_EQ(grapheme_count(""), 0u);
  EXPECT_EQ(grapheme_count("\U0001F468\u200D\U0001F469"), 1u);  // a joined emoji
  EXPECT_EQ(display_width("C\u0303 \u2299"), 3u);
  EXPECT_EQ(display_width("\u4E16"), 2u);
}

}  // namespace
}  // namespace cellwright
