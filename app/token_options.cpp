#include "token_options.h"

#include <CLI/CLI.hpp>

#include "choice.h"

namespace cellwright::app {

void add_token_options(CLI::App* app, TextRequest& r, const std::string& group) {
  app->add_flag("--chars", r.characters, "Tokens are characters (default)")->group(group);
  app->add_flag("--words", r.words, "Tokens are words, with an end at each line")->group(group);
  app->add_flag("--ptb", r.ptb, "Words ready-made, with <unk> written out")->group(group);
  app->add_flag("--bytes", r.bytes, "Tokens are bytes; takes any file")->group(group);
  app->add_option("--subwords", r.subwords, "Tokens are pieces of words, so many, learned by SentencePiece")
      ->type_name("N")
      ->group(group);
  choice(app->add_option("--subword-model", r.subword_model, "How they are learned"), {"unigram", "bpe"})
      ->capture_default_str()
      ->group(group);
  app->add_flag("--unknown", r.unknown, "Keep a place for characters that the books lack")->group(group);
  app->add_option("--min-count", r.min_count, "Rarer characters or words become <unk>")
      ->type_name("N")
      ->capture_default_str()
      ->group(group);
  app->add_option("--vocabulary", r.vocabulary, "Most tokens to tell apart, 0 for all")
      ->type_name("N")
      ->capture_default_str()
      ->group(group);
}

}  // namespace cellwright::app
