// subwords.h: pieces of words by SentencePiece (Kudo & Richardson 2018), behind a module that is loaded when
// it is first needed.
//
// Start at Subwords. What always holds: decode(encode(text)) is the text, byte for byte, for any UTF-8:
// SentencePiece sees segments without line ends and without its own signs, normalises nothing, and a segment
// whose pieces do not spell it out again is written in single bytes. Lines are encoded one by one, and a long
// one in parts (for_each_segment), so text may come in pieces that end where lines do.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cellwright {

/// A trained model of pieces; made by train_subwords() or read from a file.
class Subwords {
 public:
  virtual ~Subwords() = default;
  virtual int size() const = 0;
  virtual std::string text_of(
      int id) const = 0;  ///< the bytes that a piece stands for; "<unk>" for the one that never occurs
  virtual std::int32_t byte(unsigned char b) const = 0;  ///< the piece that is this byte alone
  virtual std::int32_t unknown() const = 0;              ///< the piece that never occurs
  /// Adds the pieces of a segment; false when it could not.
  virtual bool encode(std::string_view segment, std::vector<std::int32_t>& ids) const = 0;
};

/// Calls `segment` for stretches of at most kLongestSegment bytes without line feed, zero byte or U+2581, and
/// `bytes` for those that lie between them, in the order of the text. Where a long line is cut depends on
/// that line alone.
inline constexpr std::size_t kLongestSegment = 2048;
void for_each_segment(std::string_view text, const std::function<void(std::string_view)>& segment,
                      const std::function<void(std::string_view)>& bytes);

/// Trains on segments. `kind` is "unigram" or "bpe". At most `pieces` pieces come out (fewer where the text
/// holds no more), 257 of which are the bytes and <unk>. Returns the model's bytes, the same for the same
/// input on any machine with this version of SentencePiece. SpecError: no module, or what SentencePiece says
/// is wrong with the sizes.
std::string train_subwords(const std::vector<std::string>& segments, int pieces, const std::string& kind);

/// SpecError without the module; FormatError for bytes that are no model made by train_subwords().
std::unique_ptr<const Subwords> load_subwords(const std::string& model);

/// Whether the module is there.
bool have_subwords();

/// What the module hands out by its one symbol, cellwright_subwords_1. Nothing throws across the border:
/// errors are texts, "" is none.
struct SubwordModule {
  std::string (*train)(const std::vector<std::string>& segments, int pieces, const std::string& kind,
                       std::string* model);
  std::string (*load)(const std::string& model, std::unique_ptr<const Subwords>* subwords);
};

}  // namespace cellwright
