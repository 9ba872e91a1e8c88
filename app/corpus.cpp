#include "corpus.h"

#include <fmt/format.h>

#include <algorithm>

#include "cellwright/error.h"
#include "data/text_source.h"
#include "numbers.h"
#include "train/prepared_text.h"

namespace cellwright::app {
namespace {

bool asks_for_tokens(const TextRequest& r) {
  return r.words || r.ptb || r.bytes || r.characters || r.subwords != 0;
}

/// "the model to resume" reads `vocabulary`; so must `text`, a prepared one.
void check_prepared(const PreparedText& text, const Vocabulary& vocabulary, const std::string& path,
                    const std::string& other) {
  if (text.vocabulary == vocabulary) return;
  throw SpecError(
      fmt::format("{}: prepared with {} {}, other ones than the {} {} of {}; prepare it with --like {}", path,
                  grouped(text.vocabulary.size()), text.vocabulary.kind_name(), grouped(vocabulary.size()),
                  vocabulary.kind_name(), other, other));
}

TokenView tokens_of_file(const std::string& path, const Vocabulary& vocabulary, const TextOptions& options,
                         const std::string& other) {
  if (is_prepared_text(path)) {
    PreparedText prepared = open_prepared_text(path);
    check_prepared(prepared, vocabulary, path, other);
    return prepared.tokens;
  }
  const std::string text = read_text(path, options);
  try {
    return vocabulary.encode(text);
  } catch (const FormatError& error) {
    throw FormatError(fmt::format("{}: {}", path, error.what()));
  }
}

/// Whether the files hold characters that the books lack; these have to be something then, <unk>.
bool lacks_any(const Vocabulary& vocabulary, const std::vector<std::string>& files,
               const TextOptions& options) {
  std::int64_t skipped = 0;
  for (const std::string& file : files) {
    if (!file.empty() && file != "-" && !vocabulary.unknown() && !is_prepared_text(file))
      vocabulary.encode(read_text(file, options), Unseen::skip, &skipped);
  }
  return skipped > 0;
}

/// As many lanes as training has, or fewer where the text is short. A lane starts without context, so few are
/// more exact.
Streams for_measuring(TokenView tokens, int batch, const std::string& what) {
  if (tokens.size() < 2)
    throw SpecError(fmt::format("{} has {} token{}; it needs at least 2", what, tokens.size(),
                                tokens.size() == 1 ? "" : "s"));
  const auto lanes =
      static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(batch), tokens.size() - 1));
  return Streams::covering(std::move(tokens), lanes, 100);
}

}  // namespace

TrainingData Corpus::data() const {
  TrainingData data;
  data.train = &*train;
  data.train_range = train_range;
  data.valid = shared ? &*train : valid ? &*valid : nullptr;
  data.valid_range = valid_range;
  return data;
}

std::int64_t Corpus::valid_tokens() const {
  return shared ? train->predictions(valid_range) : valid ? valid->predictions(valid_range) : 0;
}
std::int64_t Corpus::test_tokens() const {
  return shared ? train->predictions(test_range) : test ? test->predictions(test_range) : 0;
}

VocabularyOptions vocabulary_options(const TextRequest& r) {
  if (static_cast<int>(r.words || r.ptb) + static_cast<int>(r.bytes) + static_cast<int>(r.characters) +
          static_cast<int>(r.subwords != 0) >
      1) {
    throw SpecError("--words, --ptb, --bytes, --chars and --subwords exclude each other; give one");
  }
  if (r.subwords != 0 && (r.min_count != 1 || r.vocabulary != 0 || r.unknown))
    throw SpecError(
        "--subwords says how many tokens there are; leave --vocabulary, --min-count and --unknown out");
  VocabularyOptions options;
  options.kind = r.words || r.ptb  ? TokenKind::words
                 : r.bytes         ? TokenKind::bytes
                 : r.subwords != 0 ? TokenKind::subwords
                                   : TokenKind::characters;
  options.min_count = r.min_count;
  options.max_entries = r.vocabulary;
  options.unknown = r.unknown;
  options.subwords = r.subwords;
  options.subword_model = r.subword_model;
  return options;
}

std::string token_word(const Vocabulary& vocabulary) { return vocabulary.kind_name(); }

Corpus read_corpus(const TextRequest& request, const TrainOptions& options, const Vocabulary* known) {
  if (request.books.empty()) throw SpecError("there is no text to train on; give a file");
  const std::string name =
      request.books.size() == 1 ? request.books[0] : fmt::format("the {} books", request.books.size());
  const bool prepared = std::any_of(request.books.begin(), request.books.end(), is_prepared_text);
  Corpus corpus;
  TokenSplit split;
  TextOptions reading;
  if (prepared) {
    if (request.books.size() > 1)
      throw SpecError("a prepared text is trained on alone; prepare all the books into one file");
    PreparedText text = open_prepared_text(request.books[0]);
    if ((asks_for_tokens(request) && vocabulary_options(request).kind != text.vocabulary.kind()) ||
        request.min_count != 1 || request.vocabulary != 0 || request.unknown || request.subwords != 0) {
      throw SpecError(
          fmt::format("{} is prepared: its {} {} are given; leave options for tokens out, or prepare it anew",
                      name, grouped(text.vocabulary.size()), text.vocabulary.kind_name()));
    }
    if (known) check_prepared(text, *known, name, "the model to resume");
    corpus.vocabulary = std::move(text.vocabulary);
    split.train = std::move(text.tokens);
    reading.bytes = corpus.vocabulary.kind() == TokenKind::bytes;
  } else {
    const TokenKind kind = known ? known->kind() : vocabulary_options(request).kind;
    if (known && asks_for_tokens(request) && vocabulary_options(request).kind != kind) {
      throw SpecError(fmt::format("the model to resume reads {}; leave the option for other tokens out",
                                  known->kind_name()));
    }
    reading.bytes = kind == TokenKind::bytes;
    const std::string text = read_text(request.books, reading);
    if (known) {
      corpus.vocabulary = *known;
    } else {
      VocabularyOptions wanted = vocabulary_options(request);
      corpus.vocabulary = Vocabulary::build(text, wanted);
      if (kind == TokenKind::characters &&
          lacks_any(corpus.vocabulary, {request.valid, request.test}, reading)) {
        wanted.unknown = true;
        corpus.vocabulary = Vocabulary::build(text, wanted);
      }
    }
    split.train = corpus.vocabulary.encode(text);
  }
  if (corpus.vocabulary.size() < 2) {
    throw SpecError(
        request.min_count > 1
            ? fmt::format("{}: --min-count {} leaves nothing but <unk>; give less", name, request.min_count)
            : fmt::format("{}: the text holds one kind of token alone; there is nothing to learn", name));
  }
  const double valid_fraction = request.valid_fraction.value_or(request.valid.empty() ? 0.05 : 0.0);
  const double test_fraction = request.test_fraction.value_or(0.0);
  const auto check_part = [](const char* option, double part) {
    if (!(part >= 0 && part < 1))
      throw SpecError(fmt::format("{} must be a fraction, at least 0 and below 1, found {:g}", option, part));
  };
  check_part("--valid-fraction", valid_fraction);
  check_part("--test-fraction", test_fraction);
  if (!request.valid.empty() && valid_fraction > 0)
    throw SpecError("--valid and --valid-fraction exclude each other; give one");
  if (!request.test.empty() && test_fraction > 0)
    throw SpecError("--test and --test-fraction exclude each other; give one");
  try {
    if (request.split == "char-rnn") {
      corpus.shared = true;
      if (!request.valid.empty() || !request.test.empty())
        throw SpecError("--split char-rnn cuts the books; leave --valid and --test out");
      corpus.train.emplace(Streams::char_rnn(std::move(split.train), options.batch, options.k1()));
      const WindowSplit windows =
          split_windows(corpus.train->windows(), 1 - valid_fraction - test_fraction, valid_fraction);
      corpus.train_range = windows.train;
      corpus.valid_range = windows.valid;
      corpus.test_range = windows.test;
      return corpus;
    }
    if (valid_fraction > 0 || test_fraction > 0)
      split = split_tokens(split.train, valid_fraction, test_fraction);
    corpus.train.emplace(std::move(split.train), options.batch, options.k1());
  } catch (const SpecError& error) {
    throw SpecError(fmt::format("{}: {}", name, error.what()));
  }
  corpus.train_range = corpus.train->all();
  if (!request.valid.empty()) split.valid = tokens_of_file(request.valid, corpus.vocabulary, reading, name);
  if (!request.test.empty()) split.test = tokens_of_file(request.test, corpus.vocabulary, reading, name);
  if (!split.valid.empty()) {
    corpus.valid.emplace(for_measuring(std::move(split.valid), options.batch,
                                       request.valid.empty() ? "the validation part" : request.valid));
    corpus.valid_range = corpus.valid->all();
  }
  if (!split.test.empty()) {
    corpus.test.emplace(for_measuring(std::move(split.test), options.batch,
                                      request.test.empty() ? "the test part" : request.test));
    corpus.test_range = corpus.test->all();
  }
  return corpus;
}

}  // namespace cellwright::app
