// subword_segments.cpp: text cut into what SentencePiece may see.
#include "data/subwords.h"

namespace cellwright {
namespace {

constexpr std::string_view kBlankSign = "\xE2\x96\x81";  // U+2581, by which SentencePiece writes a blank

// Bytes of `line` for the next segment: all, or up to the last blank that fits, or else whole characters.
std::size_t segment_size(std::string_view line) {
  if (line.size() <= kLongestSegment) return line.size();
  const std::size_t blank = line.rfind(' ', kLongestSegment);
  if (blank != std::string_view::npos && blank > 0) return blank;
  std::size_t size = kLongestSegment;
  while (size > 1 && (static_cast<unsigned char>(line[size]) & 0xC0) == 0x80) --size;
  return size;
}

}  // namespace

void for_each_segment(std::string_view text, const std::function<void(std::string_view)>& segment,
                      const std::function<void(std::string_view)>& bytes) {
  while (!text.empty()) {
    std::size_t sign = text.size(), size = 0;
    for (std::size_t at = 0; at < text.size() && size == 0; ++at) {
      if (text[at] == '\n' || text[at] == '\0') size = 1;
      if (text[at] == kBlankSign[0] && text.substr(at, kBlankSign.size()) == kBlankSign)
        size = kBlankSign.size();
      if (size > 0) sign = at;
    }
    std::string_view line = text.substr(0, sign);
    while (!line.empty()) {
      const std::size_t part = segment_size(line);
      segment(line.substr(0, part));
      line.remove_prefix(part);
    }
    if (size > 0) bytes(text.substr(sign, size));
    text.remove_prefix(sign + size);
  }
}

}  // namespace cellwright
