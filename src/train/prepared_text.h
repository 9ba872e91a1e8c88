// prepared_text.h: a text that was tokenised once, as a safetensors file that is read in place, however large
// it is.
//
// Start at open_prepared_text. The file: metadata "cellwright.tokens", JSON with "format" (1), "vocabulary"
// (its kind), "tokens", "bytes" and "characters" (of the text: UTF-8 bytes and code points, for figures per
// byte and per character), "hash" (TokenHash of the ids, 16 hexadecimal digits); tensors
// "vocabulary.offsets", "ids" (U16 for vocabularies of up to 65,536 entries, else I32; one dimension),
// "vocabulary.bytes" and for subwords "vocabulary.model". It depends on the text and the options alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/token_view.h"
#include "data/vocabulary.h"

namespace cellwright {

struct PreparedText {
  Vocabulary vocabulary;
  TokenView tokens;  ///< in the mapped file
  std::int64_t bytes = 0, characters = 0;
};

/// Whether open_prepared_text() is the reader for this file: it begins as safetensors do (a text cannot).
/// Such a file that is something else, a model say, is told by open_prepared_text().
bool is_prepared_text(const std::string& path);

/// Whether it is a model file instead. IoError, FormatError where it is no safetensors file.
bool is_model_file(const std::string& path);

/// Reads header and vocabulary; ids are seen, and checked, when they are used. IoError; FormatError naming
/// the file.
PreparedText open_prepared_text(const std::string& path);

struct PrepareOptions {
  VocabularyOptions vocabulary;
  const Vocabulary* known =
      nullptr;  ///< tokens of this one instead of counting the text; the options above are not looked at then
  bool skip_unknown = false;  ///< leave characters out that `known` lacks
};

struct PrepareReport {
  Vocabulary vocabulary;
  std::int64_t tokens = 0, bytes = 0, characters = 0;
  std::int64_t unknown = 0;  ///< tokens that are <unk>
  std::int64_t skipped = 0;  ///< characters left out
};

/// Tokenises texts (plain, gzip, "-") into the file `out`, joined as `cat` would; in memory there is the
/// vocabulary and a few megabytes of text. The text is read twice where its vocabulary must be counted first,
/// so not from standard input then (SpecError). Written beside `out` and renamed at the end. IoError,
/// FormatError, SpecError as TextPieces and VocabularyBuilder.
PrepareReport prepare_text(const std::vector<std::string>& paths, const std::string& out,
                           const PrepareOptions& options);

}  // namespace cellwright
