// units.cpp: `cellwright units`: how the gates of each unit stand, how long it remembers, what it tracks.
#include "explain/units.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "cellwright/error.h"
#include "choice.h"
#include "command.h"
#include "explain_request.h"
#include "numbers.h"
#include "table.h"

namespace cellwright::app {
namespace {

struct Request : ExplainRequest {
  UnitOptions options;
  std::optional<int> layer;
  int top = 10;
};

std::string steps_text(double horizon) {
  return std::isinf(horizon) ? "for ever"
         : horizon >= 100    ? fmt::format("{:.0f}", horizon)
                             : fmt::format("{:.1f}", horizon);
}

double mean(const std::vector<double>& v) {
  double sum = 0;
  for (double x : v) sum += x;
  return v.empty() ? 0 : sum / static_cast<double>(v.size());
}

void print_gates(const UnitReport& report) {
  Table table("lrrr");
  table.row({"gate", "mean", "shut (< 0.1)", "open (> 0.9)"});
  for (const GateStatistics& g : report.gates)
    table.row({fmt::format("layers.{}.{}", g.layer, g.line), fmt::format("{:.3f}", mean(g.mean)),
               fmt::format("{:.0f} %", 100 * mean(g.shut)), fmt::format("{:.0f} %", 100 * mean(g.open))});
  fmt::print("{}\n", report.gates.empty() ? "no line of a cell is a gate (a σ)\n" : table.text());
}

void print_horizons(const UnitReport& report, int top) {
  for (const BeltStatistics& b : report.belts) {
    std::vector<std::size_t> order(b.horizon.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t x, std::size_t y) { return b.horizon[x] > b.horizon[y]; });
    std::vector<double> sorted = b.horizon;
    std::sort(sorted.begin(), sorted.end());
    fmt::print("memory horizon of {} in layer {}, -1/ln of the mean of {}: median {} steps\n", b.state,
               b.layer, b.coefficient, steps_text(sorted[sorted.size() / 2]));
    std::string longest;
    for (std::size_t i = 0; i < order.size() && i < static_cast<std::size_t>(top); ++i)
      longest += fmt::format("{}{} ({})", i > 0 ? ", " : "", order[i], steps_text(b.horizon[order[i]]));
    fmt::print("  longest: unit {}\n", longest);
  }
  if (!report.belts.empty()) fmt::print("\n");
}

void print_trackers(const UnitReport& report, int top) {
  if (report.features.empty()) {
    fmt::print("the text has too little of what could be tracked\n");
    return;
  }
  if (report.trackers.empty()) {
    fmt::print("no unit tracks anything that was looked for\n");
  } else {
    Table table("lrlrrr");
    table.row({"state", "unit", "tracks", "of its entropy", "untrained", "p"});
    for (std::size_t i = 0; i < report.trackers.size() && i < static_cast<std::size_t>(top); ++i) {
      const Tracker& t = report.trackers[i];
      table.row({fmt::format("layers.{}.{}", t.layer, t.state), std::to_string(t.unit), t.feature,
                 fmt::format("{:.0f} %", 100 * t.share), fmt::format("{:.0f} %", 100 * t.untrained),
                 fmt::format("{:.3g}", t.p)});
    }
    fmt::print("{}", table.text());
    if (report.trackers.size() > static_cast<std::size_t>(top))
      fmt::print("and {} more (--top)\n", report.trackers.size() - static_cast<std::size_t>(top));
  }
  Table table("lrrrl");
  table.row({"looked for", "best unit", "untrained", "p", ""});
  for (const SearchedFeature& f : report.features)
    table.row({f.name, fmt::format("{:.0f} %", 100 * f.share), fmt::format("{:.0f} %", 100 * f.untrained),
               fmt::format("{:.3g}", f.p),
               f.found > 0   ? fmt::format("{} unit{}", f.found, f.found == 1 ? "" : "s")
               : f.by_chance ? "may be chance"
                             : "no more than untrained networks, or little"});
  fmt::print("\n{}", table.text());
}

std::string as_json(const UnitReport& report) {
  nlohmann::ordered_json all;
  const auto list = [&](const char* name) -> nlohmann::ordered_json& {
    return all[name] = nlohmann::ordered_json::array();
  };
  auto& gates = list("gates");
  for (const GateStatistics& g : report.gates)
    gates.push_back(
        {{"layer", g.layer}, {"line", g.line}, {"mean", g.mean}, {"shut", g.shut}, {"open", g.open}});
  auto& belts = list("belts");
  for (const BeltStatistics& b : report.belts)
    belts.push_back({{"layer", b.layer},
                     {"state", b.state},
                     {"coefficient", b.coefficient},
                     {"mean", b.mean},
                     {"horizon", b.horizon}});
  auto& features = list("features");
  for (const SearchedFeature& f : report.features)
    features.push_back({{"name", f.name},
                        {"share", f.share},
                        {"p", f.p},
                        {"untrained", f.untrained},
                        {"by_chance", f.by_chance},
                        {"found", f.found}});
  auto& trackers = list("trackers");
  for (const Tracker& t : report.trackers)
    trackers.push_back({{"layer", t.layer},
                        {"state", t.state},
                        {"unit", t.unit},
                        {"feature", t.feature},
                        {"bits", t.information},
                        {"share", t.share},
                        {"p", t.p},
                        {"untrained", t.untrained}});
  return all.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

int run(const Request& r) {
  if (!r.out.empty() && !has_ending(r.out, ".json"))
    throw SpecError(fmt::format("--out {}: what units do is written as .json; give that ending", r.out));
  if (r.top < 1) throw SpecError(fmt::format("--top must be 1 or more, found {}", r.top));
  Reading reading(r);
  UnitReport report = examine_units(reading.model, reading.text.tokens, reading.text.pieces, r.options);
  if (r.layer) {
    const auto other = [&](const auto& x) { return x.layer != *r.layer; };
    const auto keep = [&](auto& list) {
      list.erase(std::remove_if(list.begin(), list.end(), other), list.end());
    };
    if (*r.layer < 0 || *r.layer >= static_cast<int>(reading.model.spec().layers.size()))
      throw SpecError(fmt::format("--layer {}: the model has layers 0 … {}", *r.layer,
                                  reading.model.spec().layers.size() - 1));
    keep(report.gates);
    keep(report.belts);
    keep(report.trackers);
  }
  print_gates(report);
  print_horizons(report, r.top);
  print_trackers(report, r.top);
  if (r.out.empty()) return 0;
  write_text(r.out, as_json(report));
  fmt::print("\nall units saved in {}\n", r.out);
  return 0;
}

}  // namespace

void add_units_command(CLI::App& root, Command& chosen) {
  CLI::App* app =
      root.add_subcommand("units", "Show how gates stand, how long units remember and what they track");
  auto r = std::make_shared<Request>();
  add_explain_options(app, *r);
  app->add_option("--track", r->options.strings,
                  "Also look for units that know when the text has just ended in this")
      ->type_name("TEXT");
  app->add_option("--layer", r->layer, "One layer, from 0; default: all")->type_name("N");
  app->add_option("--permutations", r->options.permutations, "Shifted texts that chance is measured with")
      ->type_name("N")
      ->capture_default_str();
  app->add_option("--untrained", r->options.untrained, "Untrained networks to compare with")
      ->type_name("N")
      ->capture_default_str();
  whole_number(app->add_option("--seed", r->options.seed, "Of shifts and untrained networks"))
      ->type_name("N")
      ->capture_default_str();
  app->add_option("--top", r->top, "How many units are shown in a list")
      ->type_name("N")
      ->capture_default_str();
  app->add_option("--out", r->out, "All units to a file: .json")->type_name("FILE");
  app->footer(
      "Examples:\n  cellwright units book.safetensors --input chapter.txt\n"
      "  cellwright units book.safetensors --input chapter.txt --track \"http\" --out units.json");
  app->callback([&chosen, r] { chosen.run = [r] { return run(*r); }; });
}

}  // namespace cellwright::app
