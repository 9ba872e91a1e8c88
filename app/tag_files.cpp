// tag_files.cpp: see tag_files.h.
#include "tag_files.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "cellwright/error.h"
#include "numbers.h"
#include "sequence_training.h"

namespace cellwright::app {
namespace {

std::string count_of(const TaggedData& data, const char* what) {
  std::int64_t steps = 0;
  for (const TaggedSequence& s : data.items) steps += s.steps;
  return fmt::format("{} sequences, {} steps to {}", grouped(static_cast<std::int64_t>(data.items.size())),
                     grouped(steps), what);
}

}  // namespace

TagData read_tag_data(const TagFiles& r, std::uint64_t seed) {
  // CoNLL-U says in which columns words and their parts of speech stand.
  const std::filesystem::path path(r.data);
  const bool conllu = (path.extension() == ".gz" ? path.stem() : path).extension() == ".conllu";
  TagReading how = r.how;
  how.word = r.word.value_or(conllu ? 2 : 1);
  how.tag = r.tag.value_or(conllu ? 4 : -1);
  check(how);
  if (r.least < 1) throw SpecError(fmt::format("--min-count must be 1 or more, found {}", r.least));
  TaggedData train = read_tagged(r.data, how, true), valid, test;
  valid.width = test.width = train.width;
  if (!r.test.empty()) {
    test = read_tagged(r.test, how, true);
  } else if (r.test_fraction) {
    test.items = take_part(train.items, *r.test_fraction, seed, "--test-fraction");
  }
  const double fraction = r.valid_fraction.value_or(0.1);
  if (!r.valid.empty()) {
    if (r.valid_fraction) throw SpecError("--valid and --valid-fraction exclude each other");
    valid = read_tagged(r.valid, how, true);
  } else {
    valid.items = take_part(train.items, fraction, seed, "--valid-fraction");
  }
  TagData data;
  data.task.how = how;
  data.task.labels = labels_of(train);
  data.task.words = train.width > 0 ? Names() : words_of(train, r.least);
  data.task.width = train.width;
  data.task.scaling = scaling_of(train);
  const int labels = data.task.labels.size();
  if (labels < 2)
    throw SpecError(fmt::format("'{}': {} label{}; at least two are needed to tell apart", r.data, labels,
                                labels == 1 ? "" : "s"));
  const auto set = [&](const TaggedData& part) {
    return part.items.empty() ? SequenceSet()
                              : to_sequences(part, data.task.words, data.task.labels, !how.ctc, train.width,
                                             data.task.scaling);
  };
  data.train = set(train);
  data.valid = set(valid);
  data.test = set(test);
  data.description = count_of(train, "train on");
  if (!valid.items.empty()) data.description += ", " + count_of(valid, "validate");
  if (!test.items.empty()) data.description += ", " + count_of(test, "test");
  data.description += fmt::format("; {} labels", labels);
  if (train.width == 0) data.description += fmt::format(", {} words", grouped(data.task.words.size()));
  return data;
}

void put_tags(const TagTask& task, int embedding, double embedding_dropout, SequenceSpec& spec) {
  spec.inputs = task.width;
  if (task.width == 0) {
    spec.symbols = task.words.size();
    spec.embedding = embedding;
    spec.embedding_dropout = embedding_dropout;
  }
  spec.loss.kind = task.how.ctc ? "ctc" : "softmax";
  spec.loss.outputs = task.labels.size();
}

void add_tag_options(CLI::App* app, TagFiles& files) {
  app->add_option("data", files.data, "Columns of words and tags, or JSON lines (.jsonl)")
      ->required()
      ->type_name("FILE");
  add_part_options(app, files, "the sequences");
  const auto data = [&](const std::string& name, auto& field, const std::string& text, const char* type) {
    return app->add_option(name, field, text)->type_name(type)->group("Data");
  };
  data("--word", files.word, "Column of the word, from 1; from the end if negative (1; .conllu: 2)", "N");
  data("--tag", files.tag, "Column of the tag, likewise (-1; .conllu: 4)", "N");
  data("--min-count", files.least, "Rarer words are <unk>", "N")->capture_default_str();
  app->add_flag("--ctc", files.how.ctc, "Labels are not aligned with steps: the loss is CTC")->group("Data");
}

}  // namespace cellwright::app
