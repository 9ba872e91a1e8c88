// text_pieces.cpp: zlib's file reader, which passes plain files on as they are. Start at next().
#include "data/text_pieces.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/utf8.h"
#include "cellwright/error.h"

namespace cellwright {
namespace {

constexpr std::size_t kRead = std::size_t{1} << 20;
constexpr std::size_t kLongLine = std::size_t{64} << 20;
constexpr std::size_t kLongestLine = std::size_t{1} << 30;

std::string shown(const std::string& path) { return path == "-" ? "standard input" : path; }

/// Bytes of `text` without a character begun at its end.
std::size_t whole_characters(std::string_view text) {
  for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if (byte < 0x80) break;
    if (byte < 0xC0) continue;
    const std::size_t size = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
    return size > back ? text.size() - back : text.size();
  }
  return text.size();
}

}  // namespace

struct TextPieces::File {
  File(const std::string& path, int descriptor) : name(shown(path)), gz(gzdopen(descriptor, "rb")) {
    if (gz == nullptr) {
      ::close(descriptor);
      throw IoError(fmt::format("cannot read {}: out of memory", name));
    }
    gzbuffer(gz, 1 << 18);
  }
  ~File() { gzclose(gz); }

  std::size_t read(char* to, std::size_t most) {
    const int got = gzread(gz, to, static_cast<unsigned>(most));
    int code = Z_OK;
    const char* text = gzerror(gz, &code);
    if (code == Z_ERRNO) throw IoError(fmt::format("cannot read {}: {}", name, std::strerror(errno)));
    if (code == Z_BUF_ERROR && got >= 0)
      throw FormatError(fmt::format("{}: the gzip data stops in the middle; the file is truncated", name));
    if (got < 0 || (code != Z_OK && code != Z_STREAM_END))
      throw FormatError(fmt::format("{}: broken gzip data ({})", name, text));
    return static_cast<std::size_t>(got);
  }

  std::string name;
  gzFile gz;
};

TextPieces::TextPieces(std::vector<std::string> paths, const TextPiecesOptions& options)
    : paths_(std::move(paths)), options_(options), enough_(options.piece) {
  if (paths_.empty()) throw SpecError("no text was given; name a file, or - for standard input");
}

TextPieces::~TextPieces() = default;

void TextPieces::open() {
  const std::string& path = paths_[path_];
  const int descriptor = path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status = {};
  const bool failed = descriptor < 0 || ::fstat(descriptor, &status) != 0;
  if (failed || S_ISDIR(status.st_mode)) {
    const std::string why = failed ? std::strerror(errno) : "it is a directory";
    if (descriptor >= 0) ::close(descriptor);
    throw IoError(fmt::format("cannot read {}: {}", path == "-" ? shown(path) : "'" + path + "'", why));
  }
  file_ = std::make_unique<File>(path, descriptor);
  offset_ = 0;
  raw_.clear();
}

// Moves what is checked from raw_ to pending_.
void TextPieces::read_more() {
  if (!file_) open();
  const std::size_t held = raw_.size();
  raw_.resize(held + kRead);
  const std::size_t got = file_->read(raw_.data() + held, kRead);
  raw_.resize(held + got);
  const std::size_t whole = options_.bytes || got == 0 ? raw_.size() : whole_characters(raw_);
  std::string_view text(raw_.data(), whole);
  if (!options_.bytes) {
    if (const auto at = invalid_utf8(text)) {
      throw FormatError(
          fmt::format("{}: byte {} (0x{:02X}) is not valid UTF-8; convert the file to UTF-8 or use --bytes",
                      file_->name, offset_ + *at, static_cast<unsigned char>(text[*at])));
    }
  }
  if (got == 0 && offset_ == 0 && text.empty())
    throw FormatError(fmt::format("{}: the file is empty", file_->name));
  // A file's first bytes may come a few at a time, but three of them are one mark: it is never cut.
  if (!options_.bytes && offset_ == 0 && text.substr(0, 3) == "\xEF\xBB\xBF") {
    if (got == 0 && text.size() == 3)
      throw FormatError(fmt::format("{}: the file holds no text", file_->name));
    text.remove_prefix(3);
  }
  pending_.append(text);
  raw_.erase(0, whole);
  offset_ += whole;
  if (got > 0) return;
  file_.reset();
  ++path_;
}

// Bytes of pending_ that may be handed out; 0: none yet.
std::size_t TextPieces::cut() const {
  const std::size_t line = pending_.rfind('\n');
  if (line != std::string::npos) return line + 1;
  if (options_.lines_only) {
    if (pending_.size() > kLongestLine)
      throw FormatError(fmt::format("{}: a line is longer than 1 GB; break it, or use --chars or --bytes",
                                    shown(paths_[path_ < paths_.size() ? path_ : path_ - 1])));
    return 0;
  }
  if (pending_.size() < kLongLine) return 0;
  if (options_.bytes) return pending_.size();
  // Nothing combines with an ASCII character that follows it.
  for (std::size_t at = pending_.size(); at-- > 1;) {
    if (static_cast<unsigned char>(pending_[at]) < 0x80) return at;
  }
  return 0;
}

bool TextPieces::next(std::string& piece) {
  for (;;) {
    if (path_ == paths_.size()) {
      piece = std::move(pending_);
      pending_.clear();
      return !piece.empty();
    }
    if (pending_.size() >= enough_) {
      if (const std::size_t at = cut()) {
        piece.assign(pending_, 0, at);
        pending_.erase(0, at);
        enough_ = options_.piece;
        return true;
      }
      enough_ = pending_.size() * 2;
    }
    read_more();
  }
}

}  // namespace cellwright
