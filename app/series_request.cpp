// series_request.cpp: see series_request.h.
#include "series_request.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>

#include "base/file.h"
#include "cellwright/error.h"
#include "choice.h"
#include "model_request.h"
#include "table.h"
#include "tell.h"

namespace cellwright::app {
namespace {

/// A season by the step: a day of hours, a week of days, a year of months.
int season_of(const Frequency& f) {
  using Unit = Frequency::Unit;
  const auto parts = [&](double whole) {
    const double n = whole / f.count;
    return n >= 2 && n == std::floor(n) ? static_cast<int>(n) : 1;
  };
  switch (f.unit) {
    case Unit::kMinute:
      return parts(24 * 60);
    case Unit::kHour:
      return parts(24);
    case Unit::kDay:
      return parts(7);
    case Unit::kWeek:
      return parts(52);
    case Unit::kMonth:
      return parts(12);
    case Unit::kQuarter:
      return parts(4);
    default:
      return 1;
  }
}

constexpr const char* kTimeWords[] = {"date", "time", "day", "week", "month", "year"};

/// The first column, where nothing was said of it and its first field is a date.
std::string found_time_column(const cellwright::Table& table, const SeriesColumns& columns) {
  std::vector<std::string> said = columns.all();
  said.push_back(columns.group);
  if (std::find(said.begin(), said.end(), table.columns[0]) != said.end()) return "";
  return read_time(table.rows[0][0]) ? table.columns[0] : "";
}

/// A first column that by its name holds times, but written otherwise: else nobody would know that rows are
/// not put in order by it.
void tell_of_unread_times(const cellwright::Table& table, const SeriesColumns& columns) {
  std::string name = table.columns[0];
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const bool times = std::any_of(std::begin(kTimeWords), std::end(kTimeWords),
                                 [&](const char* word) { return name.find(word) != std::string::npos; });
  std::vector<std::string> said = columns.all();
  said.push_back(columns.group);
  if (!times || std::find(said.begin(), said.end(), table.columns[0]) != said.end() ||
      decimal(table.rows[0][0], table.decimal_comma))
    return;
  tell(fmt::format(
      "cellwright: {}: column '{}' is not read, for '{}' is no time as 2016-07-01 13:00; rows are taken to "
      "follow each other\n",
      table.name, table.columns[0], table.rows[0][0].substr(0, 40)));
}

void take_all_targets(const cellwright::Table& table, SeriesColumns& columns) {
  if (columns.targets != std::vector<std::string>{"all"} || has_column(table, "all")) return;
  columns.targets.clear();
  std::vector<std::string> said = columns.all();
  said.push_back(columns.group);
  said.push_back(columns.time);
  for (const std::string& name : table.columns) {
    if (std::find(said.begin(), said.end(), name) == said.end()) columns.targets.push_back(name);
  }
}

void refuse_gaps(const SeriesTable& table) {
  const std::vector<std::string> names = table.columns.all();
  for (const OneSeries& s : table.series) {
    for (std::size_t c = 0; c < names.size(); ++c) {
      for (int t = 0; t < s.end; ++t) {
        if (std::isnan(s.values[c][static_cast<std::size_t>(t)]))
          throw SpecError(fmt::format(
              "{}: '{}' is missing at {}{}; --missing carry goes on with the number before it", table.name,
              names[c], table.time_text(s, t), s.name.empty() ? "" : " of series '" + s.name + "'"));
      }
    }
  }
}

void positive(const char* option, int value, int least) {
  if (value < least || value > 100000)
    throw SpecError(fmt::format("{} must lie in {} … 100000, found {}", option, least, value));
}

}  // namespace

void add_series_options(CLI::App* app, SeriesRequest& r, bool backtest) {
  const auto names = [&](const char* option, std::vector<std::string>& to, const char* what) {
    app->add_option(option, to, what)
        ->type_name("COL,COL")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->group("Series");
  };
  app->add_option("data", r.data, "A table with a line of names (.csv); - is standard input")
      ->required()
      ->type_name("FILE");
  names("--target", r.columns.targets, "Columns to forecast; all: every one that nothing else is said of");
  app->add_option("--horizon", r.horizon, "Steps to forecast")
      ->type_name("N")
      ->capture_default_str()
      ->group("Series");
  names("--inputs", r.columns.inputs, "Columns to read, known up to now");
  names("--known-future", r.columns.known_future, "Columns to read, known for the steps to forecast too");
  app->add_option("--time-column", r.columns.time, "Column of times (the first, where it holds dates)")
      ->type_name("COL")
      ->group("Series");
  app->add_option("--group", r.columns.group, "Column that names the series a row belongs to")
      ->type_name("COL")
      ->group("Series");
  app->add_option("--freq", r.columns.frequency,
                  "Step of time, as h, 15min, d, w, m, q, y (found from the times)")
      ->type_name("STEP")
      ->group("Series");
  app->add_option("--season", r.season,
                  "Steps of a season (a day of hours, a week of days, a year of months)")
      ->type_name("N")
      ->group("Series");
  app->add_option("--context", r.context,
                  "Rows read before a forecast (two seasons, at least the horizon and 24)")
      ->type_name("N")
      ->group("Series");
  choice(app->add_option("--loss", r.loss, "What is made least"),
         {"mse", "mae", "huber", "quantile", "mixture"})
      ->capture_default_str()
      ->group("Series");
  app->add_option("--delta", r.delta, "huber: where the parabola becomes a line (1)")
      ->type_name("X")
      ->group("Series");
  app->add_option("--quantiles", r.quantiles, "quantile: which, rising (0.1,0.5,0.9)")
      ->type_name("X,X")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->group("Series");
  app->add_option("--components", r.components, "mixture: Gaussians (3)")->type_name("N")->group("Series");
  choice(app->add_option("--strategy", r.strategy,
                         "All steps at once, or one by one, each read as if it were known"),
         {"direct", "recursive"})
      ->capture_default_str()
      ->group("Series");
  choice(app->add_option("--relative", r.relative,
                         "Forecast the difference from: nothing, the last number, the season "
                         "before, the mean over the last season"),
         {"none", "last", "season", "mean"})
      ->capture_default_str()
      ->group("Series");
  app->add_flag("--independent", r.independent, "Forecast each target from its own numbers, all by one model")
      ->group("Series");
  app->add_flag("--log-values", r.log, "Take targets by their logarithm")->group("Series");
  app->add_flag("--no-calendar", r.no_calendar, "Do not read the place in day, week and year")
      ->group("Series");
  choice(app->add_option("--missing", r.missing, "Missing numbers: go on with the one before, or refuse"),
         {"carry", "error"})
      ->capture_default_str()
      ->group("Series");
  app->add_option("--rows", r.rows, "Take the first N rows of each series alone")
      ->type_name("N")
      ->group("Series");
  app->add_option("--valid-part", r.valid, "Part (below 1) or rows to validate on, before the test")
      ->type_name("X")
      ->capture_default_str()
      ->group("Series");
  if (backtest) return;
  choice(
      app->add_option("--measure", r.measure,
                      "Part to measure at the end; valid: the test stays unseen while a setting is chosen"),
      {"test", "valid"})
      ->capture_default_str()
      ->group("Series");
  app->add_option("--test-part", r.test, "Part (below 1) or rows to test on: the last ones")
      ->type_name("X")
      ->capture_default_str()
      ->group("Series");
  app->add_option("--test-every", r.every, "Rows from one forecast of the test to the next")
      ->type_name("N")
      ->capture_default_str()
      ->group("Series");
}

TrainOptions series_defaults(const SeriesRequest& request) {
  TrainOptions o = default_options(request);
  o.epochs = 60;
  o.batch = 16;
  o.steps = 0;
  o.clip_norm = 1;
  o.patience = 10;
  return o;
}

SeriesTable read_series_file(const SeriesRequest& request) {
  if (request.rows < 0)
    throw SpecError(fmt::format("--rows must be 0 (all) or more, found {}", request.rows));
  const std::string name = request.data == "-" ? "standard input" : request.data;
  const cellwright::Table table = read_csv(read_file(request.data), name);
  SeriesColumns columns = request.columns;
  if (columns.time.empty()) columns.time = found_time_column(table, columns);
  if (columns.time.empty()) tell_of_unread_times(table, columns);
  take_all_targets(table, columns);
  if (columns.targets.empty())
    throw SpecError(fmt::format("--target says which column to forecast; {} has {}", name,
                                fmt::join(table.columns, ", ")));
  SeriesTable series = read_series(table, columns);
  for (OneSeries& s : series.series) {
    if (request.rows <= 0 || request.rows >= s.end) continue;
    s.end = s.rows = request.rows;
    for (auto& column : s.values) column.resize(static_cast<std::size_t>(request.rows));
  }
  if (request.missing == "error") refuse_gaps(series);
  return series;
}

int first_origin(const SeriesTask& task) { return std::max(2, task.season); }

SeriesTask make_series_task(const SeriesRequest& r, const SeriesTable& table) {
  positive("--horizon", r.horizon, 1);
  positive("--season", r.season, 0);
  positive("--context", r.context, 0);
  positive("--test-every", r.every, 1);
  SeriesTask task;
  task.columns = table.columns;
  task.frequency = table.frequency;
  task.horizon = r.horizon;
  task.recursive = r.strategy == "recursive";
  task.season = r.season > 0 ? r.season : season_of(table.frequency);
  task.context = r.context > 0 ? r.context : std::max({2 * task.season, r.horizon, 24});
  task.relative = relative_of(r.relative);
  task.independent = r.independent;
  task.log = r.log;
  task.calendar = !r.no_calendar;
  if (task.relative == Relative::season && task.season == 1)
    throw SpecError("--relative season needs a season; say how many steps it has by --season");
  if (task.recursive && !task.columns.inputs.empty())
    throw SpecError(
        fmt::format("--strategy recursive needs '{}' at steps to come, where it is not known; name it in "
                    "--known-future, forecast it by --target too, or take --strategy direct",
                    task.columns.inputs[0]));
  if (static_cast<std::int64_t>(task.outputs()) > 1000000)
    throw SpecError(
        fmt::format("{} targets over {} steps are too many to forecast at once; take --strategy recursive",
                    task.targets(), task.horizon));
  return task;
}

SequenceSpec make_series_spec(const SeriesRequest& r, const SeriesTask& task) {
  ModelRequest model = r.model;
  if (model.units.empty()) model.units = {64};
  SequenceSpec spec = make_sequence_spec(model);
  spec.inputs = task.inputs();
  spec.loss.kind = r.loss;
  spec.loss.outputs = task.outputs();
  const auto only_for = [&](const char* loss, bool given, const char* option) {
    if (given && r.loss != loss)
      throw SpecError(
          fmt::format("{} is of --loss {}, and the loss is {}; leave it out", option, loss, r.loss));
  };
  only_for("huber", r.delta.has_value(), "--delta");
  only_for("quantile", !r.quantiles.empty(), "--quantiles");
  only_for("mixture", r.components.has_value(), "--components");
  if (r.loss == "huber") spec.loss.delta = r.delta.value_or(1);
  if (r.loss == "quantile")
    spec.loss.quantiles = r.quantiles.empty() ? std::vector<double>{0.1, 0.5, 0.9} : r.quantiles;
  if (r.loss == "mixture") spec.loss.components = r.components.value_or(3);
  check(spec.loss);
  return spec;
}

SeriesData make_series_data(const SeriesRequest& r, const SeriesTable& table, SeriesTask task,
                            std::vector<SeriesParts> parts) {
  SeriesData data;
  data.task = std::move(task);
  data.parts = std::move(parts);
  std::vector<int> train_end;
  for (const SeriesParts& p : data.parts) train_end.push_back(p.train);
  fit_scales(data.task, table, train_end);
  data.train = series_set(data.task);
  data.valid = series_set(data.task);
  const int stride = data.task.context - data.task.context / 2;
  for (std::size_t i = 0; i < table.series.size(); ++i) {
    const PreparedSeries& p = data.prepared.emplace_back(prepare(data.task, table, table.series[i]));
    add_windows(data.task, p, 0, data.parts[i].train, stride, r.loss == "mixture", data.train);
    add_windows(data.task, p, data.parts[i].train, data.parts[i].valid, stride, r.loss == "mixture",
                data.valid);
  }
  if (data.train.empty())
    throw SpecError(
        fmt::format("{}: its {} rows to train on are too few for a season of {} and a horizon of {}",
                    table.name, data.parts[0].train, data.task.season, data.task.horizon));
  return data;
}

SequenceSet test_windows(const SeriesRequest& r, const SeriesData& data) {
  SequenceSet test = series_set(data.task);
  const int stride = data.task.context - data.task.context / 2;
  for (std::size_t i = 0; i < data.prepared.size(); ++i)
    add_windows(data.task, data.prepared[i], data.parts[i].valid, data.parts[i].test, stride,
                r.loss == "mixture", test);
  return test;
}

ConformalInterval calibrate(Forecaster& forecaster, SeriesData& data) {
  ConformalInterval errors(data.task.targets(), static_cast<std::size_t>(data.task.horizon));
  for (const bool validation : {true, false}) {
    for (std::size_t i = 0; i < data.prepared.size(); ++i) {
      const SeriesParts& p = data.parts[i];
      const int first = std::max(validation ? p.train : 0, first_origin(data.task)),
                last = validation ? p.valid : p.train;
      // At most a thousand a series tell enough; of the last ones only the first steps lie in the part.
      forecaster.errors(data.prepared[i], origins(first, last, 1, std::max(1, (last - first) / 1000)), last,
                        errors);
    }
    if (!errors.empty()) break;
  }
  forecaster.calibrate(errors, data.task);
  return errors;
}

void print_comparison(const Comparison& c, const SeriesTask& task) {
  const bool one = task.targets() == 1;
  Table table("lrrrrr");
  table.row({"", "MAE", "MSE", "RMSE", "MASE", "in 80 %"});
  const auto number = [](double v) { return std::isnan(v) ? std::string("–") : fmt::format("{:.4g}", v); };
  for (std::size_t i = 0; i < c.names.size(); ++i) {
    const Scores& s = c.scores[i];
    table.row({c.names[i], number(s.mae()), number(s.mse()), number(s.rmse()), number(s.mase()),
               std::isnan(s.coverage()) ? "–" : fmt::format("{:.0f} %", 100 * s.coverage())});
  }
  fmt::print("{}", table.text());
  fmt::print("{}\n", one ? "in units of '" + task.columns.targets[0] + "'"
                         : "in each target's standard deviation over the training part, mean over all");
  const std::vector<std::string> better = c.better();
  if (c.scores[0].count() == 0) {
    fmt::print("nothing to measure: no number of that part is there\n");
  } else if (better.empty()) {
    fmt::print("the model beats all of them by MAE\n");
  } else {
    fmt::print("the model LOSES to {} by MAE\n", fmt::join(better, ", "));
  }
}

nlohmann::ordered_json comparison_record(const Comparison& c) {
  nlohmann::ordered_json all = nlohmann::ordered_json::object();
  const auto number = [](double v) {
    return std::isfinite(v) ? nlohmann::ordered_json(v) : nlohmann::ordered_json();
  };
  for (std::size_t i = 0; i < c.names.size(); ++i) {
    const Scores& s = c.scores[i];
    all[c.names[i]] = {{"numbers", s.count()},     {"mae", number(s.mae())},
                       {"mse", number(s.mse())},   {"rmse", number(s.rmse())},
                       {"mase", number(s.mase())}, {"coverage", number(s.coverage())}};
  }
  return all;
}

}  // namespace cellwright::app
