// vocabulary.h: text to numbers and back. Start at Vocabulary::build and encode; vocabulary_format.cpp stores
// it.
//
// The kinds, and what each promises:
//   bytes       256 entries, entry i is byte i. Any content goes in and comes out unchanged.
//   characters  the code points of the text in Unicode's normal form C, ascending. There is no <unk> unless
//   asked for or
//               made necessary by min_count, so that a loss per character compares with that of other
//               programs (65 symbols for tinyshakespeare). If there is one it is the last entry and stands
//               for every unseen character.
//   words       what white space (Unicode's) leaves of a line in normal form C, then <eos> at every line's
//   end, for an
//               empty line too; a last line without a newline counts. <unk> always exists: no text has seen
//               all words. The order is by falling count, then by code point. A text made ready in PTB's form
//               (blanks between tokens, <unk> written out, no <eos>) is simply this kind. The words "<unk>"
//               and "<eos>" in a text are those entries.
//   subwords    pieces of words by SentencePiece (subwords.h), learned from the text; any UTF-8 goes in and
//   comes out unchanged, because
//               what no piece spells is written in bytes. Entry 0 is <unk>, which never occurs. Encoding
//               needs the module; an entry's text, decoding and sampling do not.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cellwright {

enum class TokenKind { bytes, characters, words, subwords };

const char* token_kind_name(TokenKind kind);          ///< "bytes", "characters", "words", "subwords"
TokenKind parse_token_kind(const std::string& name);  ///< SpecError names them

struct VocabularyOptions {
  TokenKind kind = TokenKind::characters;
  bool unknown = false;        ///< characters: add <unk>
  std::int64_t min_count = 1;  ///< characters, words: rarer ones become <unk>
  std::int64_t max_entries =
      0;  ///< characters, words: keep the most frequent, <unk> and <eos> included; 0: no limit
  int subwords = 0;  ///< subwords: how many pieces at most, the 256 bytes and <unk> included
  std::string subword_model = "unigram";  ///< or "bpe"
};

/// What encode does with a character that the vocabulary lacks while it has no <unk>. Words always have one.
enum class Unseen { error, skip };

class Vocabulary {
 public:
  static constexpr std::int64_t kMaxEntries = std::int64_t{1} << 24;
  static constexpr const char* kUnknown = "<unk>";
  static constexpr const char* kEndOfLine = "<eos>";

  /// The 256 bytes.
  Vocabulary();

  /// Counts `text`, which must be valid UTF-8 (FormatError) unless the kind is bytes, and not empty
  /// (FormatError). SpecError for options that cannot be met: min_count < 1, max_entries too small for <unk>,
  /// <eos> and one more.
  static Vocabulary build(std::string_view text, const VocabularyOptions& options);

  /// From a stored model: entry i is bytes[offsets[i], offsets[i+1]); `subword_model` as the member of that
  /// name. Everything is checked; FormatError. The module for subwords is not needed yet.
  Vocabulary(const std::string& kind, const std::vector<std::uint8_t>& bytes,
             const std::vector<std::int64_t>& offsets, std::string subword_model = "");
  std::vector<std::uint8_t> bytes() const;    ///< all entries joined, UTF-8 (but for bytes)
  std::vector<std::int64_t> offsets() const;  ///< size() + 1 of them, from 0
  const std::string& subword_model() const {
    return subword_model_;
  }  ///< SentencePiece's own bytes; "" for other kinds
  std::string kind_name() const { return token_kind_name(kind_); }

  TokenKind kind() const { return kind_; }
  int size() const { return static_cast<int>(entries_.size()); }
  const std::string& entry(int id) const { return entries_.at(static_cast<std::size_t>(id)); }
  std::optional<std::int32_t> find(std::string_view entry) const;
  std::optional<std::int32_t> unknown() const { return unknown_; }          ///< the id of <unk>
  std::optional<std::int32_t> end_of_line() const { return end_of_line_; }  ///< the id of <eos>; words only

  bool operator==(const Vocabulary& other) const {  ///< the same ids for the same text
    return kind_ == other.kind_ && entries_ == other.entries_ && subword_model_ == other.subword_model_;
  }

  /// Text to ids. Text is brought to normal form C first (not bytes, not subwords). FormatError for invalid
  /// UTF-8, and, with Unseen::error, for an unseen character without an <unk>, naming it and the ways out.
  /// With Unseen::skip such characters are left out and counted into *skipped. A text in pieces that end
  /// where lines do has the ids of the pieces, joined. Subwords: SpecError without the module.
  std::vector<std::int32_t> encode(std::string_view text, Unseen unseen = Unseen::error,
                                   std::int64_t* skipped = nullptr) const;

  /// Ids to text: words joined by blanks, <eos> as a newline without blanks around it; the <unk> of
  /// characters is U+FFFD. SpecError for an id outside [0, size()).
  std::string decode(const std::vector<std::int32_t>& ids) const;

 private:
  struct Empty {};
  explicit Vocabulary(Empty) {}
  void index();  // the maps below, from kind_ and entries_
  void encode_subwords(std::string_view text, std::vector<std::int32_t>& ids) const;
  friend class VocabularyBuilder;
  struct Encoder;
  static std::shared_ptr<Encoder> make_encoder();

  TokenKind kind_ = TokenKind::bytes;
  std::vector<std::string> entries_;
  std::optional<std::int32_t> unknown_;
  std::optional<std::int32_t> end_of_line_;
  std::vector<std::int32_t> by_code_point_;                     // characters: -1 or the id
  std::unordered_map<std::string_view, std::int32_t> by_word_;  // words: views of entries_
  std::string subword_model_;
  std::shared_ptr<Encoder> encoder_;  // subwords: made when first needed, shared by copies

 public:
  // by_word_ views entries_, so a copy must index anew. A moved vector keeps its strings where they are.
  Vocabulary(const Vocabulary& other);
  Vocabulary(Vocabulary&&) = default;
  Vocabulary& operator=(Vocabulary other) noexcept;
};

/// Counts a text that comes in pieces, each of which ends where a line does (TextPieces); build() is then
/// Vocabulary::build of the whole. Keeps one entry for each different character or word; for subwords a
/// sample of lines, spread evenly over the text, of at most 64 MB.
class VocabularyBuilder {
 public:
  explicit VocabularyBuilder(const VocabularyOptions& options);  ///< SpecError as Vocabulary::build
  ~VocabularyBuilder();
  void add(std::string_view text);
  Vocabulary build();  ///< once, at the end; FormatError where nothing was added

 private:
  struct Counts;
  VocabularyOptions options_;
  std::unique_ptr<Counts> counts_;
};

/// Decodes one token at a time, for sampling: the pieces, joined, are decode() of all ids.
class Decoder {
 public:
  explicit Decoder(const Vocabulary& vocabulary) : vocabulary_(&vocabulary) {}  ///< which must outlive this
  std::string next(std::int32_t id);
  void reset() { line_start_ = true; }

 private:
  const Vocabulary* vocabulary_;
  bool line_start_ = true;
};

}  // namespace cellwright
