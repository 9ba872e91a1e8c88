// vocabulary.cpp: counting, encoding, decoding. The stored form is in vocabulary_format.cpp.
#include "data/vocabulary.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "base/utf8.h"
#include "cellwright/error.h"
#include "data/subword_vocabulary.h"

namespace cellwright {
namespace {

using Count = std::pair<std::string, std::int64_t>;

// Unicode's White_Space but for the line feed, which ends a line. `size`: bytes at `at`, 0 where there is no
// blank.
std::size_t blank_size(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const unsigned b0 = byte(at);
  if (b0 == ' ' || b0 == '\t' || b0 == '\r' || b0 == '\v' || b0 == '\f') return 1;
  if (b0 < 0xC2) return 0;
  const unsigned b1 = byte(at + 1), b2 = byte(at + 2);
  if (b0 == 0xC2) return b1 == 0x85 || b1 == 0xA0 ? 2 : 0;  // U+0085, U+00A0
  if (b0 == 0xE1) return b1 == 0x9A && b2 == 0x80 ? 3 : 0;  // U+1680
  if (b0 == 0xE2 && b1 == 0x80) {                           // U+2000–200A, 2028, 2029, 202F
    return (b2 >= 0x80 && b2 <= 0x8A) || b2 == 0xA8 || b2 == 0xA9 || b2 == 0xAF ? 3 : 0;
  }
  if (b0 == 0xE2) return b1 == 0x81 && b2 == 0x9F ? 3 : 0;  // U+205F
  return b0 == 0xE3 && b1 == 0x80 && b2 == 0x80 ? 3 : 0;    // U+3000
}

// Calls word(view) and end_of_line() in the order of the text.
template <class Word, class EndOfLine>
void for_each_word(std::string_view text, Word word, EndOfLine end_of_line) {
  std::size_t start = 0;  // of the word being read; == at where there is none
  std::size_t at = 0;
  const auto finish = [&] {
    if (at > start) word(text.substr(start, at - start));
  };
  while (at < text.size()) {
    const std::size_t blank = text[at] == '\n' ? 1 : blank_size(text, at);
    if (blank == 0) {
      ++at;
      continue;
    }
    finish();
    if (text[at] == '\n') end_of_line();
    start = at += blank;
  }
  finish();
  if (!text.empty() && text.back() != '\n') end_of_line();
}

// char compares as unsigned in std::string, so bytes of UTF-8 order as code points do.
bool more_frequent(const Count& a, const Count& b) {
  return a.second != b.second ? a.second > b.second : a.first < b.first;
}

bool is_special(const Count& count) {
  return count.first == Vocabulary::kUnknown || count.first == Vocabulary::kEndOfLine;
}

// Drops the rare ones; the counts of what is dropped go to <unk>, so that the order of words is that of what
// will be seen.
void keep_frequent(std::vector<Count>& counts, std::int64_t min_count, std::size_t limit,
                   std::int64_t& dropped) {
  std::sort(counts.begin(), counts.end(), more_frequent);
  std::stable_partition(counts.begin(), counts.end(), is_special);
  std::size_t kept = 0;
  for (Count& count : counts) {
    if (is_special(count) || (count.second >= min_count && kept < limit)) {
      if (&counts[kept] != &count) counts[kept] = std::move(count);
      ++kept;
    } else {
      dropped += count.second;
    }
  }
  counts.resize(kept);
}

std::string code_point_name(char32_t c) {
  const bool printable = c > 0x20 && c != 0x7F && !(c >= 0x80 && c < 0xA0);
  return printable ? fmt::format("'{}' (U+{:04X})", encode_utf8(c), static_cast<unsigned>(c))
                   : fmt::format("U+{:04X}", static_cast<unsigned>(c));
}

}  // namespace

const char* token_kind_name(TokenKind kind) {
  return kind == TokenKind::bytes        ? "bytes"
         : kind == TokenKind::characters ? "characters"
         : kind == TokenKind::words      ? "words"
                                         : "subwords";
}

TokenKind parse_token_kind(const std::string& name) {
  for (const TokenKind kind :
       {TokenKind::bytes, TokenKind::characters, TokenKind::words, TokenKind::subwords}) {
    if (name == token_kind_name(kind)) return kind;
  }
  throw SpecError(fmt::format("'{}' is no kind of token; use bytes, characters, words or subwords", name));
}

Vocabulary::Vocabulary() {
  for (int byte = 0; byte < 256; ++byte) entries_.emplace_back(1, static_cast<char>(byte));
  index();
}

Vocabulary::Vocabulary(const Vocabulary& other)
    : kind_(other.kind_),
      entries_(other.entries_),
      subword_model_(other.subword_model_),
      encoder_(other.encoder_) {
  index();
}

Vocabulary& Vocabulary::operator=(Vocabulary other) noexcept {
  kind_ = other.kind_;
  entries_.swap(other.entries_);
  unknown_ = other.unknown_;
  end_of_line_ = other.end_of_line_;
  by_code_point_.swap(other.by_code_point_);
  by_word_.swap(other.by_word_);
  subword_model_.swap(other.subword_model_);
  encoder_.swap(other.encoder_);
  return *this;
}

namespace {

struct Hash {  // words are looked up without making a string of each
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

}  // namespace

struct VocabularyBuilder::Counts {
  bool any = false;
  std::vector<std::int64_t> characters;  // by code point
  std::unordered_map<std::string, std::int64_t, Hash, std::equal_to<>> words;
  std::int64_t lines = 0;
  SubwordSample sample;
};

VocabularyBuilder::VocabularyBuilder(const VocabularyOptions& options)
    : options_(options), counts_(std::make_unique<Counts>()) {
  if (options.kind == TokenKind::subwords) check_subwords(options);
  if (options.kind != TokenKind::words && options.kind != TokenKind::characters) return;
  if (options.min_count < 1) {
    throw SpecError(fmt::format("a least count of {} makes no sense; give 1 or more", options.min_count));
  }
  const std::int64_t least = options.kind == TokenKind::words ? 3 : 2;
  if (options.max_entries != 0 && options.max_entries < least) {
    throw SpecError(
        fmt::format("a vocabulary of {} entries is too small; give at least {}", options.max_entries, least));
  }
  if (options.kind == TokenKind::characters) counts_->characters.resize(0x110000);
}

VocabularyBuilder::~VocabularyBuilder() = default;

void VocabularyBuilder::add(std::string_view text) {
  Counts& counts = *counts_;
  counts.any = counts.any || !text.empty();
  if (options_.kind == TokenKind::characters) {
    for (const char32_t c : decode_utf8(normalize_nfc(text))) ++counts.characters[c];
  } else if (options_.kind == TokenKind::words) {
    const std::string normal = normalize_nfc(text);
    for_each_word(
        normal,
        [&](std::string_view word) {
          const auto found = counts.words.find(word);
          if (found != counts.words.end()) {
            ++found->second;
          } else {
            counts.words.emplace(word, 1);
          }
        },
        [&] { ++counts.lines; });
  } else if (options_.kind == TokenKind::subwords) {
    counts.sample.add(text);
  }
}

Vocabulary VocabularyBuilder::build() {
  if (!counts_->any) throw FormatError("the text is empty; a vocabulary needs some");
  if (options_.kind == TokenKind::bytes) return Vocabulary();
  Vocabulary result{Vocabulary::Empty{}};
  result.kind_ = options_.kind;
  if (options_.kind == TokenKind::subwords) {
    result.subword_model_ =
        train_subwords(counts_->sample.lines(), options_.subwords, options_.subword_model);
    result.entries_ = entries_of(*load_subwords(result.subword_model_));
    result.index();
    return result;
  }
  const bool words = options_.kind == TokenKind::words;
  std::vector<Count> counts;
  if (words) {
    counts_->words.try_emplace(Vocabulary::kUnknown, 0);
    counts_->words[Vocabulary::kEndOfLine] += counts_->lines;
    for (const auto& [word, count] : counts_->words) counts.emplace_back(word, count);
  } else {
    for (char32_t c = 0; c < counts_->characters.size(); ++c) {
      if (counts_->characters[c] > 0) counts.emplace_back(encode_utf8(c), counts_->characters[c]);
    }
  }
  const auto limit =
      static_cast<std::size_t>(options_.max_entries != 0 ? options_.max_entries : Vocabulary::kMaxEntries);
  std::int64_t dropped = 0;
  // Characters that all fit need no room for <unk>; where some do not, it takes one place.
  const bool fits = counts.size() + (!words && options_.unknown ? 1 : 0) <= limit;
  keep_frequent(counts, options_.min_count, words || (fits && !options_.unknown) ? limit : limit - 1,
                dropped);
  if (words) {
    for (Count& count : counts) count.second += count.first == Vocabulary::kUnknown ? dropped : 0;
    std::sort(counts.begin(), counts.end(), more_frequent);
  } else {
    std::sort(counts.begin(), counts.end());
    if (options_.unknown || dropped > 0) counts.emplace_back(Vocabulary::kUnknown, dropped);
  }
  for (Count& count : counts) result.entries_.push_back(std::move(count.first));
  result.index();
  return result;
}

Vocabulary Vocabulary::build(std::string_view text, const VocabularyOptions& options) {
  VocabularyBuilder builder(options);
  builder.add(text);
  return builder.build();
}

void Vocabulary::index() {
  if (kind_ == TokenKind::subwords) {
    unknown_ = 0;
    if (!encoder_) encoder_ = make_encoder();
    return;
  }
  for (int id = 0; id < size(); ++id) {
    const std::string& text = entries_[static_cast<std::size_t>(id)];
    if (kind_ == TokenKind::words) {
      by_word_.emplace(text, id);
      if (text == kEndOfLine) end_of_line_ = id;
    }
    if (kind_ != TokenKind::bytes && text == kUnknown) {
      unknown_ = id;
    } else if (kind_ == TokenKind::characters) {
      const char32_t c = decode_utf8(text)[0];
      if (by_code_point_.size() <= c) by_code_point_.resize(c + 1, -1);
      by_code_point_[c] = id;
    }
  }
}

std::optional<std::int32_t> Vocabulary::find(std::string_view text) const {
  if (kind_ == TokenKind::words) {
    const auto found = by_word_.find(text);
    return found == by_word_.end() ? std::nullopt : std::optional(found->second);
  }
  const auto found = std::find(entries_.begin(), entries_.end(), text);
  if (found == entries_.end()) return std::nullopt;
  return static_cast<std::int32_t>(found - entries_.begin());
}

std::vector<std::int32_t> Vocabulary::encode(std::string_view text, Unseen unseen,
                                             std::int64_t* skipped) const {
  std::vector<std::int32_t> ids;
  std::int64_t left_out = 0;
  if (kind_ == TokenKind::bytes) {
    ids.reserve(text.size());
    for (const char c : text) ids.push_back(static_cast<unsigned char>(c));
  } else if (kind_ == TokenKind::subwords) {
    encode_subwords(text, ids);
  } else if (kind_ == TokenKind::words) {
    const std::string normal = normalize_nfc(text);
    for_each_word(
        normal,
        [&](std::string_view word) {
          const auto found = by_word_.find(word);
          ids.push_back(found == by_word_.end() ? *unknown_ : found->second);
        },
        [&] { ids.push_back(*end_of_line_); });
  } else {
    const std::u32string normal = decode_utf8(normalize_nfc(text));
    ids.reserve(normal.size());
    for (std::size_t i = 0; i < normal.size(); ++i) {
      const char32_t c = normal[i];
      std::int32_t id = c < by_code_point_.size() ? by_code_point_[c] : -1;
      if (id < 0 && unknown_) id = *unknown_;
      if (id >= 0) {
        ids.push_back(id);
      } else if (unseen == Unseen::skip) {
        ++left_out;
      } else {
        throw FormatError(fmt::format(
            "the character {} at position {} of the text is not in the model's vocabulary; leave such "
            "characters out with --skip-unknown, or train with --unknown, which keeps a place for them",
            code_point_name(c), i));
      }
    }
  }
  if (skipped != nullptr) *skipped = left_out;
  return ids;
}

std::string Vocabulary::decode(const std::vector<std::int32_t>& ids) const {
  Decoder decoder(*this);
  std::string text;
  for (const std::int32_t id : ids) text += decoder.next(id);
  return text;
}

std::string Decoder::next(std::int32_t id) {
  if (id < 0 || id >= vocabulary_->size()) {
    throw SpecError(fmt::format("token {} is outside the vocabulary of {}", id, vocabulary_->size()));
  }
  if (vocabulary_->kind() != TokenKind::words) {
    return vocabulary_->unknown() == id ? "\xEF\xBF\xBD" : vocabulary_->entry(id);
  }
  const bool ends = vocabulary_->end_of_line() == id;
  std::string text = ends ? "\n" : (line_start_ ? "" : " ") + vocabulary_->entry(id);
  line_start_ = ends;
  return text;
}

}  // namespace cellwright
