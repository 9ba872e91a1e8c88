// compare_classify.cpp: `cellwright compare classify`: cells side by side as models that tell a sequence's
// class.
#include <CLI/CLI.hpp>
#include <memory>

#include "choice.h"
#include "class_files.h"
#include "compare_study.h"
#include "study/sequence_task.h"

namespace cellwright::app {
namespace {

struct Request : CompareRequest {
  ClassFiles files;
  std::string reading = "mean";
  bool both = false;
};

int compare_classify(Request r) {
  check_request(r);
  check(r.files.how);
  TrainOptions training = default_options(r.run);
  training.epochs = 50;
  training.batch = 32;
  training.steps = 0;
  training.patience = 10;
  training = with_request(training, r.run, true);
  const study::CompareOptions options = study_options(r, training);
  if (r.files.test.empty() && r.files.how.test_of.empty() && !r.files.test_fraction)
    r.files.test_fraction = 0.2;
  ClassData data = read_class_data(r.files, r.study.seed, true);
  const ClassSets sets = scaled_sets(data, r.files.how.differences);
  study::SequenceStudy classes;
  classes.name = "classify";
  classes.metric = "nats a sequence";
  classes.errors = "% of sequences wrong";
  classes.train = &sets.train;
  classes.valid = &sets.valid;
  classes.test = &sets.test;
  classes.model.inputs = data.train.width;
  classes.model.reading = r.reading == "last" ? Reading::last : Reading::mean;
  classes.model.loss.kind = "softmax";
  classes.model.loss.outputs = static_cast<int>(data.classes.size());
  classes.layers = r.layers;
  classes.options = training;
  classes.updates = r.updates;
  classes.engine = r.run.engine;
  return run_study(r, study::SequenceTask(classes), options, in_directions(candidates_of(r), r.both));
}

}  // namespace

void add_compare_classify(CLI::App& compare, Command& chosen, const std::string& command) {
  CLI::App* app = compare.add_subcommand("classify", "Compare cells as models that tell a sequence's class");
  auto r = std::make_shared<Request>();
  r->command = command;
  add_class_options(app, r->files);
  choice(
      app->add_option("--reading", r->reading, "What the head reads: the mean over steps, or the last step"),
      {"mean", "last"})
      ->capture_default_str();
  app->add_flag("--both", r->both, "Layers in both directions of time");
  add_study_options(app, *r);
  add_study_training_options(
      app, *r,
      {"Times through the sequences (50)", "Sequences side by side (32)",
       "How far back gradients go, 0 for whole sequences (0)", "Largest norm of a gradient, 0 for none (5)",
       "Stop after so many validations without improvement, 0 for never (10)"});
  app->footer(
      "Rates are chosen by the validation loss; what is compared is how many sequences of the test are told "
      "wrong. "
      "Where\nno test is named or set apart by the files, a fifth of each class is it.\n\n"
      "Examples:\n  cellwright compare classify JapaneseVowels_TRAIN.ts --test JapaneseVowels_TEST.ts "
      "--cells "
      "lstm,gru,my.cell --both");
  app->callback([&chosen, r] { chosen.run = [r] { return compare_classify(*r); }; });
}

}  // namespace cellwright::app
