// study.cpp: see study.h.
#include "lab/study.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <mutex>

#include "base/side_by_side.h"
#include "cellwright/error.h"

namespace cellwright::lab {
namespace {

struct Job {
  const LayerSpec* cell;
  double rate;
  std::uint64_t seed;
};

bool same(const TrainingResult& r, const Job& job) {
  return r.cell == cell_name(*job.cell) && r.cell_hash == cell_hash(*job.cell) &&
         r.units == job.cell->units && r.rate == job.rate && r.seed == job.seed;
}

const TrainingResult* find(const std::vector<TrainingResult>& results, const Job& job) {
  for (const TrainingResult& r : results) {
    if (same(r, job)) return &r;
  }
  return nullptr;
}

/// Better check first; of equal ones the sooner, then the smaller rate.
bool better(const TrainingResult& a, const TrainingResult& b) {
  if (a.check != b.check) return a.check > b.check;
  if (a.best_update != b.best_update) return a.best_update < b.best_update;
  return a.rate < b.rate;
}

/// Null where a rate is missing.
const TrainingResult* best_rate(const LayerSpec& cell, const StudyOptions& options,
                                const std::vector<TrainingResult>& results, bool all_needed) {
  const TrainingResult* best = nullptr;
  for (const double rate : options.rates) {
    const TrainingResult* r = find(results, {&cell, rate, options.first_seed});
    if (r == nullptr && all_needed) return nullptr;
    if (r != nullptr && (best == nullptr || better(*r, *best))) best = r;
  }
  return best;
}

Summary::Spread spread_of(const std::vector<const TrainingResult*>& runs, std::size_t point,
                          double PointScore::*figure) {
  Summary::Spread s;
  s.low = s.high = runs[0]->points[point].*figure;
  for (const TrainingResult* r : runs) {
    const double value = r->points[point].*figure;
    s.mean += value / static_cast<double>(runs.size());
    s.low = std::min(s.low, value);
    s.high = std::max(s.high, value);
  }
  return s;
}

class Work {
 public:
  Work(const Task& task, const StudyOptions& options, std::vector<TrainingResult> done,
       const StudyHooks& hooks)
      : task_(task), options_(options), hooks_(hooks), results_(std::move(done)) {}

  void run(const std::vector<Job>& wanted) {
    std::vector<Job> jobs;
    for (const Job& job : wanted) {
      if (find(results_, job) == nullptr) jobs.push_back(job);
    }
    side_by_side(options_.threads, jobs.size(), hooks_.stop, [&](std::size_t i) { do_job(jobs[i]); });
  }

  std::vector<TrainingResult> take() { return std::move(results_); }
  const std::vector<TrainingResult>& results() const { return results_; }

 private:
  void do_job(const Job& job) {
    const auto report = [&](const TrainingProgress& progress) {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (hooks_.progress) hooks_.progress(*job.cell, job.rate, job.seed, progress);
    };
    auto result = train_on_task(task_, *job.cell, options_.training, job.rate, job.seed, report, hooks_.stop);
    if (!result) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    results_.push_back(*result);
    sort();
    if (hooks_.finished) hooks_.finished(*result, results_);
  }

  /// In the order of the cells asked for, those of earlier calls behind them, then by rate and seed.
  void sort() {
    const auto place = [&](const TrainingResult& r) {
      std::size_t i = 0;
      while (i < options_.cells.size() &&
             !(cell_name(options_.cells[i]) == r.cell && cell_hash(options_.cells[i]) == r.cell_hash &&
               options_.cells[i].units == r.units))
        ++i;
      return i;
    };
    std::stable_sort(results_.begin(), results_.end(), [&](const TrainingResult& a, const TrainingResult& b) {
      const std::size_t x = place(a), y = place(b);
      if (x != y) return x < y;
      if (a.rate != b.rate) return a.rate < b.rate;
      return a.seed < b.seed;
    });
  }

  const Task& task_;
  const StudyOptions& options_;
  const StudyHooks& hooks_;
  std::vector<TrainingResult> results_;
  std::mutex mutex_;
};

}  // namespace

void check(const StudyOptions& o) {
  check(o.training);
  if (o.cells.empty()) throw SpecError("--cells names no cell; give one or more, as rnn,lstm");
  if (o.rates.empty()) throw SpecError("--rates names no learning rate; give one or more, as 0.001,0.01");
  for (const double rate : o.rates) {
    if (!(rate > 0) || !std::isfinite(rate))
      throw SpecError(fmt::format("--rates must be numbers above 0, found {}", rate));
  }
  if (o.seeds < 1 || o.seeds > 10000)
    throw SpecError(fmt::format("--seeds must lie in 1 … 10000, found {}", o.seeds));
  if (o.threads < 1 || o.threads > 1024)
    throw SpecError(fmt::format("--threads must lie in 1 … 1024, found {}", o.threads));
  for (std::size_t i = 0; i < o.cells.size(); ++i) {
    if (o.cells[i].units < 1 || o.cells[i].units > 65536)
      throw SpecError(fmt::format("--units must lie in 1 … 65536, found {}", o.cells[i].units));
    for (std::size_t k = 0; k < i; ++k) {
      if (cell_name(o.cells[i]) == cell_name(o.cells[k]))
        throw SpecError(fmt::format("--cells names '{}' twice; name it once", cell_name(o.cells[i])));
    }
  }
}

std::vector<TrainingResult> run_study(const Task& task, const StudyOptions& options,
                                      std::vector<TrainingResult> done, const StudyHooks& hooks) {
  check(options);
  Work work(task, options, std::move(done), hooks);
  std::vector<Job> jobs;
  for (const LayerSpec& cell : options.cells) {
    for (const double rate : options.rates) jobs.push_back({&cell, rate, options.first_seed});
  }
  work.run(jobs);
  jobs.clear();
  for (const LayerSpec& cell : options.cells) {
    const TrainingResult* best = best_rate(cell, options, work.results(), true);
    for (int i = 1; best != nullptr && i < options.seeds; ++i)
      jobs.push_back({&cell, best->rate, options.first_seed + static_cast<std::uint64_t>(i)});
  }
  work.run(jobs);
  return work.take();
}

std::vector<Summary> summarise(const Task& task, const StudyOptions& options,
                               const std::vector<TrainingResult>& results) {
  std::vector<Summary> all;
  for (const LayerSpec& cell : options.cells) {
    const TrainingResult* best = best_rate(cell, options, results, false);
    if (best == nullptr) continue;
    Summary s;
    s.cell = best->cell;
    s.units = best->units;
    s.parameters = best->parameters;
    s.rate = best->rate;
    for (int i = 0; i < options.seeds; ++i) {
      const auto* r = find(results, {&cell, best->rate, options.first_seed + static_cast<std::uint64_t>(i)});
      if (r == nullptr) continue;
      s.runs.push_back(r);
      s.solved += r->solved ? 1 : 0;
    }
    for (std::size_t i = 0; i < task.points().size() && !s.runs.empty(); ++i) {
      s.accuracy.push_back(spread_of(s.runs, i, &PointScore::accuracy));
      s.error.push_back(spread_of(s.runs, i, &PointScore::error));
    }
    all.push_back(std::move(s));
  }
  return all;
}

}  // namespace cellwright::lab
