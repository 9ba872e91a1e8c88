// train_series.cpp: `cellwright train series`: a model that forecasts the columns of a table, measured beside
// naive, seasonal naive, drift and exponential smoothing.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cellwright/error.h"
#include "command.h"
#include "numbers.h"
#include "sequence_training.h"
#include "series_request.h"
#include "training_options.h"

namespace cellwright::app {
namespace {

struct Options {
  SeriesRequest request;
  Given given;
};

std::string describe(const SeriesTable& table, const SeriesData& data) {
  const OneSeries& s = table.series[0];
  const SeriesParts& p = data.parts[0];
  std::string text = fmt::format("{} of '{}' from {} to {}, step {}, season {}", grouped(s.end),
                                 fmt::join(table.columns.targets, "', '"), table.time_text(s, 0),
                                 table.time_text(s, s.end - 1), word_of(table.frequency), data.task.season);
  if (table.series.size() > 1) text = fmt::format("{} series, the first: ", table.series.size()) + text;
  text += fmt::format(
      "\n          {} rows to train on, {} to validate, {} to test; {} rows read before a forecast of {}",
      grouped(p.train), grouped(p.valid - p.train), grouped(p.test - p.valid), data.task.context,
      data.task.horizon);
  int missing = 0;
  const std::size_t read = table.columns.targets.size() + table.columns.inputs.size();
  for (std::size_t c = 0; c < read; ++c) missing += table.missing(c);
  if (missing > 0)
    text += fmt::format("\n          {} missing: read as the one before, never a target",
                        missing == 1 ? "1 number is" : grouped(missing) + " numbers are");
  return text;
}

int train_series(SeriesRequest& r) {
  SequenceStart start = start_sequences(r, "series", {r.data}, {".csv"}, series_defaults(r));
  const SeriesTable table = read_series_file(r);
  std::vector<SeriesParts> parts;
  for (const OneSeries& s : table.series) parts.push_back(split_series(s.end, r.valid, r.test));
  SeriesData data = make_series_data(r, table, make_series_task(r, table), parts);
  SequenceJob job;
  job.spec = make_series_spec(r, data.task);
  job.task = to_json(data.task);
  job.data = describe(table, data);
  job.loss_unit = "of the loss, in deviations";
  job.words = {"rows/s", false};
  job.next = {"forecast {} " + shell_word(r.data), "info {}"};
  job.train = std::move(data.train);
  job.valid = std::move(data.valid);
  job.complete = [&](SequenceModel<float>& model, nlohmann::json& task) {
    Forecaster forecaster(model, data.task);
    calibrate(forecaster, data);
    task = to_json(data.task);
  };
  job.measure = [&](SequenceModel<float>& model) {
    Forecaster forecaster(model, data.task);
    const bool valid = r.measure == "valid";
    ConformalInterval errors(data.task.targets(), static_cast<std::size_t>(r.horizon));
    if (!valid) errors = calibrate(forecaster, data);  // the validation's own follow as they become known
    Comparison comparison;
    for (std::size_t i = 0; i < data.prepared.size(); ++i) {
      const SeriesParts& p = data.parts[i];
      const std::vector<int> where =
          origins(std::max(valid ? p.train : p.valid, 1), valid ? p.valid : p.test, r.horizon, r.every);
      compare(forecaster, data.task, data.prepared[i], p.train, where, r.horizon, errors, comparison);
    }
    nlohmann::ordered_json figures = nlohmann::ordered_json::object();
    if (comparison.scores[0].count() == 0) {
      fmt::print("no {0}: --{0}-part leaves no room for {1} steps\n", r.measure, r.horizon);
      return figures;
    }
    fmt::print("{:8}  {} numbers, {} steps ahead\n", valid ? "validation" : "test",
               grouped(comparison.scores[0].count()), r.horizon);
    print_comparison(comparison, data.task);
    figures[r.measure] = comparison_record(comparison);
    return figures;
  };
  return train_sequences(r, start, job);
}

constexpr const char* kExamples =
    R"(Rows are one step of time apart; those that are left out are missing ones. Missing numbers are read as the
one before them, with a flag where the training part has such gaps, and are never a target. Scales come from the
training part alone. The test is the end of each series: a forecast from every --test-every'th row on.

Examples:
  cellwright train series airline.csv --target Passengers --horizon 12 --season 12 --relative season --log-values
  cellwright train series ETTh1.csv --target all --horizon 24 --rows 14400 --valid-part 2880 --test-part 2880
  cellwright train series shops.csv --target sales --group shop --inputs visitors --known-future price,holiday \
    --freq d --horizon 14 --loss quantile --out shops.safetensors
  cellwright forecast shops.safetensors shops.csv --out next.csv --plot next.svg)";

}  // namespace

void add_train_series_command(CLI::App& train, Command& chosen, const std::string& command) {
  CLI::App* app = train.add_subcommand("series", "Train a model that forecasts the columns of a table");
  auto o = std::make_shared<Options>();
  SeriesRequest& r = o->request;
  r.command = command;
  add_series_options(app, r, false);
  TrainTask task;
  task.name = "series";
  task.examples = kExamples;
  task.units = 64;
  task.groups = "--parameter-group";  // --group: of the rows
  TrainingWords& words = task.words;
  words.epochs = "Times through the series (60)";
  words.batch = "Windows of the series side by side (16)";
  words.steps = "";
  words.stride = "";
  words.clip = "Largest norm of a gradient, 0 for none (1)";
  words.patience = " (10)";
  finish_train_command(app, chosen, r, o->given, task, [o] { return train_series(o->request); });
}

}  // namespace cellwright::app
