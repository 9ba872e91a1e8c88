// forecaster.h: forecasts by a model of series, with an 80 % interval, and how they compare with the
// baselines.
//
// Where to start: Forecaster::forecast, then compare(). What always holds: a forecast behind `origin` rows
// reads the last task.context of these and nothing later but known-future columns; each is made from the
// cells' start, so it does not depend on which others are made with it.
#pragma once

#include <string>
#include <vector>

#include "forecast/conformal.h"
#include "forecast/scores.h"
#include "forecast/series_task.h"
#include "nn/sequence_model.h"

namespace cellwright {

/// In the units of the file, [target, step].
struct SeriesForecast {
  std::vector<double> point, low, high;  ///< low and high: NaN where the task holds no interval yet
};

/// Whether a model says at each step what the task forecasts: its widths, its reading, a loss of numbers.
/// What a file holds need not.
bool fits(const SequenceSpec& model, const SeriesTask& task);

class Forecaster {
 public:
  /// Keeps both by reference; they must fit.
  Forecaster(SequenceModel<float>& model, const SeriesTask& task) : model_(model), task_(task) {}

  /// One an origin, `horizon` steps each. SpecError: a horizon that the model does not say at once, an origin
  /// without a row before it.
  std::vector<SeriesForecast> forecast(const PreparedSeries& series, const std::vector<int>& origins,
                                       int horizon);

  /// Whether the interval is the loss' own (quantiles, a density); of recursive forecasts it never is.
  bool says_interval() const;

  /// What forecasts at these origins were off, of numbers in rows before `last`: in `difference`s.
  void errors(const PreparedSeries& series, const std::vector<int>& origins, int last,
              ConformalInterval& into);

  /// The interval of a loss that says none, into task.low and task.high; nothing where there are no errors.
  void calibrate(const ConformalInterval& errors, SeriesTask& task) const;

  /// Gives forecasts at rising origins the intervals of the errors that were known at each: those of before,
  /// and of these forecasts where their numbers lie before the origin. Nothing where says_interval().
  void follow(const PreparedSeries& series, const std::vector<int>& origins, ConformalInterval errors,
              std::vector<SeriesForecast>& forecasts) const;

 private:
  /// In deviations and `difference`s, before anything is added: point, low, high.
  struct Said {
    double point, low, high;
  };
  void run(const PreparedSeries& series, const std::vector<int>& origins, int horizon,
           std::vector<SeriesForecast>& z);
  double error(const PreparedSeries& series, const SeriesForecast& forecast, std::size_t target, int origin,
               std::size_t step) const;
  std::vector<Said> say(const float* outputs) const;

  SequenceModel<float>& model_;
  const SeriesTask& task_;
};

/// The model first, then baselines(); of one target in its units, of several in each one's deviation over the
/// training part.
struct Comparison {
  std::vector<std::string> names;
  std::vector<Scores> scores;

  /// Names of the baselines whose MAE is below the model's.
  std::vector<std::string> better() const;
};

/// Adds the scores of one series' forecasts at these rising origins. The baselines are fitted to rows
/// [0, train). errors: of earlier forecasts, for the interval (Forecaster::follow).
void compare(Forecaster& forecaster, const SeriesTask& task, const PreparedSeries& series, int train,
             const std::vector<int>& origins, int horizon, const ConformalInterval& errors, Comparison& into);

}  // namespace cellwright
