// compare_study.h: what comparisons on every task have in common on the command line: which cells, how they
// are matched, how many trainings, where the results go. A task (compare_text.cpp, compare_music.cpp, …)
// brings its data.
//
// Where to start: run_study().
#pragma once

#include <string>
#include <vector>

#include "command.h"
#include "study/compare.h"
#include "train_request.h"

namespace cellwright::app {

struct CompareRequest {
  std::vector<std::string> cells, options;  ///< options: "clockwork:periods=1,2"
  int units = 64, layers = 1;
  std::vector<double> rates;  ///< lowest and highest; empty: by the optimiser
  std::string match = "parameters";
  study::CompareOptions study;
  std::int64_t updates = 0;
  RunRequest run;  ///< training options, dropout, the engine
  std::string out = "compare.json", plot, plot_rates, title;
  bool markdown = false;
  int threads = 0;
  std::string command;  ///< as typed, to tell how to go on
};

/// Where tasks differ in how they say it.
struct StudyWords {
  std::string epochs, batch, steps, clip, patience;
};

void add_study_options(CLI::App* app, CompareRequest& request);
void add_study_training_options(CLI::App* app, CompareRequest& request, const StudyWords& words);

/// All that can be said before hours of work. SpecError.
void check_request(const CompareRequest& request);

/// With the first's units in all; a cell named twice is two candidates. CellError, SpecError, IoError.
std::vector<study::Candidate> candidates_of(const CompareRequest& request);

/// The same, in both directions of time where that is asked for.
std::vector<study::Candidate> in_directions(std::vector<study::Candidate> candidates, bool both);

/// Rates where none are given suit the optimiser. SpecError.
study::CompareOptions study_options(const CompareRequest& request, const TrainOptions& training);

/// Matches, goes on with what --out holds, trains, prints, draws. The exit status.
int run_study(const CompareRequest& request, const study::StudyTask& task, study::CompareOptions options,
              std::vector<study::Candidate> candidates);

void add_compare_text(CLI::App& compare, Command& chosen, const std::string& command);
void add_compare_music(CLI::App& compare, Command& chosen, const std::string& command);
void add_compare_classify(CLI::App& compare, Command& chosen, const std::string& command);
void add_compare_tag(CLI::App& compare, Command& chosen, const std::string& command);
void add_compare_series(CLI::App& compare, Command& chosen, const std::string& command);

}  // namespace cellwright::app
