// train_classify.cpp: `cellwright train classify`: a sequence in, its class out. Data: classify_data.h; what
// becomes of the model: predict.cpp.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cellwright/error.h"
#include "choice.h"
#include "class_files.h"
#include "command.h"
#include "confusion_picture.h"
#include "model_request.h"
#include "numbers.h"
#include "picture.h"
#include "sequence_training.h"
#include "train/nearest.h"
#include "training_options.h"

namespace cellwright::app {
namespace {

struct ClassifyRequest : RunRequest {
  ClassFiles files;
  std::string plot, reading = "mean";
  int folds = 0;
  bool both = false;
};

struct Options {
  ClassifyRequest request;
  Given given;
};

Confusion confusion_of(SequenceModel<float>& model, const SequenceSet& set,
                       const std::vector<std::string>& classes, int batch) {
  Confusion confusion(classes);
  const std::size_t n = classes.size();
  evaluate(model, set, batch, 0, nullptr, [&](const std::vector<int>& lanes, int, const SequenceBatch& b) {
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      const float* row = model.outputs() + i * n;
      confusion.add(static_cast<int>(b.targets[i]), static_cast<int>(std::max_element(row, row + n) - row));
    }
  });
  return confusion;
}

Confusion nearest_of(const SequenceSet& train, const SequenceSet& test,
                     const std::vector<std::string>& classes) {
  Confusion confusion(classes);
  const std::vector<int> guesses = nearest_classes(train, test);
  for (std::size_t i = 0; i < guesses.size(); ++i)
    confusion.add(static_cast<int>(test.sequences[i].targets[0]), guesses[i]);
  return confusion;
}

// Beyond so many multiplications the baseline is not worth its time.
constexpr double kMostNearest = 3e10;

/// The better of the nearest neighbour over the numbers as they are and over scaled ones; null where that
/// takes too long.
std::optional<Confusion> baseline(const LabelledData& train, const LabelledData& test,
                                  const std::vector<std::string>& classes) {
  const double work =
      static_cast<double>(train.items.size()) * static_cast<double>(test.items.size()) * 10 * train.width;
  if (work > kMostNearest) return {};
  const auto n = static_cast<std::size_t>(train.width);
  const Scaling as_is{std::vector<double>(n, 0), std::vector<double>(n, 1)}, scaled = scaling_of(train);
  const Confusion a = nearest_of(to_sequences(train, classes, as_is), to_sequences(test, classes, as_is),
                                 classes),
                  b = nearest_of(to_sequences(train, classes, scaled), to_sequences(test, classes, scaled),
                                 classes);
  return a.right() >= b.right() ? a : b;
}

SequenceSpec spec_of(const ClassifyRequest& r) {
  SequenceSpec spec = make_sequence_spec(r.model);
  spec.loss.kind = "softmax";
  spec.reading = r.reading == "last" ? Reading::last : Reading::mean;
  for (LayerSpec& layer : spec.layers) {
    if (r.both) layer.direction = LayerSpec::Direction::both;
  }
  return spec;
}

nlohmann::json task_of(const ClassifyRequest& r, const std::vector<std::string>& classes,
                       const Scaling& scaling) {
  return {{"kind", "classify"},
          {"classes", classes},
          {"mean", scaling.mean},
          {"deviation", scaling.deviation},
          {"reading", to_json(r.files.how)}};
}

void print_figures(const std::string& what, const Confusion& c) {
  fmt::print("{:10}  {:.2f} % right: {} of {}\n", what, 100 * c.accuracy(), grouped(c.right()),
             grouped(c.total()));
}

int train_once(ClassifyRequest& r, SequenceStart& start) {
  ClassData data = read_class_data(r.files, start.options.seed, true);
  const std::optional<Confusion> nearest =
      data.test ? baseline(data.train, *data.test, data.classes) : std::nullopt;
  SequenceJob job;
  job.data = describe(data);
  ClassSets sets = scaled_sets(data, r.files.how.differences);
  job.spec = spec_of(r);
  job.spec.inputs = data.train.width;
  job.spec.loss.outputs = static_cast<int>(data.classes.size());
  job.task = task_of(r, data.classes, sets.scaling);
  job.train = std::move(sets.train);
  job.valid = std::move(sets.valid);
  job.test = std::move(sets.test);
  data.train.items.clear();
  job.loss_unit = "nats a sequence";
  job.words = {"seq/s", false};
  job.next = {"predict {} FILE", "info {}"};
  job.measure = [&](SequenceModel<float>& model) {
    nlohmann::ordered_json figures = nlohmann::ordered_json::object();
    if (!job.valid.empty()) {
      const Confusion valid = confusion_of(model, job.valid, data.classes, start.options.batch);
      print_figures("validation", valid);
      figures["valid_accuracy"] = valid.accuracy();
    }
    const SequenceSet& shown = job.test.empty() ? job.valid.empty() ? job.train : job.valid : job.test;
    const Confusion confusion = confusion_of(model, shown, data.classes, start.options.batch);
    if (!job.test.empty()) {
      print_figures("test", confusion);
      figures["test_accuracy"] = confusion.accuracy();
    }
    if (nearest) {
      print_figures("nearest", *nearest);
      figures["nearest_accuracy"] = nearest->accuracy();
    }
    fmt::print("\n{}, class by class\n{}\n",
               job.test.empty() ? job.valid.empty() ? "training data" : "validation" : "test",
               confusion.text());
    if (!r.plot.empty()) write_picture(r.plot, confusion_svg(confusion, "What each class was taken for"));
    return figures;
  };
  return train_sequences(r, start, job);
}

/// Every sequence is tested once, by a model that was trained on the other folds.
int cross_validate(ClassifyRequest& r, const TrainOptions& options, const EngineOptions& engine_options) {
  ClassData data = read_class_data(r.files, options.seed, false);
  if (static_cast<std::size_t>(r.folds) > data.train.items.size())
    throw SpecError(fmt::format("--folds {}: there are {} sequences; give at most as many", r.folds,
                                data.train.items.size()));
  if (data.test) throw SpecError("--folds tests on the data themselves; leave --test and --test-of out");
  Engine engine(engine_options);
  Confusion all(data.classes), nearest(data.classes);
  fmt::print("data      {}\n", describe(data));
  for (int fold = 0; fold < r.folds; ++fold) {
    LabelledData train, test;
    train.width = test.width = data.train.width;
    const std::vector<std::size_t> chosen = even_part(data.train, fold, r.folds, options.seed);
    std::vector<std::uint8_t> in_test(data.train.items.size(), 0);
    for (const std::size_t i : chosen) in_test[i] = 1;
    for (std::size_t i = 0; i < in_test.size(); ++i)
      (in_test[i] ? test : train).items.push_back(data.train.items[i]);
    const std::optional<Confusion> beside = baseline(train, test, data.classes);
    LabelledData valid = take_fraction(train, r.files.valid_fraction.value_or(0.1), options.seed);
    if (r.files.how.differences) {
      for (LabelledData* part : {&train, &valid, &test}) append_differences(*part);
    }
    const Scaling scaling = scaling_of(train);
    SequenceSpec spec = spec_of(r);
    spec.inputs = train.width;
    spec.loss.outputs = static_cast<int>(data.classes.size());
    SequenceModel<float> model(spec, engine);
    if (fold == 0)
      fmt::print("model     {}: {} parameters\n\n", describe_layers(spec.layers),
                 grouped(model.parameter_count()));
    const SequenceSet train_set = to_sequences(train, data.classes, scaling),
                      valid_set = to_sequences(valid, data.classes, scaling),
                      test_set = to_sequences(test, data.classes, scaling);
    model.initialise(options.seed);
    SequenceTrainer trainer(model, train_set, &valid_set, options);
    trainer.run();
    const Confusion confusion = confusion_of(model, test_set, data.classes, options.batch);
    fmt::print("fold {:3}    {:.2f} % right: {} of {}{}\n", fold + 1, 100 * confusion.accuracy(),
               confusion.right(), confusion.total(),
               beside ? fmt::format(", nearest neighbour {:.2f} %", 100 * beside->accuracy()) : "");
    std::fflush(stdout);
    for (int t = 0; t < static_cast<int>(data.classes.size()); ++t) {
      for (int g = 0; g < static_cast<int>(data.classes.size()); ++g) {
        for (std::int64_t i = 0; i < confusion.count(t, g); ++i) all.add(t, g);
        for (std::int64_t i = 0; beside && i < beside->count(t, g); ++i) nearest.add(t, g);
      }
    }
  }
  fmt::print("\n");
  print_figures("all folds", all);
  if (nearest.total() > 0) {
    print_figures("nearest", nearest);
    const double ahead = 100 * (all.accuracy() - nearest.accuracy());
    fmt::print("the model is {:.2f} points {} the nearest neighbour\n", std::abs(ahead),
               ahead > 0 ? "ahead of" : "behind");
  }
  fmt::print("\n{}", all.text());
  if (!r.plot.empty()) write_picture(r.plot, confusion_svg(all, "What each class was taken for, all folds"));
  return 0;
}

int train_classify(ClassifyRequest& r) {
  check(r.files.how);
  if (!r.plot.empty()) check_picture("--plot", r.plot);
  TrainOptions defaults = default_options(r);
  defaults.epochs = 50;
  defaults.batch = 32;
  defaults.steps = 0;
  defaults.patience = 10;
  if (!r.train.optimizer) defaults.learning_rate = 2e-3;
  if (r.folds != 0) {
    if (r.folds < 2 || r.folds > 1000)
      throw SpecError(fmt::format("--folds must be 2 … 1000, found {}", r.folds));
    if (r.resume || r.keep_state || !r.out.empty() || !r.log.empty() || r.minutes > 0)
      throw SpecError(
          "--folds measures and keeps no model; leave --out, --resume, --keep-state, --log and --minutes "
          "out");
    return cross_validate(r, with_request(defaults, r, true), r.engine);
  }
  SequenceStart start = start_sequences(r, "classify", {r.files.data}, {".gz", ".ts", ".jsonl"}, defaults);
  if (start.saved) {  // what a first sound settled
    try {
      r.files.how.sound.rate = class_reading_from_json(start.saved->task.at("reading")).sound.rate;
    } catch (const nlohmann::json::exception& e) {
      throw FormatError(fmt::format("{}: task: {}", start.out, e.what()));
    }
  }
  return train_once(r, start);
}

constexpr const char* kExamples =
    R"(Without --test, what files and folders set apart themselves (MNIST's t10k) is tested on. Beside
the model stands the nearest neighbour over ten steps of each sequence, where that is quick to find.

Examples:
  cellwright train classify JapaneseVowels_TRAIN.ts --test JapaneseVowels_TEST.ts --both
  cellwright train classify words --out words.safetensors        a folder a class, of .csv or sound files
  cellwright train classify recordings --class-of '^([0-9])_' --test-of '_[0-4]\.wav$'
  cellwright train classify mnist --images rows --plot confusion.svg
  cellwright train classify poses.jsonl.gz --points 2 --differences --folds 5
  cellwright predict words.safetensors new.wav)";

}  // namespace

void add_train_classify_command(CLI::App& train, Command& chosen, const std::string& command) {
  CLI::App* app =
      train.add_subcommand("classify", "Train a model that tells which class a sequence belongs to");
  auto o = std::make_shared<Options>();
  ClassifyRequest& r = o->request;
  r.command = command;
  add_class_options(app, r.files);
  app->add_option("--folds", r.folds, "Cross-validate in so many parts; no model is kept")
      ->type_name("N")
      ->group("Data");
  app->add_option("--plot", r.plot, "The confusion matrix as .svg, .png or .pdf")
      ->type_name("FILE")
      ->group("Data");
  choice(
      app->add_option("--reading", r.reading, "What the head reads: the mean over steps, or the last step"),
      {"mean", "last"})
      ->capture_default_str()
      ->group("Model");
  app->add_flag("--both", r.both, "Layers in both directions of time")->group("Model");
  TrainTask task;
  task.name = "classify";
  task.examples = kExamples;
  TrainingWords& words = task.words;
  words.epochs = "Times through the sequences (50)";
  words.batch = "Sequences side by side (32)";
  words.steps = words.stride = "";
  words.rate = "Learning rate (adam 0.002, rmsprop 0.002, others as for text)";
  words.patience = " (10)";
  finish_train_command(app, chosen, r, o->given, task, [o] { return train_classify(o->request); });
}

}  // namespace cellwright::app
