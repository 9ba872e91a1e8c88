// series_request.h: what `train series` and `backtest` are asked, and from it the task, the model and its
// data.
//
// Where to start: SeriesRequest; SeriesData is what is read before a model is made.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/sequences.h"
#include "forecast/forecaster.h"
#include "forecast/series_windows.h"
#include "train_request.h"

namespace CLI {
class App;
}

namespace cellwright::app {

struct SeriesRequest : RunRequest {
  std::string data;
  SeriesColumns columns;                     ///< a target "all": every column that nothing else was said of
  int horizon = 1, context = 0, season = 0;  ///< 0: what suits the others
  std::string loss = "mse", strategy = "direct", relative = "last", missing = "carry";
  std::optional<double> delta;    ///< of huber
  std::vector<double> quantiles;  ///< of quantile; empty: 0.1, 0.5, 0.9
  std::optional<int> components;  ///< of mixture
  bool log = false, no_calendar = false;
  int rows = 0;                    ///< the first so many of each series; 0: all
  double valid = 0.1, test = 0.2;  ///< a part, or rows from 1 on
  int every = 1;                   ///< rows from one forecast of the test to the next
  std::string measure = "test";    ///< the part that is measured at the end
  bool independent = false;
};

/// The options of both commands. `backtest`: those of the second.
void add_series_options(CLI::App* app, SeriesRequest& request, bool backtest);

/// What trainings of series start from.
TrainOptions series_defaults(const SeriesRequest& request);

/// The file as a table of series, cut to --rows. SpecError, FormatError, IoError.
SeriesTable read_series_file(const SeriesRequest& request);

/// The task without scales. SpecError: options that do not go together, or not with the shortest series.
SeriesTask make_series_task(const SeriesRequest& request, const SeriesTable& table);

SequenceSpec make_series_spec(const SeriesRequest& request, const SeriesTask& task);

/// Scales fitted, and the sets to train and validate on.
struct SeriesData {
  SeriesTask task;
  std::vector<SeriesParts> parts;  ///< a series
  std::vector<PreparedSeries> prepared;
  SequenceSet train, valid;
};
/// `parts` a series. Keeps a reference to the table.
SeriesData make_series_data(const SeriesRequest& request, const SeriesTable& table, SeriesTask task,
                            std::vector<SeriesParts> parts);

/// The test part as windows, like those of `data`: for a loss over it, not for forecasts.
SequenceSet test_windows(const SeriesRequest& request, const SeriesData& data);

/// Errors of the validation part, or without one of the training part, and from them the interval of a loss
/// that has none.
ConformalInterval calibrate(Forecaster& forecaster, SeriesData& data);

/// Begins where the season has been read and a forecast fits in.
int first_origin(const SeriesTask& task);

/// A line a forecaster, and whether the model loses to one.
void print_comparison(const Comparison& comparison, const SeriesTask& task);
nlohmann::ordered_json comparison_record(const Comparison& comparison);

}  // namespace cellwright::app
