// vocabulary_tensors.h: a vocabulary as tensors of a safetensors file, the same in model files and prepared
// texts: "vocabulary.offsets" (I64), "vocabulary.bytes" (U8), and for subwords "vocabulary.model" (U8,
// SentencePiece's own). The kind is in the file's metadata.
#pragma once

#include <string>
#include <vector>

#include "data/vocabulary.h"
#include "interop/safetensors.h"

namespace cellwright {

inline constexpr const char* kVocabularyOffsets = "vocabulary.offsets";
inline constexpr const char* kVocabularyBytes = "vocabulary.bytes";
inline constexpr const char* kVocabularyModel = "vocabulary.model";

Tensor offsets_tensor(const Vocabulary& vocabulary);

/// The others, whose bytes may be of any number: at a file's end, so that all before them stays aligned.
std::vector<Tensor> byte_tensors(const Vocabulary& vocabulary);

/// FormatError for what is missing or damaged; `path` is for messages.
Vocabulary vocabulary_from(const std::string& kind, const SafetensorsFile& file, const std::string& path);

}  // namespace cellwright
