#include "study/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <optional>

#include "base/rng.h"
#include "base/side_by_side.h"
#include "cellwright/error.h"

namespace cellwright::study {
namespace {

struct Job {
  std::size_t candidate = 0;
  bool final = false;
  int index = 0;
  double learning_rate = 0;
};

const StudyRun* find(const std::vector<StudyRun>& runs, const std::string& candidate, bool final, int index) {
  for (const StudyRun& run : runs) {
    if (run.candidate == candidate && run.final == final && run.index == index) return &run;
  }
  return nullptr;
}

/// Of the trials done; null where none has a figure. Of equal ones the first.
const StudyRun* best_trial(const std::vector<StudyRun>& runs, const std::string& candidate) {
  const StudyRun* best = nullptr;
  for (const StudyRun& run : runs) {
    if (run.candidate != candidate || run.final || !std::isfinite(run.result.valid)) continue;
    if (best == nullptr || run.result.valid < best->result.valid) best = &run;
  }
  return best;
}

Trial trial_of(const CompareOptions& options, const Job& job) {
  const auto draw = [&](const char* what, std::uint64_t i, std::uint64_t j) {
    return Random(options.seed, hash_name(what)).bits(i, j) >> 1;  // as a seed in a JSON file: below 2^63
  };
  const auto kind = static_cast<std::uint64_t>(job.final), index = static_cast<std::uint64_t>(job.index);
  Trial trial;
  trial.learning_rate = job.learning_rate;
  trial.seed = draw("study.data", kind, index);
  trial.init_seed = draw(job.final ? "study.init.final" : "study.init.trial", job.candidate, index);
  return trial;
}

class Work {
 public:
  Work(const StudyTask& task, const CompareOptions& options, const std::vector<Candidate>& candidates,
       std::vector<StudyRun> done, const CompareHooks& hooks)
      : task_(task), options_(options), candidates_(candidates), hooks_(hooks), runs_(std::move(done)) {
    sort();
  }

  void run() {
    std::vector<Job> jobs;
    for (std::size_t c = 0; c < candidates_.size(); ++c) {
      for (int i = 0; i < options_.trials; ++i) jobs.push_back({c, false, i, drawn_rate(options_, i)});
    }
    do_all(jobs);
    if (stopped()) return;
    jobs.clear();
    for (std::size_t c = 0; c < candidates_.size(); ++c) {
      const StudyRun* best = best_trial(runs_, candidates_[c].name);
      if (best == nullptr) continue;  // every rate diverged: there is nothing to train with
      for (int i = 0; i < options_.seeds; ++i) jobs.push_back({c, true, i, best->learning_rate});
    }
    do_all(jobs);
  }

  std::vector<StudyRun> take() { return std::move(runs_); }

 private:
  bool stopped() const { return hooks_.stop && hooks_.stop->load(); }

  void do_all(const std::vector<Job>& wanted) {
    std::vector<Job> jobs;
    for (const Job& job : wanted) {
      if (find(runs_, candidates_[job.candidate].name, job.final, job.index) == nullptr) jobs.push_back(job);
    }
    side_by_side(options_.threads, jobs.size(), hooks_.stop, [&](std::size_t i) { do_one(jobs[i]); });
  }

  void do_one(const Job& job) {
    const Candidate& candidate = candidates_[job.candidate];
    const auto result = task_.run(candidate.layer, trial_of(options_, job), hooks_.stop);
    if (!result) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    const StudyRun run = {candidate.name, job.final, job.index, job.learning_rate, *result};
    runs_.push_back(run);
    sort();
    if (hooks_.finished) hooks_.finished(run, runs_);
  }

  void sort() {
    const auto place = [&](const StudyRun& run) {
      return std::find_if(candidates_.begin(), candidates_.end(),
                          [&](const Candidate& c) { return c.name == run.candidate; }) -
             candidates_.begin();
    };
    std::stable_sort(runs_.begin(), runs_.end(), [&](const StudyRun& a, const StudyRun& b) {
      return std::make_tuple(place(a), a.final, a.index) < std::make_tuple(place(b), b.final, b.index);
    });
  }

  const StudyTask& task_;
  const CompareOptions& options_;
  const std::vector<Candidate>& candidates_;
  const CompareHooks& hooks_;
  std::vector<StudyRun> runs_;
  std::mutex mutex_;
};

/// Final figures, by seed; a seed not done yet, or without a figure, is missing.
std::vector<std::optional<double>> finals_of(const CompareOptions& options, const std::vector<StudyRun>& runs,
                                             const std::string& candidate) {
  std::vector<std::optional<double>> figures;
  for (int i = 0; i < options.seeds; ++i) {
    const StudyRun* run = find(runs, candidate, true, i);
    const bool figure = run != nullptr && std::isfinite(run->result.test);
    figures.push_back(figure ? std::optional<double>(run->result.test) : std::nullopt);
  }
  return figures;
}

Summary summary_of(const StudyTask& task, const CompareOptions& options, const Candidate& candidate,
                   const std::vector<StudyRun>& runs) {
  Summary s;
  s.candidate = &candidate;
  s.parameters = task.parameters(candidate.layer);
  if (const StudyRun* best = best_trial(runs, candidate.name)) s.learning_rate = best->learning_rate;
  std::vector<double> valid, test;
  for (const StudyRun& run : runs) {
    if (run.candidate != candidate.name) continue;
    ++(run.final ? s.finals : s.trials);
    if (!run.final) continue;
    s.seconds += run.result.seconds;
    if (!std::isfinite(run.result.test)) {
      ++s.diverged;
      continue;
    }
    valid.push_back(run.result.valid);
    test.push_back(run.result.test);
  }
  if (s.finals > 0) s.seconds /= s.finals;
  if (!test.empty()) {
    s.valid = estimate(valid, options.confidence);
    s.test = estimate(test, options.confidence);
  }
  return s;
}

bool complete(const Summary& s, const CompareOptions& options) {
  return s.trials >= options.trials && (s.finals >= options.seeds || s.learning_rate == 0);
}

}  // namespace

void check(const CompareOptions& o) {
  const auto within = [](const char* name, double value, double least, double most) {
    if (!(value >= least && value <= most))
      throw SpecError(fmt::format("{} must lie in {} … {}, found {}", name, least, most, value));
  };
  within("--trials", o.trials, 1, 10000);
  within("--seeds", o.seeds, 1, 10000);
  within("--threads", o.threads, 1, 1024);
  if (!(o.lowest_rate > 0) || !(o.highest_rate >= o.lowest_rate) || !std::isfinite(o.highest_rate)) {
    throw SpecError(fmt::format("--rates must be two numbers above 0, the lower one first, found {:g},{:g}",
                                o.lowest_rate, o.highest_rate));
  }
  if (!(o.confidence > 0 && o.confidence < 1))
    throw SpecError(fmt::format("--confidence must lie between 0 and 1, found {:g}", o.confidence));
}

void match_candidates(const StudyTask& task, const CompareOptions& options,
                      std::vector<Candidate>& candidates) {
  for (std::size_t c = 1; c < candidates.size(); ++c) {
    candidates[c].layer.units =
        matched_units(task, options.match, candidates[0].layer, candidates[c].layer, candidates[c].name);
  }
}

double drawn_rate(const CompareOptions& options, int index) {
  const double u = Random(options.seed, hash_name("study.rate")).uniform(static_cast<std::uint64_t>(index));
  return options.lowest_rate * std::pow(options.highest_rate / options.lowest_rate, u);
}

std::vector<StudyRun> compare(const StudyTask& task, const CompareOptions& options,
                              const std::vector<Candidate>& candidates, std::vector<StudyRun> done,
                              const CompareHooks& hooks) {
  check(options);
  for (const Candidate& c : candidates)
    task.parameters(c.layer);  // what cannot be built is told before hours of work
  Work work(task, options, candidates, std::move(done), hooks);
  work.run();
  return work.take();
}

const char* verdict_word(Verdict verdict) {
  switch (verdict) {
    case Verdict::kReference:
      return "reference";
    case Verdict::kBetter:
      return "better";
    case Verdict::kWorse:
      return "worse";
    case Verdict::kNoDifference:
      return "no difference";
    case Verdict::kDiverged:
      return "diverges";
    case Verdict::kUnfinished:
      break;
  }
  return "unfinished";
}

std::vector<Summary> summarise(const StudyTask& task, const CompareOptions& options,
                               const std::vector<Candidate>& candidates, const std::vector<StudyRun>& runs) {
  std::vector<Summary> all;
  for (const Candidate& c : candidates) all.push_back(summary_of(task, options, c, runs));
  if (all.empty()) return all;
  const auto reference = finals_of(options, runs, candidates[0].name);
  std::vector<std::size_t> tested;
  std::vector<double> p;
  if (complete(all[0], options)) all[0].verdict = Verdict::kReference;
  for (std::size_t c = 1; c < all.size(); ++c) {
    if (!complete(all[0], options) || !complete(all[c], options)) continue;
    if (all[c].diverged > 0 || all[0].diverged > 0 || all[c].finals == 0 || all[0].finals == 0) {
      all[c].verdict = Verdict::kDiverged;
      continue;
    }
    const auto figures = finals_of(options, runs, candidates[c].name);
    std::vector<double> mine, theirs;
    for (std::size_t i = 0; i < figures.size(); ++i) {
      if (!figures[i] || !reference[i]) continue;
      mine.push_back(*figures[i]);
      theirs.push_back(*reference[i]);
    }
    all[c].against = paired_t_test(mine, theirs, options.confidence);
    tested.push_back(c);
    p.push_back(all[c].against.p);
  }
  const std::vector<double> adjusted = holm(p);
  for (std::size_t i = 0; i < tested.size(); ++i) {
    Summary& s = all[tested[i]];
    s.adjusted_p = adjusted[i];
    s.verdict = s.adjusted_p >= 1 - options.confidence ? Verdict::kNoDifference
                : s.against.difference.mean < 0        ? Verdict::kBetter
                                                       : Verdict::kWorse;
  }
  return all;
}

}  // namespace cellwright::study
