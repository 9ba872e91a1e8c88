// subword_vocabulary.cpp: the subwords' part of Vocabulary. Start at encode_subwords.
#include "data/subword_vocabulary.h"

#include <fmt/format.h>

#include <mutex>

#include "base/utf8.h"
#include "cellwright/error.h"

namespace cellwright {
namespace {

constexpr std::size_t kMostOfSample = std::size_t{64} << 20;

}  // namespace

void check_subwords(const VocabularyOptions& options) {
  if (options.subwords < 258 || options.subwords > Vocabulary::kMaxEntries) {
    throw SpecError(
        fmt::format("{} subwords make no sense; give from 258 (the bytes, <unk> and one more) to {}",
                    options.subwords, Vocabulary::kMaxEntries));
  }
  if (options.subword_model != "unigram" && options.subword_model != "bpe")
    throw SpecError(fmt::format("'{}' is no model of subwords; use unigram or bpe", options.subword_model));
}

std::vector<std::string> entries_of(const Subwords& subwords) {
  std::vector<std::string> entries;
  for (int id = 0; id < subwords.size(); ++id) entries.push_back(subwords.text_of(id));
  return entries;
}

void SubwordSample::add(std::string_view text) {
  const auto take = [&](std::string_view segment) {
    if (seen_++ % stride_ != 0) return;
    lines_.emplace_back(segment);
    bytes_ += segment.size();
    if (bytes_ <= kMostOfSample) return;
    bytes_ = 0;
    for (std::size_t i = 0; 2 * i < lines_.size(); ++i) {
      lines_[i] = std::move(lines_[2 * i]);
      bytes_ += lines_[i].size();
    }
    lines_.resize((lines_.size() + 1) / 2);
    stride_ *= 2;
  };
  for_each_segment(text, take, [](std::string_view) {});
}

struct Vocabulary::Encoder {
  std::once_flag once;
  std::unique_ptr<const Subwords> subwords;
};

std::shared_ptr<Vocabulary::Encoder> Vocabulary::make_encoder() { return std::make_shared<Encoder>(); }

void Vocabulary::encode_subwords(std::string_view text, std::vector<std::int32_t>& ids) const {
  if (const auto at = invalid_utf8(text))
    throw FormatError(fmt::format("byte {} of the text is not valid UTF-8; subwords need UTF-8", *at));
  std::call_once(encoder_->once, [&] {  // once it has thrown, it is tried again the next time
    std::unique_ptr<const Subwords> loaded = load_subwords(subword_model_);
    if (entries_of(*loaded) != entries_)
      throw FormatError("vocabulary: its subwords are not those of its model; the file is damaged");
    encoder_->subwords = std::move(loaded);
  });
  const Subwords& subwords = *encoder_->subwords;
  const auto in_bytes = [&](std::string_view bytes) {
    for (const char b : bytes) ids.push_back(subwords.byte(static_cast<unsigned char>(b)));
  };
  const auto in_pieces = [&](std::string_view segment) {
    const std::size_t before = ids.size();
    bool exact = subwords.encode(segment, ids);
    std::string_view left = segment;
    for (std::size_t i = before; exact && i < ids.size(); ++i) {
      const std::string& piece = entries_[static_cast<std::size_t>(ids[i])];
      exact = ids[i] != *unknown_ && left.substr(0, piece.size()) == piece;
      if (exact) left.remove_prefix(piece.size());
    }
    if (exact && left.empty()) return;
    ids.resize(before);
    in_bytes(segment);
  };
  for_each_segment(text, in_pieces, in_bytes);
}

}  // namespace cellwright
