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
#include "tag_files.h"
#include "train/confusion.h"
#include "training_options.h"

namespace cellwright::app {
namespace {

struct TagRequest : RunRequest {
  TagFiles files;
  std::optional<int> embedding;
  std::optional<double> embedding_dropout;
  bool forward = false;
};

struct Options {
  TagRequest request;
  Given given;
};

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
  TrainOptions defaults = default_options(r);
  defaults.epochs = 30;
  defaults.batch = 32;
  defaults.steps = 0;
  defaults.patience = 5;
  if (!r.train.optimizer) defaults.learning_rate = 2e-3;
  SequenceStart start = start_sequences(r, "tag", {r.files.data},
                                        {".gz", ".conll", ".conllu", ".txt", ".tsv", ".jsonl"}, defaults);
  TagData data = read_tag_data(r.files, start.options.seed);
  const TagTask& task = data.task;
  if (task.width > 0 && (r.embedding || r.embedding_dropout))
    throw SpecError(fmt::format(
        "'{}': its steps are numbers; --embedding and --embedding-dropout are for words", r.files.data));
  SequenceJob job;
  job.spec = make_sequence_spec(r.model);
  for (LayerSpec& layer : job.spec.layers)
    layer.direction = r.forward ? LayerSpec::Direction::forward : LayerSpec::Direction::both;
  put_tags(task, r.embedding.value_or(64), r.embedding_dropout.value_or(0), job.spec);
  job.task = to_json(task);
  job.train = std::move(data.train);
  job.valid = std::move(data.valid);
  job.test = std::move(data.test);
  job.loss_unit = r.files.how.ctc ? "nats a sequence" : "nats a step";
  job.data = data.description;
  job.words = {r.files.how.ctc ? "seq/s" : "steps/s", false};
  job.next = {"predict {} FILE", "info {}"};
  job.measure = [&](SequenceModel<float>& model) {
    nlohmann::ordered_json figures = nlohmann::ordered_json::object();
    const auto measure = [&](const SequenceSet& of, const std::string& what, bool last) {
      if (of.empty()) return;
      if (r.files.how.ctc) {
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
  add_tag_options(app, r.files);
  app->add_flag("--forward", r.forward, "Layers in one direction of time, for use as steps come in")
      ->group("Model");
  app->add_option("--embedding", r.embedding, "Width of the words' embedding, 0 for one-hot (64)")
      ->type_name("N")
      ->group("Model");
  app->add_option("--embedding-dropout", r.embedding_dropout,
                  "In training: chance that a word's embedding is dropped (0)")
      ->type_name("X")
      ->group("Model");
  TrainTask task;
  task.name = "tag";
  task.examples = kExamples;
  TrainingWords& words = task.words;
  words.epochs = "Times through the sequences (30)";
  words.batch = "Sequences side by side (32)";
  words.steps = words.stride = "";
  words.rate = "Learning rate (adam 0.002, rmsprop 0.002, others as for text)";
  words.patience = " (5)";
  finish_train_command(app, chosen, r, o->given, task, [o] { return train_tag(o->request); });
}

}  // namespace cellwright::app
