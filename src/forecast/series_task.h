// series_task.h: what a model of series must know beside its parameters to forecast: the columns, how their
// numbers are scaled, what it reads at a step, what it says. A model file keeps it as JSON.
//
// Where to start: SeriesTask, then prepare(). What always holds: scales come from the training part alone;
// gaps are filled from what was before them, never from what came after; where a column has gaps in training,
// the model is told (a flag beside it).
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "data/series.h"

namespace cellwright {

/// What a forecast is a difference from: nothing, the last number, that of a season before, or the mean over
/// the last season (without one, over the context).
enum class Relative { none, last, season, mean };

/// Of one series' columns.
struct SeriesScale {
  std::vector<double> mean, deviation;  ///< a column; of the logarithm where that is taken
  std::vector<double> spread;           ///< a target; deviation of the numbers themselves
  std::vector<double> naive;            ///< a target; naive_error(), what MASE divides by
  double until = 0;                     ///< time of the first row behind the training part
};

struct SeriesTask {
  SeriesColumns columns;
  Frequency frequency;
  int horizon = 1;  ///< steps that are forecast
  bool recursive =
      false;         ///< one step at a time, each forecast read as if it were a number; else all at once
  int context = 24;  ///< rows that are read before a forecast, at most
  int season = 1;
  Relative relative = Relative::last;
  bool independent = false;                   ///< each target from its own numbers alone, one model for all
  bool log = false;                           ///< targets by their logarithm
  bool calendar = true;                       ///< reads the place in day, week and year of the step to come
  std::vector<char> gaps;                     ///< a column: whether a flag for gaps stands beside it
  std::map<std::string, SeriesScale> scales;  ///< by the series' name
  std::vector<double> difference;  ///< a target: root mean square of what is forecast, in deviations
  /// A target and step, [target, step]: the ends of the 80 % interval of actual - forecast, in `difference`s
  /// (conformal.h), of a loss that says none. Empty before a model was measured.
  std::vector<double> low, high;

  std::size_t targets() const { return columns.targets.size(); }
  int steps() const { return recursive ? 1 : horizon; }  ///< that the model says at once
  /// Targets that the model reads and says together.
  std::size_t at_once() const { return independent ? 1 : targets(); }
  int outputs() const { return static_cast<int>(at_once()) * steps(); }
  int inputs() const;
  std::size_t flags() const;                                  ///< of gaps, among the inputs
  const SeriesScale& scale(const std::string& series) const;  ///< SpecError for one that was not trained on
};

nlohmann::json to_json(const SeriesTask& task);  ///< with "kind": "series"; what is only known after
                                                 ///< the training is under "measured"
SeriesTask series_task_from_json(const nlohmann::json& json);  ///< FormatError, and JSON's exceptions

/// The column's scales from rows [0, train_end) of each series, and where they have gaps. SpecError: a series
/// without two numbers there, a logarithm of what is not above 0.
void fit_scales(SeriesTask& task, const SeriesTable& table, const std::vector<int>& train_end);

/// A series in deviations from its mean.
struct PreparedSeries {
  const SeriesTable* table = nullptr;
  const OneSeries* series = nullptr;
  const SeriesScale* scale = nullptr;
  std::vector<std::vector<double>> z;  ///< [column][row]; NaN where missing
  std::vector<std::vector<double>>
      filled;  ///< the same, gaps carried forward; before the first number 0, the mean
};

/// Keeps references to its arguments.
PreparedSeries prepare(const SeriesTask& task, const SeriesTable& table, const OneSeries& series);

/// To the units of the file.
double unscaled(const SeriesTask& task, const SeriesScale& scale, std::size_t column, double z);
/// And the other way.
double scaled(const SeriesTask& task, const SeriesScale& scale, std::size_t column, double value);

/// Numbers of a target, as far as they go: those of the series, then forecasts.
struct SeriesView {
  const PreparedSeries* of = nullptr;
  int known = 0;                                           ///< rows of the series that may be read
  const std::vector<std::vector<double>>* more = nullptr;  ///< [target]: behind them
  double target(std::size_t k, int row) const;
};

/// What stands for the number `h` steps (from 1) behind `origin` rows before anything is forecast.
double base(const SeriesTask& task, const SeriesView& view, std::size_t target, int origin, int h);

/// What the model reads at `row` to forecast the at_once() targets from `first` on: inputs() numbers. Each of
/// these targets: its number, and with `relative` its change; the other columns; flags of gaps; the calendar
/// of the next row; the known-future columns of the steps to come (0, their mean, where the file ends).
void input_row(const SeriesTask& task, const SeriesView& view, int row, std::size_t first, float* to);

const char* name_of(Relative relative);
Relative relative_of(const std::string& word);

}  // namespace cellwright
