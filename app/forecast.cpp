// forecast.cpp: `cellwright forecast`: what a model of series says comes after the end of a table.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <memory>

#include "base/file.h"
#include "cellwright/error.h"
#include "command.h"
#include "draw/plot.h"
#include "explain_request.h"
#include "forecast/forecaster.h"
#include "picture.h"
#include "series_request.h"
#include "table.h"
#include "train/sequence_file.h"

namespace cellwright::app {
namespace {

struct Request {
  std::string model, data, out, plot, series, target;
  int horizon = 0;
  double scale = 1;
  EngineOptions engine;
};

struct Result {
  const OneSeries* series = nullptr;
  SeriesForecast forecast;
};

std::string field(double v) { return std::isnan(v) ? "" : fmt::format("{:.10g}", v); }

/// A name as a field of a table.
std::string quoted(const std::string& name) {
  if (name.find_first_of(",\"\n\r") == std::string::npos) return name;
  std::string text = "\"";
  for (const char c : name) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + "\"";
}

std::string as_csv(const SeriesTask& task, const SeriesTable& table, const std::vector<Result>& results,
                   int horizon) {
  const bool grouped = !task.columns.group.empty();
  std::string text = (grouped ? quoted(task.columns.group) + "," : "") +
                     (task.columns.time.empty() ? "step" : quoted(task.columns.time));
  for (const std::string& name : task.columns.targets)
    text += "," + quoted(name) + "," + quoted(name + "_low") + "," + quoted(name + "_high");
  text += "\n";
  for (const Result& r : results) {
    for (int h = 0; h < horizon; ++h) {
      text +=
          (grouped ? quoted(r.series->name) + "," : "") +
          (task.columns.time.empty() ? std::to_string(h + 1) : table.time_text(*r.series, r.series->end + h));
      for (std::size_t k = 0; k < task.targets(); ++k) {
        const std::size_t at = k * static_cast<std::size_t>(horizon) + static_cast<std::size_t>(h);
        text += "," + field(r.forecast.point[at]) + "," + field(r.forecast.low[at]) + "," +
                field(r.forecast.high[at]);
      }
      text += "\n";
    }
  }
  return text;
}

/// The last numbers and the forecast behind them, with its interval.
std::string picture(const SeriesTask& task, const Result& r, std::size_t target, int horizon) {
  draw::Plot plot;
  const std::string& name = task.columns.targets[target];
  plot.title = name + (r.series->name.empty() ? "" : " of " + r.series->name);
  plot.x.label = "steps from the last row";
  plot.y.label = name;
  draw::Series past, said;
  past.name = "until now";
  said.name = "forecast, 80 % interval";
  const int shown = std::min(r.series->end, std::max({3 * horizon, 2 * task.season, 24}));
  for (int t = r.series->end - shown; t < r.series->end; ++t) {
    const double v = r.series->values[target][static_cast<std::size_t>(t)];
    past.x.push_back(t - r.series->end + 1);
    past.y.push_back(std::isnan(v) ? draw::Value() : draw::Value(v));
  }
  bool interval = true;
  for (int h = 1; h <= horizon; ++h) {
    const std::size_t at = target * static_cast<std::size_t>(horizon) + static_cast<std::size_t>(h - 1);
    said.x.push_back(h);
    said.y.push_back(r.forecast.point[at]);
    interval = interval && !std::isnan(r.forecast.low[at]);
    said.low.push_back(r.forecast.low[at]);
    said.high.push_back(r.forecast.high[at]);
  }
  if (!interval) {
    said.low.clear();
    said.high.clear();
    said.name = "forecast";
  }
  plot.series = {past, said};
  return draw::plot_svg(plot);
}

/// The interval from the errors of what the model would have forecast in the rows that it was not trained on,
/// up to now; where the table has fewer than 30 such rows, the one that the model brings stays.
void calibrate_anew(Forecaster& forecaster, const SeriesTable& table, SeriesTask& task) {
  ConformalInterval errors(task.targets(), static_cast<std::size_t>(task.horizon));
  int rows = 0;
  for (const OneSeries& s : table.series) {
    const PreparedSeries prepared = prepare(task, table, s);
    int first = first_origin(task);
    while (first < s.end && table.time(s, first) < task.scale(s.name).until) ++first;
    rows += std::max(0, s.end - first);
    forecaster.errors(prepared, origins(first, s.end, 1, std::max(1, (s.end - first) / 1000)), s.end, errors);
  }
  if (rows >= static_cast<int>(ConformalInterval::kEnough)) forecaster.calibrate(errors, task);
}

std::size_t index_of(const std::vector<std::string>& names, const std::string& wanted, const char* option) {
  if (wanted.empty()) return 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == wanted) return i;
  }
  const auto shown = std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(names.size()), 12);
  throw SpecError(fmt::format("{}: there is no '{}'; there are {}", option, wanted,
                              fmt::join(names.begin(), names.begin() + shown, ", ")));
}

int run(const Request& r) {
  check_picture("--plot", r.plot);
  if (!r.out.empty() && !has_ending(r.out, ".csv"))
    throw SpecError(fmt::format("--out '{}' must end in .csv", r.out));
  const SavedSequenceModel saved = load_sequence_model(r.model, "series");
  SeriesTask task;
  try {
    task = series_task_from_json(saved.task);
  } catch (const nlohmann::json::exception& e) {
    throw FormatError(fmt::format("{}: task: {}", r.model, e.what()));
  } catch (const Error& e) {
    throw FormatError(fmt::format("{}: task: {}", r.model, e.what()));
  }
  if (!fits(saved.spec, task)) throw FormatError(fmt::format("{}: its task does not fit its model", r.model));
  const int horizon = r.horizon > 0 ? r.horizon : task.horizon;
  const SeriesTable table =
      read_series(read_csv(read_file(r.data), r.data == "-" ? "standard input" : r.data), task.columns);
  Engine engine(r.engine);
  SequenceModel<float> model(saved.spec, engine);
  saved.apply(model);
  Forecaster forecaster(model, task);
  if (!forecaster.says_interval() && !task.columns.time.empty()) calibrate_anew(forecaster, table, task);
  std::vector<Result> results;
  std::vector<std::string> names;
  for (const OneSeries& s : table.series) {
    names.push_back(s.name);
    if (!task.columns.known_future.empty() && s.rows < s.end + horizon)
      throw SpecError(fmt::format(
          "{}: '{}' must be known for the {} steps behind {}{}, found {}; add rows with it and "
          "without '{}'",
          table.name, task.columns.known_future[0], horizon, table.time_text(s, s.end - 1),
          s.name.empty() ? "" : " of series '" + s.name + "'", s.rows - s.end, task.columns.targets[0]));
    const PreparedSeries prepared = prepare(task, table, s);
    results.push_back({&s, forecaster.forecast(prepared, {s.end}, horizon)[0]});
  }
  const std::string csv = as_csv(task, table, results, horizon);
  if (r.out.empty()) {
    fmt::print("{}", csv);
  } else {
    write_text(r.out, csv);
    fmt::print("{} steps of {} series saved in {}\n", horizon, results.size(), r.out);
  }
  if (!r.plot.empty()) {
    const std::size_t series = index_of(names, r.series, "--series"),
                      target = index_of(task.columns.targets, r.target, "--target");
    write_picture(r.plot, picture(task, results[series], target, horizon), r.scale);
  }
  return 0;
}

}  // namespace

void add_forecast_command(CLI::App& root, Command& chosen) {
  CLI::App* app = root.add_subcommand("forecast", "Forecast what comes after the end of a table");
  auto r = std::make_shared<Request>();
  app->add_option("model", r->model, "Model that train series made")->required()->type_name("MODEL");
  app->add_option("data", r->data, "A table with the columns that it was trained on; - is standard input")
      ->required()
      ->type_name("FILE");
  app->add_option("--horizon", r->horizon, "Steps (what the model was trained for)")
      ->type_name("N")
      ->check(CLI::Range(1, 100000).description(""));
  app->add_option("--out", r->out, "A table of forecasts, .csv (default: standard output)")
      ->type_name("FILE");
  app->add_option("--plot", r->plot, "A picture of one series: .svg, .png or .pdf")->type_name("FILE");
  app->add_option("--series", r->series, "Which series to draw (the first)")->type_name("NAME");
  app->add_option("--target", r->target, "Which target to draw (the first)")->type_name("COL");
  add_scale_option(app, r->scale);
  app->footer(
      "A column TARGET_low and TARGET_high are the ends of the 80 % interval, empty where the model knows "
      "none.\n\n"
      "Examples:\n  cellwright forecast airline.safetensors airline.csv --out next.csv --plot next.svg\n"
      "  cellwright forecast shops.safetensors shops.csv --horizon 7");
  app->callback([&chosen, r] { chosen.run = [r] { return run(*r); }; });
}

}  // namespace cellwright::app
