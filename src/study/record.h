// record.h: a study as a JSON file: written after every training, read to go on, and what a reader of the
// results looks into.
#pragma once

#include <string>
#include <vector>

#include "study/compare.h"

namespace cellwright::study {

/// Task and options ("study"), candidates with units, parameters and a hash of their equations, all
/// "runs", and the "summary". A figure that is not finite is null.
std::string study_to_json(const StudyTask& task, const CompareOptions& options,
                          const std::vector<Candidate>& candidates, const std::vector<StudyRun>& runs);

struct StudyRecord {
  std::vector<int> units;  ///< by candidate, as matched then
  std::vector<StudyRun> runs;
};

/// FormatError, beginning with `name`, for what is no such file; SpecError, naming what differs, where it was
/// made for another task, with other options or other candidates. More seeds or trials, candidates behind
/// those in the file, threads and confidence may differ: what is there is kept, the rest is run. `candidates`
/// need no units yet but the first.
StudyRecord study_from_json(const std::string& text, const std::string& name, const StudyTask& task,
                            const CompareOptions& options, const std::vector<Candidate>& candidates);

}  // namespace cellwright::study
