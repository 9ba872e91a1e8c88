// compare.h: the variant study: cells side by side on one task, with the same budget.
//
// Where to start: compare(). First every candidate is tried at learning rates drawn at random, the same
// for all; then it is trained with its best one over several seeds, and what it reaches on the test part is
// compared with the first candidate's, seed by seed.
//
// What always holds: results, and their order, do not depend on threads (each takes whole trainings) nor on
// which were done in an earlier call. Trials and final trainings have different seeds, so that the
// choice of a rate does not flatter the figure. A candidate's start values are its own: the same cell twice
// is two candidates, whose differences are those of chance.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "study/match.h"
#include "study/statistics.h"
#include "study/study_task.h"

namespace cellwright::study {

struct Candidate {
  std::string name;  ///< "lstm"; different from all others
  LayerSpec layer;   ///< units: of the reference, which is the first, as asked for; of others, set by
                     ///< match_candidates()
};

struct CompareOptions {
  int trials = 8;                                  ///< learning rates a candidate
  double lowest_rate = 1e-3, highest_rate = 1e-1;  ///< drawn between them, uniformly in the logarithm
  int seeds = 5;
  std::uint64_t seed = 1;  ///< of the study: everything else is drawn from it
  int threads = 1;
  Match match = Match::kParameters;
  double confidence = 0.95;
};

void check(const CompareOptions& options);  ///< SpecError names the option, its value and its range

/// One training that was done.
struct StudyRun {
  std::string candidate;
  bool final = false;  ///< else a trial
  int index = 0;       ///< of the trial, or of the seed, from 0
  double learning_rate = 0;
  TrialResult result;
};

struct CompareHooks {
  std::function<void(const StudyRun& run, const std::vector<StudyRun>& all)>
      finished;  ///< one call at a time
  const std::atomic<bool>* stop = nullptr;
};

/// Gives all but the first their units. Where times are matched, run once and keep what came out.
void match_candidates(const StudyTask& task, const CompareOptions& options,
                      std::vector<Candidate>& candidates);

/// `index` from 0; the same for every candidate.
double drawn_rate(const CompareOptions& options, int index);

/// All runs, sorted by candidate, trials first; fewer where it was stopped. `done`: of an earlier call with
/// the same task, options and candidates.
std::vector<StudyRun> compare(const StudyTask& task, const CompareOptions& options,
                              const std::vector<Candidate>& candidates, std::vector<StudyRun> done = {},
                              const CompareHooks& hooks = {});

enum class Verdict {
  kReference,
  kBetter,  ///< less, at the family-wise level 1 - confidence
  kWorse,
  kNoDifference,
  kDiverged,  ///< one of the two has final trainings without a figure
  kUnfinished
};
const char* verdict_word(Verdict verdict);

/// What is known of one candidate.
struct Summary {
  const Candidate* candidate = nullptr;
  std::int64_t parameters = 0;
  double learning_rate = 0;                  ///< the best of the trials; 0: none has a figure
  int trials = 0, finals = 0, diverged = 0;  ///< done; final ones without a figure
  Estimate valid, test;                      ///< of the final trainings that have a figure; count 0: none
  double seconds = 0;                        ///< mean of a final training
  PairedTest against;                        ///< test minus the reference's, seed by seed
  double adjusted_p = 1;                     ///< Holm over all candidates
  Verdict verdict = Verdict::kUnfinished;
};

std::vector<Summary> summarise(const StudyTask& task, const CompareOptions& options,
                               const std::vector<Candidate>& candidates, const std::vector<StudyRun>& runs);

}  // namespace cellwright::study
