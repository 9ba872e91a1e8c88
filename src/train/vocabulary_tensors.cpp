// vocabulary_tensors.cpp: see vocabulary_tensors.h.
#include "train/vocabulary_tensors.h"

namespace cellwright {

Tensor offsets_tensor(const Vocabulary& vocabulary) {
  const std::vector<std::int64_t> offsets = vocabulary.offsets();
  return Tensor::of(kVocabularyOffsets, {static_cast<std::int64_t>(offsets.size())}, offsets);
}

std::vector<Tensor> byte_tensors(const Vocabulary& vocabulary) {
  const std::vector<std::uint8_t> bytes = vocabulary.bytes();
  std::vector<Tensor> tensors = {Tensor::of_bytes(kVocabularyBytes, std::string(bytes.begin(), bytes.end()))};
  if (!vocabulary.subword_model().empty())
    tensors.push_back(Tensor::of_bytes(kVocabularyModel, vocabulary.subword_model()));
  return tensors;
}

Vocabulary vocabulary_from(const std::string& kind, const SafetensorsFile& file, const std::string& path) {
  std::string model;
  if (const Tensor* tensor = file.find(kVocabularyModel)) {
    const std::vector<std::uint8_t> bytes = tensor->values<std::uint8_t>();
    model.assign(bytes.begin(), bytes.end());
  }
  return Vocabulary(kind, file.at(kVocabularyBytes, path).values<std::uint8_t>(),
                    file.at(kVocabularyOffsets, path).values<std::int64_t>(), std::move(model));
}

}  // namespace cellwright
