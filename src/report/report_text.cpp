// report_text.cpp: start at report_text().
#include "report/report_text.h"

#include <fmt/format.h>

#include <utf8proc.h>

#include <set>

#include "base/utf8.h"
#include "draw/plot_frame.h"

namespace cellwright {
namespace {

/// Byte offsets behind each letter with all that belongs to it; `text` is valid.
std::set<std::size_t> grapheme_ends(const std::string& text) {
  std::set<std::size_t> ends = {text.size()};
  utf8proc_int32_t state = 0, before = -1;
  std::size_t at = 0;
  for (const char32_t c : decode_utf8(text)) {
    const auto now = static_cast<utf8proc_int32_t>(c);
    if (before >= 0 && utf8proc_grapheme_break_stateful(before, now, &state)) ends.insert(at);
    before = now;
    at += encode_utf8(c).size();
  }
  return ends;
}

}  // namespace

std::string readable(const std::string& bytes) {
  if (!invalid_utf8(bytes)) return bytes;
  std::string out;
  for (char c : bytes)
    out += static_cast<unsigned char>(c) < 0x80 ? std::string(1, c)
                                                : fmt::format("\\x{:02X}", static_cast<unsigned char>(c));
  return out;
}

ReportText report_text(const Vocabulary& vocabulary, const std::vector<std::int32_t>& tokens) {
  ReportText result;
  Decoder decoder(vocabulary);
  std::vector<std::string> pieces;
  std::string whole;
  for (std::int32_t token : tokens) {
    pieces.push_back(decoder.next(token));
    whole += pieces.back();
  }
  const bool valid = !invalid_utf8(whole);
  std::set<std::size_t> ends;
  if (valid) {
    result.right_to_left = draw::reads_from_right(whole);
    ends = grapheme_ends(whole);
  }
  std::size_t at = 0;
  bool open = false;  // the last cluster goes on
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (open) {
      result.clusters.back().text += pieces[i];
      ++result.clusters.back().count;
    } else {
      result.clusters.push_back({pieces[i], static_cast<int>(i), 1});
    }
    at += pieces[i].size();
    open = valid && !ends.count(at) && at > 0;
  }
  for (TextCluster& c : result.clusters) c.text = readable(c.text);
  return result;
}

}  // namespace cellwright
