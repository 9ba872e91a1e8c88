// compare_study.cpp: see compare_study.h.
#include "compare_study.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>

#include "base/file.h"
#include "cellwright/error.h"
#include "choice.h"
#include "compare_table.h"
#include "interrupt.h"
#include "model_request.h"
#include "numbers.h"
#include "out_folder.h"
#include "picture.h"
#include "study/picture.h"
#include "study/record.h"

namespace cellwright::app {
namespace {

/// "clockwork:periods=1,2" for the cell "clockwork": "periods=1,2".
std::vector<std::string> options_for(const std::vector<std::string>& all, const std::string& cell) {
  std::vector<std::string> mine;
  for (const std::string& one : all) {
    const std::size_t colon = one.find(':');
    if (colon != std::string::npos && one.compare(0, colon, cell) == 0) mine.push_back(one.substr(colon + 1));
  }
  return mine;
}

void check_cell_options(const CompareRequest& r) {
  for (const std::string& one : r.options) {
    const std::size_t colon = one.find(':');
    const std::string cell = one.substr(0, colon);
    if (colon == std::string::npos || std::find(r.cells.begin(), r.cells.end(), cell) == r.cells.end()) {
      throw SpecError(fmt::format(
          "--option '{}' must begin with one of --cells and a colon, as clockwork:periods=1,2,4", one));
    }
  }
}

/// Adam and its kin take steps of the rate's size, plain descent of the gradient's.
std::pair<double, double> default_rates(const std::string& optimizer) {
  const bool adaptive =
      optimizer == "adam" || optimizer == "adamw" || optimizer == "nadam" || optimizer == "rmsprop";
  return adaptive ? std::make_pair(5e-4, 5e-2) : std::make_pair(0.05, 20.0);
}

void print_start(const study::StudyTask& task, const study::CompareOptions& options,
                 const std::vector<study::Candidate>& candidates, std::size_t done) {
  fmt::print(
      "comparing {} cells, {} matched: {} learning rates from {:g} to {:g}, then {} seeds of the best; {} "
      "thread{}\n",
      candidates.size(), study::match_word(options.match), options.trials, options.lowest_rate,
      options.highest_rate, options.seeds, options.threads, options.threads == 1 ? "" : "s");
  for (const study::Candidate& c : candidates)
    fmt::print("  {}: {} units, {} parameters\n", c.name, c.layer.units, grouped(task.parameters(c.layer)));
  if (done > 0) fmt::print("{} trainings are there already\n", done);
  std::fflush(stdout);
}

void print_run(const study::StudyRun& run, std::size_t done, std::size_t planned) {
  const study::TrialResult& r = run.result;
  const std::string figures =
      std::isfinite(r.valid)
          ? fmt::format("validation {:.4f}{}", r.valid, run.final ? fmt::format(", test {:.4f}", r.test) : "")
          : "no figure";
  fmt::print("[{}/{}] {} {} {}, rate {:.3g}: {}{}, {}\n", done, planned, run.candidate,
             run.final ? "seed" : "trial", run.index + 1, run.learning_rate, figures,
             r.diverged ? ", diverged" : "", clock_time(r.seconds));
  std::fflush(stdout);
}

bool exists(const std::string& path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0;
}

}  // namespace

void check_request(const CompareRequest& r) {
  check_picture("--plot", r.plot);
  check_picture("--plot-rates", r.plot_rates);
  if (r.out.size() < 5 || r.out.compare(r.out.size() - 5, 5, ".json") != 0)
    throw SpecError(fmt::format("--out '{}' must end in .json", r.out));
  check_folder("--out", r.out);
  check_cell_options(r);
}

std::vector<study::Candidate> candidates_of(const CompareRequest& r) {
  std::vector<study::Candidate> candidates;
  for (const std::string& cell : r.cells) {
    ModelRequest one;
    one.cell = cell;
    one.units = {r.units};
    one.options = options_for(r.options, cell);
    study::Candidate candidate;
    ModelSpec spec;
    spec.layers = make_layers(one);
    put_dropout(r.run.model.dropout, spec);
    candidate.layer = spec.layers.at(0);
    const std::string name = cell_name(candidate.layer);
    candidate.name = name;
    const auto taken = [&](const study::Candidate& other) { return other.name == candidate.name; };
    for (int n = 2; std::any_of(candidates.begin(), candidates.end(), taken); ++n)
      candidate.name = fmt::format("{} ({})", name, n);
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

std::vector<study::Candidate> in_directions(std::vector<study::Candidate> candidates, bool both) {
  for (study::Candidate& c : candidates)
    c.layer.direction = both ? LayerSpec::Direction::both : LayerSpec::Direction::forward;
  return candidates;
}

study::CompareOptions study_options(const CompareRequest& r, const TrainOptions& training) {
  study::CompareOptions options = r.study;
  options.match = study::match_by(r.match);
  options.threads = r.threads > 0 ? r.threads : ThreadPool::available_processors();
  std::tie(options.lowest_rate, options.highest_rate) = r.rates.empty()
                                                            ? default_rates(training.optimizer.kind)
                                                            : std::make_pair(r.rates.front(), r.rates.back());
  study::check(options);
  return options;
}

int run_study(const CompareRequest& r, const study::StudyTask& task, study::CompareOptions options,
              std::vector<study::Candidate> candidates) {
  std::vector<study::StudyRun> done;
  std::vector<int> units;
  if (exists(r.out)) {
    study::StudyRecord record = study::study_from_json(read_file(r.out), r.out, task, options, candidates);
    done = std::move(record.runs);
    units = std::move(record.units);
  }
  study::match_candidates(task, options, candidates);
  for (std::size_t c = 0; c < units.size(); ++c) candidates[c].layer.units = units[c];  // as measured then

  print_start(task, options, candidates, done.size());
  const Interrupt interrupt;
  study::CompareHooks hooks;
  hooks.stop = interrupt.flag();
  const auto planned = candidates.size() * static_cast<std::size_t>(options.trials + options.seeds);
  hooks.finished = [&](const study::StudyRun& run, const std::vector<study::StudyRun>& all) {
    write_file_atomically(r.out, study::study_to_json(task, options, candidates, all));
    print_run(run, all.size(), planned);
  };
  const std::vector<study::StudyRun> runs = study::compare(task, options, candidates, std::move(done), hooks);
  write_file_atomically(r.out, study::study_to_json(task, options, candidates, runs));
  if (interrupt.flag()->load()) {
    fmt::print("\nstopped after {} of {} trainings; go on by the same command: {}\n", runs.size(), planned,
               r.command);
    return interrupt.status();
  }
  const std::vector<study::Summary> summaries = study::summarise(task, options, candidates, runs);
  fmt::print("\n{}", compare_table(task, options, summaries, r.markdown));
  if (!r.plot.empty())
    write_picture(r.plot, draw::plot_svg(study::results_plot(task, options, summaries, r.title)));
  if (!r.plot_rates.empty())
    write_picture(r.plot_rates, draw::plot_svg(study::rates_plot(task, candidates, runs)));
  fmt::print("saved in {}\n", r.out);
  return 0;
}

void add_study_options(CLI::App* app, CompareRequest& r) {
  app->add_option("--cells", r.cells,
                  "Shipped cells or files of equations; the first is what the others are held against")
      ->required()
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("A,B");
  app->add_option("--option", r.options, "An option of one of the cells, as clockwork:periods=1,2,4")
      ->type_name("CELL:NAME=X")
      ->allow_extra_args(false);
  choice(app->add_option("--match", r.match, "What all cells have as much of as the first"),
         {"parameters", "units", "time"})
      ->capture_default_str();
  const auto number = [&](const std::string& name, auto& field, const std::string& text, const char* type) {
    app->add_option(name, field, text)->type_name(type)->capture_default_str();
  };
  number("--units", r.units, "Units of the first cell", "N");
  number("--trials", r.study.trials, "Learning rates tried with each cell, drawn at random", "N");
  app->add_option("--rates", r.rates,
                  "Lowest and highest rate (adam and its kin 0.0005,0.05; others 0.05,20)")
      ->delimiter(',')
      ->expected(2)
      ->type_name("X,X");
  number("--seeds", r.study.seeds, "Trainings with the best rate", "N");
  number("--seed", r.study.seed, "Of the study", "N");
  whole_number(app->get_option("--seed"));
  number("--confidence", r.study.confidence, "Of intervals; differences are told at 1 minus this", "X");
  app->add_option("--threads", r.threads, "Trainings side by side; 0: as many as processors")
      ->type_name("N")
      ->capture_default_str();
  app->add_option("--out", r.out, "Results; a file that is there already is gone on with (compare.json)")
      ->type_name("FILE");
  app->add_option("--plot", r.plot, "Draw the figures with their intervals (.svg, .png, .pdf)")
      ->type_name("FILE");
  app->add_option("--plot-rates", r.plot_rates, "Draw what each learning rate reached")->type_name("FILE");
  app->add_option("--title", r.title, "Of the plot")->type_name("TEXT");
  app->add_flag("--markdown", r.markdown, "Print the table in Markdown");
}

void add_study_training_options(CLI::App* app, CompareRequest& r, const StudyWords& words) {
  TrainRequest& t = r.run.train;
  const auto number = [&](const std::string& name, auto& field, const std::string& text, const char* type) {
    return app->add_option(name, field, text)->type_name(type)->group("Training");
  };
  number("--layers", r.layers, "Layers of the cell", "N")->capture_default_str();
  number("--epochs", t.epochs, words.epochs, "N");
  number("--updates", r.updates, "At most so many updates (0: all epochs)", "N")->capture_default_str();
  number("--batch", t.batch, words.batch, "N");
  number("--steps", t.steps, words.steps, "N");
  choice(number("--optimizer", t.optimizer, "Rule of an update (adam)", "NAME"), optimizer_kinds());
  number("--clip", t.clip_norm, words.clip, "X");
  choice(number("--schedule", t.schedule, "Of the learning rate (constant)", "NAME"), schedule_kinds());
  number("--patience", t.patience, words.patience, "N");
  number("--evaluate-every", t.evaluate_every, "Updates between validations (an epoch)", "N");
  add_dropout_options(app, r.run.model.dropout);
}

}  // namespace cellwright::app
