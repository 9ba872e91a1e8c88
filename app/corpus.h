// corpus.h: from files to what a training reads: tokens, cut into streams.
#pragma once

#include <optional>
#include <string>

#include "data/split.h"
#include "data/streams.h"
#include "data/vocabulary.h"
#include "train/trainer.h"
#include "train_request.h"

namespace cellwright::app {

struct Corpus {
  Vocabulary vocabulary;
  std::optional<Streams> train, valid, test;  ///< with char-rnn's split all parts are windows of `train`
  WindowRange train_range, valid_range, test_range;
  bool shared = false;  ///< char-rnn's split

  TrainingData data() const;
  const Streams* test_streams() const { return shared ? &*train : test ? &*test : nullptr; }
  std::int64_t train_tokens() const { return train->predictions(train_range); }
  std::int64_t valid_tokens() const;
  std::int64_t test_tokens() const;
};

/// With `known` (of a resumed model) the text is cut into its tokens, else a vocabulary is made of the
/// training text; of all the books where parts of them are for validation, so that these hold nothing unseen.
/// Prepared texts (train/prepared_text.h) are read in place, as the one book or as a text to validate or test
/// on. IoError, FormatError, SpecError.
Corpus read_corpus(const TextRequest& request, const TrainOptions& options, const Vocabulary* known);

/// What the options for tokens ask for. SpecError where they exclude each other.
VocabularyOptions vocabulary_options(const TextRequest& request);

/// "characters", "words", "bytes", "subwords".
std::string token_word(const Vocabulary& vocabulary);

}  // namespace cellwright::app
