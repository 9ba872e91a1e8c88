// backtest.cpp: `cellwright backtest`: rolling origin: before each of several forecasts at the end of a
// series a model is trained on what came before it, and all are measured beside the baselines.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <memory>

#include "base/file.h"
#include "cellwright/error.h"
#include "command.h"
#include "explain_request.h"
#include "interrupt.h"
#include "numbers.h"
#include "out_folder.h"
#include "series_request.h"
#include "table.h"
#include "train/sequence_trainer.h"
#include "training_options.h"

namespace cellwright::app {
namespace {

struct Options {
  SeriesRequest request;
  int folds = 5, calibration_folds = 2;
  std::string json;
};

/// The rows that a fold may know: up to its origin and the forecast behind it.
SeriesTable cut(const SeriesTable& table, const std::vector<int>& origin, int horizon) {
  SeriesTable part = table;
  for (std::size_t i = 0; i < part.series.size(); ++i) {
    OneSeries& s = part.series[i];
    s.rows = s.end = origin[i] + horizon;
    for (auto& column : s.values) column.resize(static_cast<std::size_t>(s.rows));
  }
  return part;
}

/// `errors`: of the folds before, for the interval; this fold's join them.
Comparison run_fold(const SeriesRequest& r, const TrainOptions& options, const SeriesTable& table,
                    const std::vector<int>& origin, const std::atomic<bool>* stop,
                    ConformalInterval& errors) {
  const SeriesTable known = cut(table, origin, r.horizon);
  std::vector<SeriesParts> parts;
  for (const int o : origin) parts.push_back(split_series(o, r.valid, 0));
  SeriesData data = make_series_data(r, known, make_series_task(r, known), parts);
  Engine engine(r.engine);
  SequenceModel<float> model(make_series_spec(r, data.task), engine);
  SequenceTrainer trainer(model, data.train, &data.valid, options);
  model.initialise(options.seed);
  RunHooks hooks;
  hooks.stop = stop;
  trainer.run(hooks);
  Forecaster forecaster(model, data.task);
  const ConformalInterval before = errors.empty() ? calibrate(forecaster, data) : errors;
  Comparison comparison;
  for (std::size_t i = 0; i < data.prepared.size(); ++i) {
    compare(forecaster, data.task, data.prepared[i], origin[i], {origin[i]}, r.horizon, before, comparison);
    forecaster.errors(data.prepared[i], {origin[i]}, origin[i] + r.horizon, errors);
  }
  return comparison;
}

int backtest(const Options& o) {
  if (!o.json.empty()) check_folder("--json", o.json);
  const SeriesRequest& r = o.request;
  if (r.minutes > 0)
    throw SpecError("--minutes would end every fold elsewhere; say by --epochs how long they train");
  const TrainOptions options = with_request(series_defaults(r), r, true);
  const SeriesTable table = read_series_file(r);
  const SeriesTask task = make_series_task(r, table);
  const int least = 2 * task.season + r.horizon + 2;
  int before = o.calibration_folds;  // as far as there is room in every series
  for (const OneSeries& s : table.series)
    before = std::clamp((s.end - least) / r.horizon - o.folds, 0, before);
  std::vector<std::vector<int>> origins;  // a series
  for (const OneSeries& s : table.series)
    origins.push_back(fold_origins(s.end, r.horizon, before + o.folds, least));
  const OneSeries& first = table.series[0];
  fmt::print(
      "backtest  {} folds of {} steps, the first behind {}{}; a model is trained for each{}\n\n", o.folds,
      r.horizon, table.time_text(first, origins[0][static_cast<std::size_t>(before)] - 1),
      table.series.size() > 1 ? fmt::format(", {} series", table.series.size()) : "",
      before > 0
          ? fmt::format(",\n          and for {} before them, whose errors give the first interval", before)
          : "");
  Interrupt interrupt;
  Comparison sum;
  Table folds("rlrrrr");
  folds.row({"fold", "from", "model", "naive", task.season > 1 ? "seasonal" : "drift", "smoothing"});
  ConformalInterval errors(task.targets(), static_cast<std::size_t>(r.horizon));
  for (int k = -before; k < o.folds; ++k) {
    std::vector<int> origin;
    for (const auto& all : origins) origin.push_back(all[static_cast<std::size_t>(before + k)]);
    const Comparison one = run_fold(r, options, table, origin, interrupt.flag(), errors);
    if (interrupt.flag()->load()) {
      fmt::print("{}stopped in fold {}\n", folds.text(), k + 1);
      return interrupt.status();
    }
    if (k < 0) continue;
    if (sum.names.empty()) {
      sum.names = one.names;
      sum.scores.resize(one.scores.size());
    }
    for (std::size_t i = 0; i < sum.scores.size(); ++i) sum.scores[i].add(one.scores[i]);
    const auto mae = [&](std::size_t i) { return fmt::format("{:.4g}", one.scores[i].mae()); };
    folds.row({std::to_string(k + 1), table.time_text(first, origin[0]), mae(0), mae(1), mae(2),
               mae(one.scores.size() - 1)});
  }
  fmt::print("MAE by fold\n{}\n", folds.text("  "));
  print_comparison(sum, task);
  if (!o.json.empty()) {
    nlohmann::ordered_json record = {{"folds", o.folds}, {"horizon", r.horizon}, {"season", task.season}};
    record["scores"] = comparison_record(sum);
    write_text(o.json, record.dump(1) + "\n");
    fmt::print("saved in {}\n", o.json);
  }
  return 0;
}

}  // namespace

void add_backtest_command(CLI::App& root, Command& chosen) {
  CLI::App* app =
      root.add_subcommand("backtest", "Train and forecast from several points in the past of a series");
  auto o = std::make_shared<Options>();
  SeriesRequest& r = o->request;
  add_series_options(app, r, true);
  app->add_option("--folds", o->folds, "Forecasts, that end with the series and do not overlap")
      ->type_name("N")
      ->check(CLI::Range(1, 1000).description(""))
      ->capture_default_str();
  app->add_option("--calibration-folds", o->calibration_folds,
                  "Folds before them that are not measured: their errors give the first 80 % interval")
      ->type_name("N")
      ->check(CLI::Range(0, 1000).description(""))
      ->capture_default_str();
  app->add_option("--json", o->json, "Write the figures there too")->type_name("FILE");
  app->add_option("--threads", r.engine.threads, "0 for all this process may use")
      ->type_name("N")
      ->capture_default_str();
  app->add_option("--simd", r.engine.simd, "SIMD target: auto, or one of --version's")->type_name("NAME");
  add_model_options(app, r.model, false, 64);
  TrainingWords words;
  words.epochs = "Times through the series (60)";
  words.batch = "Windows of the series side by side (16)";
  words.steps = "";
  words.stride = "";
  words.clip = "Largest norm of a gradient, 0 for none (1)";
  words.patience = " (10)";
  add_training_options(app, r, words);
  add_update_options(app, r.train, "--parameter-group");
  app->footer(
      "Examples:\n  cellwright backtest airline.csv --target Passengers --horizon 12 --folds 4 --relative "
      "season --log-values\n"
      "  cellwright backtest sunspots.csv --target SUNACTIVITY --time-column YEAR --season 11 --folds 30");
  app->callback([&chosen, app, o] { chosen.run = [app, o] { return backtest(*o); }; });
}

}  // namespace cellwright::app
