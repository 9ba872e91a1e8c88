// results_fuzz.cpp: files of results that `compare` and `lab` read to go on. The first byte chooses: S a file
// of compare, L one of lab; s and l put the rest as the list of runs into a file that is right otherwise, so
// that the fuzzer need not find the task's description.
//
// What must hold: an Error, or runs that can be summed up, drawn and written to a file that is read again;
// memory of a small multiple.
#include <cmath>
#include <string>
#include <string_view>

#include "cellwright/error.h"
#include "draw/plot.h"
#include "held_memory.h"
#include "lab/picture.h"
#include "lab/record.h"
#include "language/shipped.h"
#include "study/picture.h"
#include "study/record.h"

namespace {

using namespace cellwright;
using cellwright::fuzz::require;

LayerSpec layer(const char* cell) {
  LayerSpec l;
  l.cell_text = std::string(shipped_cell_text(cell));
  l.cell_file = std::string(cell) + ".cell";
  l.units = 4;
  return l;
}

class NamedTask : public study::StudyTask {
 public:
  std::string name() const override { return "named"; }
  std::string metric() const override { return "nats"; }
  nlohmann::ordered_json description() const override { return {{"task", "named"}, {"options", {{"a", 1}}}}; }
  std::int64_t parameters(const LayerSpec& l) const override { return std::int64_t{10} * l.units; }
  double seconds_per_update(const LayerSpec&) const override { return 1; }
  std::optional<study::TrialResult> run(const LayerSpec&, const study::Trial&,
                                        const std::atomic<bool>*) const override {
    return std::nullopt;
  }
};

/// Nothing is drawn of it: only its description is compared.
class NoLab : public lab::Task {
 public:
  std::string name() const override { return "none"; }
  std::string length_name() const override { return "length"; }
  const std::vector<std::string>& words() const override {
    static const std::vector<std::string> one = {"a"};
    return one;
  }
  std::vector<lab::Point> points() const override { return {{2, 0, "2"}, {5, 0, "5"}}; }
  double chance(const lab::Point&) const override { return 0.5; }
  lab::Point training_point(lab::RandomDraw&) const override { return points()[0]; }
  lab::Sample draw(const lab::Point&, lab::RandomDraw&) const override { return {}; }
};

std::string with_runs(const std::string& file, std::string_view runs) {
  const std::string empty = "\"runs\": []";
  const std::size_t at = file.find(empty);
  require(at != std::string::npos);
  return file.substr(0, at) + "\"runs\": " + std::string(runs) + file.substr(at + empty.size());
}

void read_study(std::string_view text, bool runs_alone) {
  static const NamedTask task;
  static const study::CompareOptions options = [] {
    study::CompareOptions o;
    o.trials = o.seeds = 2;
    return o;
  }();
  static const std::vector<study::Candidate> candidates = {{"rnn", layer("rnn")}, {"gru", layer("gru")}};
  static const std::string none = study_to_json(task, options, candidates, {});
  const std::string file = runs_alone ? with_runs(none, text) : std::string(text);
  const study::StudyRecord record = study_from_json(file, "fuzz", task, options, candidates);
  for (const int units : record.units) require(units > 0);
  const std::string again = study_to_json(task, options, candidates, record.runs);
  require(study_from_json(again, "again", task, options, candidates).runs.size() == record.runs.size());
  const auto summaries = summarise(task, options, candidates, record.runs);
  draw::plot_svg(rates_plot(task, candidates, record.runs));
  draw::plot_svg(results_plot(task, options, summaries, ""));
}

void read_lab(std::string_view text, bool runs_alone) {
  static const NoLab task;
  static const lab::StudyOptions options = [] {
    lab::StudyOptions o;
    o.cells = {layer("rnn"), layer("lstm")};
    o.rates = {0.01};
    o.seeds = 2;
    return o;
  }();
  static const std::string none = study_to_json(task, options, {});
  const std::string file = runs_alone ? with_runs(none, text) : std::string(text);
  const auto results = results_from_json(file, "fuzz", task, options);
  for (const lab::TrainingResult& r : results) require(r.points.size() == task.points().size());
  const std::string again = study_to_json(task, options, results);
  require(results_from_json(again, "again", task, options).size() == results.size());
  draw::plot_svg(study_plot(task, summarise(task, options, results), "light"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const char kind = static_cast<char>(data[0]);
  const fuzz::HeldMemory held(size, 400, std::int64_t{4} << 20);
  try {
    if (kind == 'S' || kind == 's') read_study(text, kind == 's');
    if (kind == 'L' || kind == 'l') read_lab(text, kind == 'l');
  } catch (const Error&) {
  }
  return 0;
}
