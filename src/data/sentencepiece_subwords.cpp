// sentencepiece_subwords.cpp: the module: SentencePiece behind subwords.h. Its options are set so that
// nothing of a text is changed.
#include <fmt/format.h>
#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <array>
#include <unordered_map>

#include "data/subwords.h"

namespace cellwright {
namespace {

namespace sp = sentencepiece;

constexpr std::string_view kBlankSign = "\xE2\x96\x81";

class Model : public Subwords {
 public:
  /// "" or what is wrong.
  std::string open(const std::string& bytes) {
    const sp::util::Status status = processor_.LoadFromSerializedProto(bytes);
    if (!status.ok()) return fmt::format("the subword model cannot be read: {}", status.ToString());
    for (int b = 0; b < 256; ++b) {
      const int id = processor_.PieceToId(fmt::format("<0x{:02X}>", b));
      if (id < 0 || id >= size() || !processor_.IsByte(id))
        return fmt::format("the subword model lacks the piece of byte {}; it was not made by cellwright", b);
      byte_[static_cast<std::size_t>(b)] = id;
    }
    return "";
  }

  int size() const override { return processor_.GetPieceSize(); }
  std::int32_t byte(unsigned char b) const override { return byte_[b]; }
  std::int32_t unknown() const override { return processor_.unk_id(); }

  std::string text_of(int id) const override {
    const std::string& piece = processor_.IdToPiece(id);
    if (processor_.IsUnknown(id) || processor_.IsControl(id)) return "<unk>";
    if (processor_.IsByte(id))
      return std::string(1, static_cast<char>(std::stoi(piece.substr(3, 2), nullptr, 16)));
    std::string text;
    for (std::size_t at = 0; at < piece.size();) {
      const bool blank = piece.compare(at, kBlankSign.size(), kBlankSign) == 0;
      text += blank ? ' ' : piece[at];
      at += blank ? kBlankSign.size() : 1;
    }
    return text;
  }

  bool encode(std::string_view segment, std::vector<std::int32_t>& ids) const override {
    std::vector<int> pieces;
    if (!processor_.Encode(absl::string_view(segment.data(), segment.size()), &pieces).ok()) return false;
    ids.insert(ids.end(), pieces.begin(), pieces.end());
    return true;
  }

 private:
  sp::SentencePieceProcessor processor_;
  std::array<std::int32_t, 256> byte_ = {};
};

class Segments : public sp::SentenceIterator {
 public:
  explicit Segments(const std::vector<std::string>& segments) : segments_(segments) {}
  bool done() const override { return at_ >= segments_.size(); }
  void Next() override { ++at_; }
  const std::string& value() const override { return segments_[at_]; }
  sp::util::Status status() const override { return sp::util::Status(); }

 private:
  const std::vector<std::string>& segments_;
  std::size_t at_ = 0;
};

std::string train(const std::vector<std::string>& segments, int pieces, const std::string& kind,
                  std::string* model) {
  Segments sentences(segments);
  const std::unordered_map<std::string, std::string> options = {
      {"minloglevel", "3"},
      {"model_type", kind},
      {"vocab_size", fmt::format("{}", pieces)},
      {"hard_vocab_limit", "false"},  // fewer pieces where the text has no more
      {"normalization_rule_name", "identity"},
      {"add_dummy_prefix", "false"},
      {"remove_extra_whitespaces", "false"},
      {"byte_fallback", "true"},
      {"character_coverage", "0.9995"},
      {"unk_id", "0"},
      {"bos_id", "-1"},
      {"eos_id", "-1"},
      {"pad_id", "-1"},
      {"max_sentence_length", fmt::format("{}", 2 * kLongestSegment)},
      {"num_threads", "4"},  // its sums depend on the number, so it may not be the machine's
  };
  const sp::util::Status status = sp::SentencePieceTrainer::Train(options, &sentences, model);
  if (status.ok()) return "";
  const std::string why = status.ToString(), sign = fmt::format("required_chars. {} vs ", pieces);
  const std::size_t at = why.find(sign);
  if (at == std::string::npos) return fmt::format("SentencePiece cannot make {} subwords: {}", pieces, why);
  return fmt::format(
      "{} subwords are too few: the bytes and the characters of this text alone are {}; give more", pieces,
      std::stoi(why.substr(at + sign.size())));
}

std::string load(const std::string& bytes, std::unique_ptr<const Subwords>* subwords) {
  auto model = std::make_unique<Model>();
  std::string error = model->open(bytes);
  if (error.empty()) *subwords = std::move(model);
  return error;
}

}  // namespace
}  // namespace cellwright

extern "C" __attribute__((visibility("default"))) const cellwright::SubwordModule cellwright_subwords_1;
extern "C" const cellwright::SubwordModule cellwright_subwords_1 = {&cellwright::train, &cellwright::load};
