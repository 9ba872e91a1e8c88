// prepare.cpp: `cellwright prepare text`: a text tokenised once, to be trained on and measured in place.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "cellwright/error.h"
#include "command.h"
#include "corpus.h"
#include "numbers.h"
#include "table.h"
#include "token_options.h"
#include "train/checkpoint.h"
#include "train/prepared_text.h"

namespace cellwright::app {
namespace {

namespace fs = std::filesystem;

struct Request {
  TextRequest text;
  std::string out, like;
  bool force = false, skip_unknown = false;
};

/// The vocabulary of a model or of a prepared text.
Vocabulary vocabulary_of(const std::string& path) {
  return is_model_file(path) ? load_model(path).vocabulary : open_prepared_text(path).vocabulary;
}

int prepare(const Request& r) {
  const TextRequest defaults;
  const TextRequest& t = r.text;
  std::error_code ignored;
  for (const std::string& book : t.books) {
    if (fs::equivalent(book, r.out, ignored))
      throw SpecError(fmt::format("--out {} is the book itself; give another name", r.out));
    if (is_prepared_text(book)) throw SpecError(fmt::format("{} is prepared already", book));
  }
  if (fs::exists(r.out, ignored) && !r.force)
    throw SpecError(fmt::format("'{}' exists; replace it by --force, or give another --out", r.out));
  PrepareOptions options;
  options.vocabulary = vocabulary_options(t);
  options.skip_unknown = r.skip_unknown;
  Vocabulary known;
  if (!r.like.empty()) {
    if (t.words || t.ptb || t.bytes || t.characters || t.subwords != 0 || t.unknown ||
        t.min_count != defaults.min_count || t.vocabulary != defaults.vocabulary)
      throw SpecError("--like says what the tokens are; leave the other options for tokens out");
    known = vocabulary_of(r.like);
    options.known = &known;
  } else if (r.skip_unknown) {
    throw SpecError(
        "--skip-unknown is for --like; a vocabulary that is made of the text itself knows all of it");
  }
  const PrepareReport report = prepare_text(t.books, r.out, options);
  Table table("ll");
  table.row(
      {"text", fmt::format("{} bytes, {} characters", grouped(report.bytes), grouped(report.characters))});
  table.row({"tokens", fmt::format("{} {}, {} different", grouped(report.tokens),
                                   report.vocabulary.kind_name(), grouped(report.vocabulary.size()))});
  if (report.unknown > 0)
    table.row({"unknown", fmt::format("{} of the tokens are <unk>", grouped(report.unknown))});
  if (report.skipped > 0)
    table.row(
        {"left out", fmt::format("{} characters that '{}' does not know", grouped(report.skipped), r.like)});
  table.row({"saved in", r.out});
  fmt::print("{}", table.text());
  return 0;
}

}  // namespace

void add_prepare_command(CLI::App& root, Command& chosen) {
  CLI::App* group = root.add_subcommand("prepare", "Tokenise a text once, to train on it in place");
  group->require_subcommand(1);
  group->footer("Examples:\n  cellwright prepare text huge.txt --out huge.tokens --words --vocabulary 50000");
  CLI::App* app = group->add_subcommand("text", "A text of any size, larger than memory too");
  auto r = std::make_shared<Request>();
  app->add_option("books", r->text.books, "Text, UTF-8, also gzip")->required()->type_name("FILE");
  app->add_option("--out", r->out, "The file to write")->required()->type_name("FILE");
  app->add_option("--like", r->like, "Use the tokens of this model or prepared text")->type_name("FILE");
  app->add_flag("--force", r->force, "Replace --out if it exists");
  app->add_flag("--skip-unknown", r->skip_unknown, "Leave characters out that --like does not know");
  add_token_options(app, r->text, "Tokens");
  app->footer(
      "The file is a safetensors file with the vocabulary and the tokens' numbers; training and eval read it "
      "in place.\n\n"
      "Examples:\n  cellwright prepare text wiki.txt.gz --out wiki.tokens --subwords 8000\n"
      "  cellwright prepare text wiki.valid.txt --out wiki.valid.tokens --like wiki.tokens\n"
      "  cellwright train text wiki.tokens --valid wiki.valid.tokens --out wiki.safetensors");
  app->callback([&chosen, r] { chosen.run = [r] { return prepare(*r); }; });
}

}  // namespace cellwright::app
