// study.h: cells side by side on one task: each with its best of the same learning rates, over several seeds.
//
// Where to start: run_study. Every cell is trained at every rate with the first seed; the rate with the best
// check goes on to the other seeds. What always holds: the results, and their order, do not depend on
// threads, which each take whole trainings, nor on which of them were done in an earlier call.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "lab/training.h"

namespace cellwright::lab {

struct StudyOptions {
  std::vector<LayerSpec> cells;
  std::vector<double> rates;
  int seeds = 3;
  std::uint64_t first_seed = 1;
  int threads = 1;
  TrainingOptions training;
};

/// One cell's best rate, over its seeds.
struct Summary {
  std::string cell;
  int units = 0;
  std::int64_t parameters = 0;
  double rate = 0;
  std::vector<const TrainingResult*> runs;  ///< at that rate, by seed
  struct Spread {
    double mean = 0, low = 0, high = 0;
  };
  std::vector<Spread> accuracy, error;  ///< by point, as PointScore's
  int solved = 0;                       ///< runs
};

struct StudyHooks {
  /// Called from several threads, one at a time.
  std::function<void(const LayerSpec& cell, double rate, std::uint64_t seed, const TrainingProgress&)>
      progress;
  std::function<void(const TrainingResult&, const std::vector<TrainingResult>& all)> finished;
  const std::atomic<bool>* stop = nullptr;
};

void check(const StudyOptions& options);  ///< SpecError names the field, its value and its range

/// `done`: results of an earlier call with the same task and training options; those that are not asked for
/// stay in the list. All results, sorted by cell, rate and seed; fewer than were asked for when it was
/// stopped.
std::vector<TrainingResult> run_study(const Task& task, const StudyOptions& options,
                                      std::vector<TrainingResult> done = {}, const StudyHooks& hooks = {});

/// Of the cells asked for, in their order; a cell of which nothing is done yet is left out. Pointers into
/// `results`.
std::vector<Summary> summarise(const Task& task, const StudyOptions& options,
                               const std::vector<TrainingResult>& results);

}  // namespace cellwright::lab
