// lab.cpp: `cellwright lab NAME`: experiments whose right answers are known, with any cells. The experiments
// themselves are in src/lab/; here their options are read and their results shown.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>

#include "base/file.h"
#include "base/thread_pool.h"
#include "cellwright/error.h"
#include "choice.h"
#include "command.h"
#include "draw/theme.h"
#include "interrupt.h"
#include "kernels/kernels.h"
#include "lab/catalogue.h"
#include "lab/picture.h"
#include "lab/record.h"
#include "lab/study.h"
#include "model_request.h"
#include "numbers.h"
#include "out_folder.h"
#include "picture.h"
#include "table.h"
#include "tell.h"

namespace cellwright::app {
namespace {

/// The same for every cell, from too slow to too fast.
const std::vector<double> kRates = {0.0005, 0.001, 0.002, 0.005, 0.01, 0.02};
const std::vector<double> kQuickRates = {0.002, 0.01};

struct Request {
  const lab::Entry* entry = nullptr;
  std::string language, out, plot, theme = "light";
  std::vector<std::string> cells, sizes, options;
  std::vector<int> units, lengths;
  std::vector<double> rates;
  std::optional<int> seeds, updates;
  int threads = 0, show = 0;
  bool quick = false, force = false;
  lab::StudyOptions study;
};

/// The task's own, which stand for its own cells; for other cells the first.
std::vector<int> default_units(const Request& r, std::size_t cells) {
  const std::vector<int>& units = r.entry->defaults.units;
  return r.cells.empty() ? units : std::vector<int>(cells, units[0]);
}

std::vector<LayerSpec> cells_of(const Request& r) {
  const std::vector<std::string> names = r.cells.empty() ? r.entry->defaults.cells : r.cells;
  std::vector<int> units = r.units.empty() ? default_units(r, names.size()) : r.units;
  if (units.size() == 1) units.resize(names.size(), units[0]);
  if (units.size() != names.size())
    throw SpecError(fmt::format("--units names {} widths for {} cells; give one for all, or one a cell",
                                units.size(), names.size()));
  ModelRequest model;
  model.cell = fmt::format("{}", fmt::join(names, ","));
  model.units = units;
  model.sizes = r.sizes;
  model.options = r.options.empty() ? r.entry->defaults.options : r.options;
  return make_layers(model);
}

lab::StudyOptions study_of(const Request& r) {
  lab::StudyOptions study = r.study;
  study.cells = cells_of(r);
  study.rates = !r.rates.empty() ? r.rates : r.quick ? kQuickRates : kRates;
  study.seeds = r.seeds.value_or(r.quick ? 1 : 3);
  const int updates = r.entry->defaults.training.updates;
  study.training.updates = r.updates.value_or(r.quick ? std::max(updates / 4, 1) : updates);
  if (r.threads < 0 || r.threads > 1024)
    throw SpecError(fmt::format("--threads must lie in 0 … 1024, found {}", r.threads));
  study.threads = r.threads > 0 ? r.threads : ThreadPool::available_processors();
  kernels::kernels<float>(study.training.simd);  // an unknown target is told first
  check(study);
  return study;
}

int show_samples(const lab::Task& task, const Request& r) {
  const Random random(r.study.first_seed, hash_name("lab.show"));
  for (int i = 0; i < r.show; ++i) {
    const auto points = task.points();
    lab::RandomDraw draw(random, static_cast<std::uint64_t>(i));
    fmt::print("{}\n", task.show(points[static_cast<std::size_t>(i) % points.size()], draw));
  }
  return 0;
}

std::string percent(double part) { return fmt::format("{:.1f}", 100 * part); }

/// "98.2 (97.0–99.1)": mean and range over the seeds, in per cent.
std::string spread_text(const lab::Summary::Spread& s, std::size_t runs) {
  return runs < 2 ? percent(s.mean)
                  : fmt::format("{} ({}–{})", percent(s.mean), percent(s.low), percent(s.high));
}

std::string error_text(const lab::Summary::Spread& s, std::size_t runs) {
  return runs < 2 ? fmt::format("{:.3g}", s.mean)
                  : fmt::format("{:.3g} ({:.3g}–{:.3g})", s.mean, s.low, s.high);
}

void print_table(const lab::Task& task, const std::vector<lab::Summary>& summaries) {
  const auto points = task.points();
  Table table("lr" + std::string(summaries.size(), 'r'));
  const bool error = !task.error_name().empty();
  const std::string accuracy = task.language() == "en" ? task.accuracy_name() : "accuracy";
  std::vector<std::string> head = {accuracy + ", %", task.length_name()};
  std::vector<std::string> rate = {"rate", ""}, parameters = {"parameters", ""}, solved = {"solved", ""};
  for (const lab::Summary& s : summaries) {
    head.push_back(fmt::format("{} {}", s.cell, s.units));
    rate.push_back(fmt::format("{}", s.rate));
    parameters.push_back(grouped(s.parameters));
    solved.push_back(fmt::format("{} of {}", s.solved, s.runs.size()));
  }
  table.row(head);
  for (std::size_t i = 0; i < points.size(); ++i) {
    std::vector<std::string> row = {points[i].label, std::to_string(points[i].length)};
    for (const lab::Summary& s : summaries) row.push_back(spread_text(s.accuracy[i], s.runs.size()));
    table.row(row);
  }
  for (std::size_t i = 0; i < points.size() && error; ++i) {
    std::vector<std::string> row = {fmt::format("{}, {}", task.error_name(), points[i].label),
                                    std::to_string(points[i].length)};
    for (const lab::Summary& s : summaries) row.push_back(error_text(s.error[i], s.runs.size()));
    table.row(row);
  }
  table.row(rate);
  table.row(parameters);
  table.row(solved);
  fmt::print("{}", table.text());
}

/// What Task::look_inside() found in the runs at the best rate.
void print_inside(const std::vector<lab::Summary>& summaries) {
  for (const lab::Summary& s : summaries) {
    for (const lab::TrainingResult* run : s.runs) {
      if (!run->inside.is_array()) continue;
      for (const auto& gate : run->inside)
        fmt::print(
            "{}, seed {}: {} of unit {} of {} changes by {:+.3f} at a new subject, from {:.3f} to {:.3f}; "
            "shuffled "
            "control {:+.3f} (lowest {:+.3f}), p = {:.3g}\n",
            s.cell, run->seed, gate.value("gate", ""), gate.value("unit", 0), gate.value("state", ""),
            gate.value("change", 0.0), gate.value("elsewhere", 0.0), gate.value("at_new", 0.0),
            gate.at("control").value("mean", 0.0), gate.at("control").value("lowest", 0.0),
            gate.value("p", 1.0));
    }
  }
}

/// Tells how trainings go: each one's end, and in between a line every ten seconds at most.
class Reporter {
 public:
  explicit Reporter(int batch) : batch_(batch) {}

  void progress(const LayerSpec& cell, double rate, std::uint64_t seed, const lab::TrainingProgress& p,
                int updates) {
    const double now = seconds();
    if (now - told_ < 10) return;
    told_ = now;
    std::string accuracy;
    for (const double a : p.accuracy) accuracy += fmt::format(" {:.0f}", 100 * a);
    tell(fmt::format("{}  {}, rate {}, seed {}: update {} of {}, loss {:.4f}, accuracy{} %\n",
                     clock_time(now), lab::cell_name(cell), rate, seed, grouped(p.update), grouped(updates),
                     p.loss, accuracy));
  }

  void finished(const lab::TrainingResult& r) {
    std::string accuracy;
    for (const lab::PointScore& p : r.points) accuracy += fmt::format(" {:.0f}", 100 * p.accuracy);
    told_ = seconds();
    tell(fmt::format("{}  {}, rate {}, seed {}: {} {} updates ({} sequences); test accuracy{} %\n",
                     clock_time(told_), r.cell, r.rate, r.seed,
                     r.solved     ? "solved after"
                     : r.diverged ? "diverged after"
                                  : "not solved in",
                     grouped(r.updates), grouped(std::int64_t{r.updates} * batch_), accuracy));
  }

 private:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  }
  int batch_;  // sequences an update
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  double told_ = 0;
};

int run(const Request& r) {
  lab::TaskOptions asked;
  if (!r.entry->languages.empty()) asked.language = r.language.empty() ? r.entry->languages[0] : r.language;
  asked.lengths = r.lengths;
  const std::unique_ptr<lab::Task> task = r.entry->make(asked);
  if (r.show > 0) return show_samples(*task, r);
  const lab::StudyOptions study = study_of(r);
  if (!r.out.empty()) check_folder("--out", r.out);
  if (!r.plot.empty()) check_picture("--plot", r.plot);
  std::vector<lab::TrainingResult> done;
  std::error_code ignored;
  if (!r.out.empty() && std::filesystem::exists(r.out, ignored) && !r.force)
    done = lab::results_from_json(read_file(r.out), r.out, *task, study);
  if (!done.empty()) tell(fmt::format("{} trainings are in {} already\n", done.size(), r.out));

  const Interrupt interrupt;
  Reporter reporter(study.training.lanes);
  lab::StudyHooks hooks;
  hooks.stop = interrupt.flag();
  hooks.progress = [&](const LayerSpec& cell, double rate, std::uint64_t seed,
                       const lab::TrainingProgress& p) {
    reporter.progress(cell, rate, seed, p, study.training.updates);
  };
  hooks.finished = [&](const lab::TrainingResult& result, const std::vector<lab::TrainingResult>& all) {
    if (!r.out.empty()) write_file_atomically(r.out, lab::study_to_json(*task, study, all));
    reporter.finished(result);
  };
  const auto results = lab::run_study(*task, study, std::move(done), hooks);
  const auto summaries = lab::summarise(*task, study, results);
  if (!r.out.empty()) write_file_atomically(r.out, lab::study_to_json(*task, study, results));
  if (!summaries.empty()) {
    print_table(*task, summaries);
    print_inside(summaries);
    if (!r.plot.empty()) write_picture(r.plot, draw::plot_svg(lab::study_plot(*task, summaries, r.theme)));
  }
  if (!interrupt.flag()->load()) return 0;
  tell(r.out.empty() ? "stopped\n" : fmt::format("stopped; the same command goes on from {}\n", r.out));
  return interrupt.status();
}

void add_options(CLI::App* app, Request& r) {
  lab::TrainingOptions& t = r.study.training;
  const lab::Defaults& d = r.entry->defaults;
  const auto number = [&](const char* name, auto& value, const std::string& help) {
    return app->add_option(name, value, help)->type_name("N");
  };
  if (!r.entry->languages.empty())
    choice(app->add_option("--lang", r.language, "Language of the texts"), r.entry->languages)
        ->default_str(r.entry->languages[0]);
  number("--lengths", r.lengths,
         "Lengths where accuracy is measured; the longest is trained on; default: the task's")
      ->delimiter(',');
  app->add_option("--cells", r.cells, "Shipped names or files of cells, side by side")
      ->delimiter(',')
      ->type_name("NAMES")
      ->default_str(fmt::format("{}", fmt::join(d.cells, ",")));
  number("--units", r.units, "Units, for all or one a cell")
      ->delimiter(',')
      ->default_str(fmt::format("{}", fmt::join(d.units, ",")));
  number("--layers", t.layers, "Layers of the cell, one above the other")->capture_default_str();
  if (r.entry->symbols)
    number("--embedding", t.embedding, "Width of the words' vectors; 0: one-hot")->capture_default_str();
  app->add_option("--size", r.sizes, "A size of a cell, as z=16")->type_name("NAME=N");
  app->add_option("--option", r.options, "An option of a cell, as periods=1,2,4")->type_name("NAME=VALUES");
  app->add_option("--rates", r.rates, "Learning rates of Adam; each cell goes on with its best")
      ->delimiter(',')
      ->type_name("X")
      ->default_str(fmt::format("{}", fmt::join(kRates, ",")));
  number("--seeds", r.seeds, "Seeds, of which the first chooses the rate")->default_str("3");
  whole_number(number("--seed", r.study.first_seed, "The first seed"))->capture_default_str();
  number("--updates", r.updates, "Updates of a training at most")
      ->default_str(std::to_string(d.training.updates));
  number("--batch", t.lanes, "Sequences an update")->capture_default_str();
  app->add_option("--clip", t.clip_norm, "Largest norm of the gradient; 0: any")
      ->type_name("X")
      ->capture_default_str();
  number("--check-every", t.check_every, "Updates between checks")->capture_default_str();
  number("--check-samples", t.check_samples, "Sequences a check reads at each length")->capture_default_str();
  number("--test-samples", t.test_samples, "Sequences that are tested at each length")->capture_default_str();
  app->add_flag("--quick", r.quick, "One seed, two rates, a quarter of the updates, unless they are given");
  number("--threads", r.threads, "Trainings side by side; 0: as many as processors")->capture_default_str();
  app->add_option("--simd", t.simd, "SIMD target (see --version); default: the best")->type_name("TARGET");
  app->add_option("--out", r.out,
                  "Results, written after every training; what is there already is not done again")
      ->type_name("FILE.json");
  app->add_flag("--force", r.force, "Begin anew where --out exists");
  app->add_option("--plot", r.plot, "Accuracy as a picture: .svg, .png or .pdf")->type_name("FILE");
  choice(app->add_option("--theme", r.theme, "Of the picture"), draw::theme_names())->capture_default_str();
  number("--show", r.show, "Print so many sequences with their answers in brackets, and train nothing");
  app->footer(
      fmt::format("Examples:\n  cellwright lab {0} --show 5\n  cellwright lab {0} --quick\n"
                  "  cellwright lab {0} --cells rnn,lstm,gru,my.cell --out {0}.json --plot {0}.svg",
                  r.entry->name));
}

}  // namespace

void add_lab_command(CLI::App& root, Command& chosen) {
  CLI::App* group = root.add_subcommand("lab", "Experiments whose right answers are known, with any cells");
  group->require_subcommand(1);
  group->footer(
      "Examples:\n  cellwright lab long-term --show 5\n  cellwright lab long-term --quick --plot gap.svg");
  for (const lab::Entry& entry : lab::catalogue()) {
    CLI::App* app = group->add_subcommand(entry.name, entry.summary);
    auto r = std::make_shared<Request>();
    r->entry = &entry;
    r->study.training = entry.defaults.training;
    add_options(app, *r);
    app->callback([&chosen, r] { chosen.run = [r] { return run(*r); }; });
  }
}

}  // namespace cellwright::app
