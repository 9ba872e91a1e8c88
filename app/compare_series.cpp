// compare_series.cpp: `cellwright compare series`: cells side by side as models that forecast a table's
// columns.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cellwright/error.h"
#include "compare_study.h"
#include "series_request.h"
#include "study/sequence_task.h"

namespace cellwright::app {
namespace {

struct Request : CompareRequest {
  SeriesRequest series;
};

int compare_series(const Request& r) {
  check_request(r);
  const TrainOptions training = with_request(series_defaults(r.series), r.run, true);
  const study::CompareOptions options = study_options(r, training);
  const SeriesTable table = read_series_file(r.series);
  std::vector<SeriesParts> parts;
  for (const OneSeries& s : table.series) parts.push_back(split_series(s.end, r.series.valid, r.series.test));
  const SeriesData data = make_series_data(r.series, table, make_series_task(r.series, table), parts);
  const SequenceSet test = test_windows(r.series, data);
  study::SequenceStudy series;
  series.name = "series";
  series.metric = fmt::format("{} of the test, in deviations", r.series.loss);
  series.train = &data.train;
  series.valid = &data.valid;
  series.test = &test;
  series.model = make_series_spec(r.series, data.task);
  series.model.layers.clear();
  series.layers = r.layers;
  series.options = training;
  series.updates = r.updates;
  series.engine = r.run.engine;
  return run_study(r, study::SequenceTask(series), options, candidates_of(r));
}

}  // namespace

void add_compare_series(CLI::App& compare, Command& chosen, const std::string& command) {
  CLI::App* app =
      compare.add_subcommand("series", "Compare cells as models that forecast the columns of a table");
  auto r = std::make_shared<Request>();
  r->command = command;
  add_series_options(app, r->series, false);
  add_study_options(app, *r);
  add_study_training_options(
      app, *r,
      {"Times through the series (60)", "Windows of the series side by side (16)",
       "How far back gradients go, 0 for whole windows (0)", "Largest norm of a gradient, 0 for none (1)",
       "Stop after so many validations without improvement, 0 for never (10)"});
  app->footer(
      "What is compared is the loss over the test part, each of whose rows counts once; how a model stands "
      "beside naive\n"
      "forecasts is told by `train series`.\n\n"
      "Examples:\n  cellwright compare series sunspots.csv --target SUNACTIVITY --season 11 --relative none "
      "--cells "
      "lstm,gru,rnn --units 16");
  app->callback([&chosen, r] { chosen.run = [r] { return compare_series(*r); }; });
}

}  // namespace cellwright::app
