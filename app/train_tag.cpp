// train_tag.cpp: `cellwright train tag`: a label for each step of a sequence, or, with --ctc, labels of which
// nobody says at which step they belong. `predict` writes them (predict_tags.cpp).
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cellwright/error.h"
#include "command.h"
#include "model_request.h"
#include "numbers.h"
#include "sequence_training.h"
#include "tag_task.h"
#include "train/confusion.h"
#include "training_options.h"

namespace cellwright::app {
namespace {

struct TagRequest : RunRequest {
  std::string data, valid, test;
  std::optional<double> valid_fraction;
  std::optional<int> embedding;
  std::optional<double> embedding_dropout;
  int least = 2;
  bool forward = false;
  TagReading how;
};

struct Options {
  TagRequest request;
  Given given;
};

std::string count_of(const TaggedData& data, const char* what) {
  std::int64_t steps = 0;
  for (const TaggedSequence& s : data.items) steps += s.steps;
  return fmt::format("{} sequences, {} steps to {}", grouped(static_cast<std::int64_t>(data.items.size())),
                     grouped(steps), what);
}

/// Steps that are right, tag by tag.
Confusion tags_of(SequenceModel<float>& model, const SequenceSet& set, const std::vector<std::string>& labels,
                  int batch) {
  Confusion confusion(labels);
  const std::size_t n = labels.size();
  evaluate(model, set, batch, 0, nullptr, [&](const std::vector<int>&, int, const SequenceBatch& b) {
    for (std::size_t r = 0; r < b.counted.size(); ++r) {
      if (b.counted[r] == 0) continue;
      const float* row = model.outputs() + r * n;
      confusion.add(static_cast<int>(b.targets[r]), static_cast<int>(std::max_element(row, row + n) - row));
    }
  });
  return confusion;
}

/// Insertions, deletions and substitutions for each label that should be said.
double label_error_rate(SequenceModel<float>& model, const SequenceSet& set, int labels, int batch) {
  std::int64_t errors = 0, all = 0;
  evaluate(model, set, batch, 0, nullptr, [&](const std::vector<int>& lanes, int, const SequenceBatch&) {
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      const Sequence& s = set.sequences[static_cast<std::size_t>(lanes[i])];
      const auto n = static_cast<std::size_t>(labels) + 1;
      errors +=
          edit_distance(best_labels(model.outputs() + i * n, s.steps, lanes.size() * n, labels), s.labels);
      all += static_cast<std::int64_t>(s.labels.size());
    }
  });
  return all > 0 ? static_cast<double>(errors) / static_cast<double>(all) : 0;
}

int train_tag(TagRequest& r) {
  check(r.how);
  if (r.least < 1) throw SpecError(fmt::format("--min-count must be 1 or more, found {}", r.least));
  TrainOptions defaults = default_options(r);
  defaults.epochs = 30;
  defaults.batch = 32;
  defaults.steps = 0;
  defaults.patience = 5;
  if (!r.train.optimizer) defaults.learning_rate = 2e-3;
  SequenceStart start =
      start_sequences(r, "tag", {r.data}, {".gz", ".conll", ".conllu", ".txt", ".tsv", ".jsonl"}, defaults);
  TaggedData train = read_tagged(r.data, r.how, true), valid, test;
  if (!r.test.empty()) test = read_tagged(r.test, r.how, true);
  const double fraction = r.valid_fraction.value_or(0.1);
  if (!r.valid.empty()) {
    if (r.valid_fraction) throw SpecError("--valid and --valid-fraction exclude each other");
    valid = read_tagged(r.valid, r.how, true);
  } else {
    valid.width = train.width;
    valid.items = take_part(train.items, fraction, start.options.seed, "--valid-fraction");
  }
  TagTask task;
  task.how = r.how;
  task.labels = labels_of(train);
  task.words = train.width > 0 ? Names() : words_of(train, r.least);
  task.width = train.width;
  if (task.labels.size() < 2)
    throw SpecError(fmt::format("'{}': {} label{}; at least two are needed to tell apart", r.data,
                                task.labels.size(), task.labels.size() == 1 ? "" : "s"));
  SequenceJob job;
  job.spec = make_sequence_spec(r.model);
  for (LayerSpec& layer : job.spec.layers)
    layer.direction = r.forward ? LayerSpec::Direction::forward : LayerSpec::Direction::both;
  job.spec.inputs = train.width;
  if (train.width == 0) {
    job.spec.symbols = task.words.size();
    job.spec.embedding = r.embedding.value_or(64);
    job.spec.embedding_dropout = r.embedding_dropout.value_or(0);
  }
  job.spec.loss.kind = r.how.ctc ? "ctc" : "softmax";
  job.spec.loss.outputs = task.labels.size();
  job.task = to_json(task);
  const auto set = [&](const TaggedData& data) {
    return data.items.empty() ? SequenceSet()
                              : to_sequences(data, task.words, task.labels, !r.how.ctc, train.width);
  };
  job.train = set(train);
  job.valid = set(valid);
  job.test = set(test);
  job.loss_unit = r.how.ctc ? "nats a sequence" : "nats a step";
  job.data = count_of(train, "train on");
  if (!valid.items.empty()) job.data += ", " + count_of(valid, "validate");
  if (!test.items.empty()) job.data += ", " + count_of(test, "test");
  job.data += fmt::format("; {} labels", task.labels.size());
  if (train.width == 0) job.data += fmt::format(", {} words", grouped(task.words.size()));
  job.words = {r.how.ctc ? "seq/s" : "steps/s", false};
  job.next = {"predict {} FILE", "info {}"};
  job.measure = [&](SequenceModel<float>& model) {
    nlohmann::ordered_json figures = nlohmann::ordered_json::object();
    const auto measure = [&](const SequenceSet& of, const std::string& what, bool last) {
      if (of.empty()) return;
      if (r.how.ctc) {
        const double rate = label_error_rate(model, of, task.labels.size(), start.options.batch);
        fmt::print("{:10}  label error rate {:.2f} %\n", what, 100 * rate);
        figures[what + "_label_error_rate"] = rate;
        return;
      }
      const Confusion confusion = tags_of(model, of, task.labels.all(), start.options.batch);
      fmt::print("{:10}  {:.2f} % right: {} of {} steps\n", what, 100 * confusion.accuracy(),
                 grouped(confusion.right()), grouped(confusion.total()));
      figures[what + "_accuracy"] = confusion.accuracy();
      if (last) fmt::print("\n{}, label by label\n{}\n", what, confusion.text());
    };
    measure(job.valid, "validation", job.test.empty());
    measure(job.test, "test", true);
    return figures;
  };
  return train_sequences(r, start, job);
}

constexpr const char* kExamples =
    R"(Columns: a step a line, words first and tags last unless --word and --tag say otherwise, a blank line between sequences. JSON
lines: {"tokens": […], "tags": […]}, or numbers: {"steps": [[…], …], "tags": […]}.

Examples:
  cellwright train tag train.conll --test test.conll --out tags.safetensors
  cellwright train tag speech.jsonl --ctc --units 64 --layers 2
  cellwright predict tags.safetensors new.conll)";

}  // namespace

void add_train_tag_command(CLI::App& train, Command& chosen, const std::string& command) {
  CLI::App* app =
      train.add_subcommand("tag", "Train a model that labels each step, or says labels that are not aligned");
  auto o = std::make_shared<Options>();
  TagRequest& r = o->request;
  r.command = command;
  app->add_option("data", r.data, "Columns of words and tags, or JSON lines (.jsonl)")
      ->required()
      ->type_name("FILE");
  const auto data = [&](const std::string& name, auto& field, const std::string& text, const char* type) {
    return app->add_option(name, field, text)->type_name(type)->group("Data");
  };
  data("--valid", r.valid, "To validate on, as the data", "FILE");
  data("--test", r.test, "To test on at the end, as the data", "FILE");
  data("--valid-fraction", r.valid_fraction, "Part of the sequences to validate on (0.1 without --valid)",
       "X");
  data("--word", r.how.word, "Column of the word, from 1; from the end if negative", "N")
      ->capture_default_str();
  data("--tag", r.how.tag, "Column of the tag", "N")->capture_default_str();
  data("--min-count", r.least, "Rarer words are <unk>", "N")->capture_default_str();
  app->add_flag("--ctc", r.how.ctc, "Labels are not aligned with steps: the loss is CTC")->group("Data");
  app->add_flag("--forward", r.forward, "Layers in one direction of time, for use as steps come in")
      ->group("Model");
  app->add_option("--embedding", r.embedding, "Width of the words' embedding, 0 for one-hot (64)")
      ->type_name("N")
      ->group("Model");
  app->add_option("--embedding-dropout", r.embedding_dropout,
                  "In training: chance that a word's embedding is dropped (0)")
      ->type_name("X")
      ->group("Model");
  add_running_options(app, r, o->given, "tag");
  add_model_options(app, r.model, false);
  TrainingWords words;
  words.epochs = "Times through the sequences (30)";
  words.batch = "Sequences side by side (32)";
  words.steps = words.stride = "";
  words.rate = "Learning rate (adam 0.002, rmsprop 0.002, others as for text)";
  words.patience = " (5)";
  add_training_options(app, r, words);
  add_update_options(app, r.train);
  app->footer(kExamples);
  app->callback([&chosen, app, o] {
    chosen.run = [app, o] {
      take_given(*app, o->given, o->request);
      return train_tag(o->request);
    };
  });
}

}  // namespace cellwright::app
