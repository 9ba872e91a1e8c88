// compare_tag.cpp: `cellwright compare tag`: cells side by side as models that label each step.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cellwright/error.h"
#include "compare_study.h"
#include "study/sequence_task.h"
#include "tag_files.h"

namespace cellwright::app {
namespace {

struct Request : CompareRequest {
  TagFiles files;
  std::optional<int> embedding;
  bool forward = false;
};

int compare_tag(Request r) {
  check_request(r);
  TrainOptions training = default_options(r.run);
  training.epochs = 30;
  training.batch = 32;
  training.steps = 0;
  training.patience = 5;
  training = with_request(training, r.run, true);
  const study::CompareOptions options = study_options(r, training);
  if (r.files.test.empty() && !r.files.test_fraction) r.files.test_fraction = 0.1;
  const TagData data = read_tag_data(r.files, r.study.seed);
  if (data.task.width > 0 && r.embedding)
    throw SpecError(fmt::format("'{}': its steps are numbers; --embedding is for words", r.files.data));
  study::SequenceStudy tags;
  tags.name = "tag";
  tags.metric = r.files.how.ctc ? "nats a sequence" : "nats a step";
  if (!r.files.how.ctc) tags.errors = "% of steps wrong";
  tags.train = &data.train;
  tags.valid = &data.valid;
  tags.test = &data.test;
  put_tags(data.task, r.embedding.value_or(64), 0, tags.model);
  tags.layers = r.layers;
  tags.options = training;
  tags.updates = r.updates;
  tags.engine = r.run.engine;
  return run_study(r, study::SequenceTask(tags), options, in_directions(candidates_of(r), !r.forward));
}

}  // namespace

void add_compare_tag(CLI::App& compare, Command& chosen, const std::string& command) {
  CLI::App* app = compare.add_subcommand("tag", "Compare cells as models that label each step");
  auto r = std::make_shared<Request>();
  r->command = command;
  add_tag_options(app, r->files);
  app->add_flag("--forward", r->forward, "Layers in one direction of time, for use as steps come in");
  app->add_option("--embedding", r->embedding, "Width of the words' embedding, 0 for one-hot (64)")
      ->type_name("N");
  add_study_options(app, *r);
  add_study_training_options(
      app, *r,
      {"Times through the sequences (30)", "Sequences side by side (32)",
       "How far back gradients go, 0 for whole sequences (0)", "Largest norm of a gradient, 0 for none (5)",
       "Stop after so many validations without improvement, 0 for never (5)"});
  app->footer(
      "Rates are chosen by the validation loss; what is compared is how many steps of the test are labelled "
      "wrong, "
      "with\n--ctc the loss. Where no test is named, a tenth of the sequences is it.\n\n"
      "Examples:\n  cellwright compare tag train.conll --valid dev.conll --test test.conll --cells "
      "lstm,gru,my.cell");
  app->callback([&chosen, r] { chosen.run = [r] { return compare_tag(*r); }; });
}

}  // namespace cellwright::app
