// text_source.cpp: start at read_text. Each step takes the whole content: texts fit in memory, as their
// tokens must.
#include "data/text_source.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <memory>

#include "base/file.h"
#include "base/utf8.h"
#include "cellwright/error.h"

namespace cellwright {
namespace {

std::string shown(const std::string& path) { return path == "-" ? "standard input" : path; }

[[noreturn]] void fail(const std::string& path, const std::string& what) {
  throw FormatError(fmt::format("{}: {}", shown(path), what));
}

[[noreturn]] void fail_size(const std::string& path, std::uint64_t limit) {
  fail(path, fmt::format("the text is larger than {} bytes; use a smaller part of it", limit));
}

bool is_gzip(std::string_view content) {
  return content.size() >= 2 && content[0] == '\x1f' && content[1] == '\x8b';
}

// Unpacks every member. zlib checks each one's CRC and length.
std::string gunzip(const std::string& path, std::string_view packed, std::uint64_t limit) {
  constexpr int kGzipOnly = 15 + 16;
  constexpr std::size_t kPiece = std::size_t{1} << 20;
  z_stream stream = {};
  if (inflateInit2(&stream, kGzipOnly) != Z_OK) throw IoError("cannot start zlib: out of memory");
  const auto end = [](z_stream* s) { inflateEnd(s); };
  const std::unique_ptr<z_stream, decltype(end)> owner(&stream, end);

  std::string text;
  std::string piece(kPiece, '\0');
  std::size_t used = 0;
  for (;;) {
    const std::size_t offered = std::min(kPiece, packed.size() - used);
    // zlib's interface predates const; it does not write through next_in.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data() + used));
    stream.avail_in = static_cast<uInt>(offered);
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(kPiece);
    const int status = inflate(&stream, Z_NO_FLUSH);
    used += offered - stream.avail_in;
    text.append(piece, 0, kPiece - stream.avail_out);
    if (text.size() > limit) fail_size(path, limit);
    if (status == Z_STREAM_END) {
      const std::string_view rest = packed.substr(used);
      if (rest.find_first_not_of('\0') == std::string_view::npos)
        return text;  // tapes and gzip itself pad with zeros
      if (!is_gzip(rest))
        fail(path, fmt::format("byte {}: something other than gzip data follows the gzip data", used));
      if (inflateReset(&stream) != Z_OK) throw IoError("cannot restart zlib");
    } else if (status == Z_MEM_ERROR) {
      throw IoError(fmt::format("cannot unpack {}: out of memory", shown(path)));
    } else if (status == Z_OK || status == Z_BUF_ERROR) {
      if (used == packed.size() && stream.avail_out != 0) {
        fail(path,
             fmt::format("the gzip data stops in the middle, after {} bytes; the file is truncated", used));
      }
    } else {
      fail(path,
           fmt::format("byte {}: broken gzip data ({})", used, stream.msg ? stream.msg : "no reason given"));
    }
  }
}

void check_utf8(const std::string& path, std::string_view text, bool unpacked, const char* advice) {
  const auto offset = invalid_utf8(text);
  if (!offset) return;
  const bool utf16 = text.size() >= 2 && (text.substr(0, 2) == "\xff\xfe" || text.substr(0, 2) == "\xfe\xff");
  fail(path, fmt::format("byte {}{} (0x{:02X}) is not valid UTF-8{}; convert the file to UTF-8{}", *offset,
                         unpacked ? " of the unpacked text" : "", static_cast<unsigned char>(text[*offset]),
                         utf16 ? " (it looks like UTF-16)" : "", advice));
}

void unify_newlines(std::string& text) {
  std::size_t to = 0;
  for (std::size_t from = 0; from < text.size(); ++from) {
    const bool carriage = text[from] == '\r';
    text[to++] = carriage ? '\n' : text[from];
    if (carriage && from + 1 < text.size() && text[from + 1] == '\n') ++from;
  }
  text.resize(to);
}

}  // namespace

std::string read_text(const std::string& path, const TextOptions& options) {
  std::string text = read_file(path);
  if (text.empty()) fail(path, "the file is empty");
  const bool packed = is_gzip(text);
  if (packed) text = gunzip(path, text, options.max_bytes);
  if (text.size() > options.max_bytes) fail_size(path, options.max_bytes);
  if (!options.bytes) {
    check_utf8(path, text, packed, options.advice);
    if (text.compare(0, 3, "\xEF\xBB\xBF") == 0) text.erase(0, 3);
  }
  if (options.unify_newlines) unify_newlines(text);
  if (text.empty()) fail(path, "the file holds no text");
  return text;
}

std::string read_data_text(const std::string& path) {
  TextOptions options;
  options.unify_newlines = true;
  options.advice = "";
  return read_text(path, options);
}

std::string read_text(const std::vector<std::string>& paths, const TextOptions& options) {
  if (paths.empty()) throw SpecError("no text was given; name a file, or - for standard input");
  std::string all;
  for (const std::string& path : paths) {
    TextOptions rest = options;
    rest.max_bytes -= all.size();
    std::string text;
    text = read_text(path, rest);
    if (all.empty()) {
      all = std::move(text);
    } else {
      all += text;
    }
  }
  return all;
}

}  // namespace cellwright
