// vocabulary_format.cpp: the stored form of a vocabulary: one array of bytes and the offsets of its entries.
// What is read may come from anyone, so each promise of vocabulary.h is checked here.
#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "cellwright/error.h"
#include "data/vocabulary.h"

namespace cellwright {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 30;

[[noreturn]] void fail(const std::string& what) {
  throw FormatError(fmt::format("vocabulary: {}; the file is damaged or not from cellwright", what));
}

void check_bytes(const std::vector<std::string>& entries) {
  if (entries.size() != 256)
    fail(fmt::format("the kind 'bytes' needs 256 entries, found {}", entries.size()));
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i] != std::string(1, static_cast<char>(i)))
      fail(fmt::format("entry {} is not byte {}", i, i));
  }
}

void check_characters(const std::vector<std::string>& entries) {
  char32_t previous = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (i > 0 && i + 1 == entries.size() && entries[i] == Vocabulary::kUnknown) return;
    const std::u32string characters = decode_utf8(entries[i]);
    if (characters.size() != 1) fail(fmt::format("entry {} is not one character", i));
    if (i > 0 && characters[0] <= previous) fail(fmt::format("entry {} is not in ascending order", i));
    previous = characters[0];
  }
}

void check_words(const std::vector<std::string>& entries) {
  std::vector<std::string_view> sorted(entries.begin(), entries.end());
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end()) fail(fmt::format("the word '{}' occurs twice", *twice));
  if (sorted.front().empty()) fail("a word is empty");
  for (const std::string_view word : sorted) {
    if (word.find_first_of(" \n") != std::string_view::npos)
      fail(fmt::format("the word '{}' holds a blank", word));
  }
  for (const char* word : {Vocabulary::kUnknown, Vocabulary::kEndOfLine}) {
    if (!std::binary_search(sorted.begin(), sorted.end(), word))
      fail(fmt::format("the entry {} is missing", word));
  }
}

// That the model has these very pieces is only seen when it is loaded, at the first text.
void check_subwords(const std::vector<std::string>& entries, const std::string& model) {
  if (entries.size() < 257 || entries[0] != Vocabulary::kUnknown)
    fail("subwords begin with <unk> and have 256 bytes at least");
  if (model.empty()) fail("the model of its subwords is missing");
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].empty()) fail(fmt::format("entry {} is empty", i));
  }
}

}  // namespace

Vocabulary::Vocabulary(const std::string& kind, const std::vector<std::uint8_t>& bytes,
                       const std::vector<std::int64_t>& offsets, std::string subword_model) {
  if (kind != "bytes" && kind != "characters" && kind != "words" && kind != "subwords")
    fail(fmt::format("'{}' is no kind of token", kind));
  kind_ = parse_token_kind(kind);
  if (offsets.size() < 2) fail("it has no entries");
  if (static_cast<std::int64_t>(offsets.size()) - 1 > kMaxEntries || bytes.size() > kMaxBytes) {
    fail(fmt::format("{} entries in {} bytes are too many", offsets.size() - 1, bytes.size()));
  }
  if (offsets.front() != 0 || offsets.back() != static_cast<std::int64_t>(bytes.size())) {
    fail(fmt::format("the offsets run from {} to {}, expected 0 to {}", offsets.front(), offsets.back(),
                     bytes.size()));
  }
  for (std::size_t i = 0; i + 1 < offsets.size(); ++i) {
    if (offsets[i + 1] < offsets[i]) fail(fmt::format("offset {} is smaller than the one before it", i + 1));
  }
  entries_.reserve(offsets.size() - 1);
  for (std::size_t i = 0; i + 1 < offsets.size(); ++i) {
    entries_.emplace_back(bytes.begin() + offsets[i], bytes.begin() + offsets[i + 1]);
    if (kind_ != TokenKind::bytes && kind_ != TokenKind::subwords && invalid_utf8(entries_.back()))
      fail(fmt::format("entry {} is not UTF-8", i));
  }
  if (kind_ == TokenKind::bytes) check_bytes(entries_);
  if (kind_ == TokenKind::characters) check_characters(entries_);
  if (kind_ == TokenKind::words) check_words(entries_);
  if (kind_ == TokenKind::subwords) check_subwords(entries_, subword_model);
  subword_model_ = std::move(subword_model);
  index();
}

std::vector<std::uint8_t> Vocabulary::bytes() const {
  std::vector<std::uint8_t> all;
  for (const std::string& text : entries_) all.insert(all.end(), text.begin(), text.end());
  return all;
}

std::vector<std::int64_t> Vocabulary::offsets() const {
  std::vector<std::int64_t> all = {0};
  for (const std::string& text : entries_) all.push_back(all.back() + static_cast<std::int64_t>(text.size()));
  return all;
}

}  // namespace cellwright
