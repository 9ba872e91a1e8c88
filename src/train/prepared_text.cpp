// prepared_text.cpp: see prepared_text.h. Start at prepare_text and open_prepared_text.
#include "train/prepared_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "cellwright/error.h"
#include "data/text_pieces.h"
#include "interop/safetensors_header.h"
#include "interop/safetensors_view.h"
#include "train/vocabulary_tensors.h"

namespace cellwright {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kKey = "cellwright.tokens";
constexpr const char* kIds = "ids";
constexpr int kFormat = 1;
constexpr int kMostNarrow = 1 << 16;  // entries of a vocabulary whose ids take two bytes

bool is_wide(const Vocabulary& vocabulary) { return vocabulary.size() > kMostNarrow; }

TextPieces read(const std::vector<std::string>& paths, TokenKind kind) {
  TextPiecesOptions options;
  options.bytes = kind == TokenKind::bytes;
  options.lines_only = kind == TokenKind::words || kind == TokenKind::subwords;
  return TextPieces(paths, options);
}

Vocabulary count(const std::vector<std::string>& paths, const VocabularyOptions& options) {
  VocabularyBuilder builder(options);
  if (options.kind == TokenKind::bytes) return Vocabulary();
  if (std::count(paths.begin(), paths.end(), "-") > 0)
    throw SpecError(
        "a text is read twice, once to count its tokens, so it cannot come from standard input; give a file");
  TextPieces pieces = read(paths, options.kind);
  for (std::string piece; pieces.next(piece);) builder.add(piece);
  return builder.build();
}

/// What stands in front of the ids. Its size depends on the numbers, so room for the largest is kept and
/// filled with spaces.
std::string header_of(const PrepareReport& r, std::uint64_t hash, std::size_t least) {
  const Json about = {{"format", kFormat},          {"vocabulary", r.vocabulary.kind_name()},
                      {"tokens", r.tokens},         {"bytes", r.bytes},
                      {"characters", r.characters}, {"hash", fmt::format("{:016x}", hash)}};
  const Tensor offsets = offsets_tensor(r.vocabulary);
  std::vector<safetensors::Plan> plans = {
      {offsets.name, offsets.type, offsets.shape},
      {kIds, is_wide(r.vocabulary) ? Tensor::Type::kI32 : Tensor::Type::kU16, {r.tokens}}};
  for (const Tensor& t : byte_tensors(r.vocabulary)) plans.push_back({t.name, t.type, t.shape});
  return safetensors::format_header({{kKey, about.dump()}}, plans, least);
}

std::string stored(const std::vector<std::int32_t>& ids, bool wide) {  // little-endian, as safetensors.cpp
  const std::size_t size = wide ? 4 : 2;
  std::string bytes(ids.size() * size, '\0');
  for (std::size_t i = 0; i < ids.size(); ++i) std::memcpy(bytes.data() + i * size, &ids[i], size);
  return bytes;
}

PreparedText open(const SafetensorsView& view, const std::string& path) {
  const auto fail = [&](const std::string& what) { throw FormatError(fmt::format("{}: {}", path, what)); };
  const auto about = view.metadata.find(kKey);
  if (about == view.metadata.end()) {
    fail(view.metadata.count("cellwright") > 0
             ? "this is a model, not a text"
             : fmt::format("not a prepared text: its metadata lacks the key '{}'; make one with 'cellwright "
                           "prepare text'",
                           kKey));
  }
  // The form is flat; a deep one is refused before the parser follows it down.
  if (std::count(about->second.begin(), about->second.end(), '{') > 1 ||
      about->second.find('[') != std::string::npos)
    fail(fmt::format("the metadata '{}' is not of this form", kKey));
  const Json json = Json::parse(about->second, nullptr, false);
  if (!json.is_object()) fail(fmt::format("the metadata '{}' is not a JSON object", kKey));
  if (json.at("format").get<int>() > kFormat)
    fail(fmt::format("written by a newer cellwright (format {}); update this one",
                     json.at("format").get<int>()));
  SafetensorsFile vocabulary;
  for (const char* name : {kVocabularyOffsets, kVocabularyBytes, kVocabularyModel}) {
    if (view.find(name) != nullptr) vocabulary.tensors.push_back(view.copy(name));
  }
  PreparedText text;
  text.vocabulary = vocabulary_from(json.at("vocabulary").get<std::string>(), vocabulary, path);
  const TensorView& ids = view.at(kIds);
  const bool wide = ids.type == Tensor::Type::kI32;
  if ((!wide && ids.type != Tensor::Type::kU16) || ids.shape.size() != 1)
    fail(fmt::format("the tensor '{}' is {} in {} dimensions, expected U16 or I32 in one", kIds,
                     name_of(ids.type), ids.shape.size()));
  const auto count = static_cast<std::size_t>(ids.shape[0]);
  if (json.at("tokens").get<std::uint64_t>() != count)
    fail(fmt::format("the metadata says {} tokens, the tensor '{}' holds {}",
                     json.at("tokens").get<std::uint64_t>(), kIds, count));
  text.bytes = json.at("bytes").get<std::int64_t>();
  text.characters = json.at("characters").get<std::int64_t>();
  const std::string hash = json.at("hash").get<std::string>();
  if (hash.size() != 16 || hash.find_first_not_of("0123456789abcdef") != std::string::npos ||
      text.bytes < 0 || text.characters < 0)
    fail(fmt::format("the metadata '{}' is damaged", kKey));
  MappedTokens tokens;
  tokens.file = view.file;
  tokens.ids = ids.bytes.data();
  tokens.count = count;
  tokens.wide = wide;
  tokens.limit = text.vocabulary.size();
  tokens.hash = std::stoull(hash, nullptr, 16);
  text.tokens = TokenView(std::move(tokens));
  return text;
}

}  // namespace

bool is_prepared_text(const std::string& path) { return looks_like_safetensors(path); }

bool is_model_file(const std::string& path) {
  return view_safetensors(path).metadata.count("cellwright") > 0;
}

PreparedText open_prepared_text(const std::string& path) {
  const SafetensorsView view = view_safetensors(path);
  try {
    return open(view, path);
  } catch (const nlohmann::json::exception& e) {
    throw FormatError(fmt::format("{}: metadata '{}': {}", path, kKey, e.what()));
  } catch (const FormatError& e) {
    const std::string what = e.what();
    throw FormatError(what.compare(0, path.size(), path) == 0 ? what : fmt::format("{}: {}", path, what));
  }
}

PrepareReport prepare_text(const std::vector<std::string>& paths, const std::string& out,
                           const PrepareOptions& options) {
  PrepareReport report;
  report.vocabulary = options.known ? *options.known : count(paths, options.vocabulary);
  const Vocabulary& vocabulary = report.vocabulary;
  const bool wide = is_wide(vocabulary);

  PrepareReport largest;
  largest.vocabulary = vocabulary;
  largest.tokens = largest.bytes = largest.characters = std::numeric_limits<std::int64_t>::max() / 8;
  const std::size_t room = header_of(largest, 0, 0).size();

  AtomicFile file(out);
  file.write(std::string(room, ' '));
  file.write(offsets_tensor(vocabulary).bytes);
  TokenHash hash;
  TextPieces pieces = read(paths, vocabulary.kind());
  for (std::string piece; pieces.next(piece);) {
    std::int64_t skipped = 0;
    const std::vector<std::int32_t> ids = vocabulary.encode(piece, Unseen::skip, &skipped);
    report.skipped += skipped;
    if (skipped > 0 && !options.skip_unknown) vocabulary.encode(piece, Unseen::error);  // says which
    hash.add(ids.data(), ids.size());
    file.write(stored(ids, wide));
    report.tokens += static_cast<std::int64_t>(ids.size());
    report.bytes += static_cast<std::int64_t>(piece.size());
    report.characters += std::count_if(piece.begin(), piece.end(),
                                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
    if (vocabulary.unknown()) report.unknown += std::count(ids.begin(), ids.end(), *vocabulary.unknown());
  }
  for (const Tensor& tensor : byte_tensors(vocabulary)) file.write(tensor.bytes);
  file.write_at(0, header_of(report, hash.value(), room));
  file.commit();
  return report;
}

}  // namespace cellwright
