// ledger.cpp: `cellwright ledger`: what each past step put on a belt, and how much of it is left.
#include "explain/ledger.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "cellwright/error.h"
#include "command.h"
#include "explain_request.h"
#include "numbers.h"
#include "table.h"

namespace cellwright::app {
namespace {

struct Request : ExplainRequest {
  std::optional<int> layer, unit, step;
  std::string state;
  int top = 12;
};

const TracedBelt& choose_belt(const Trace<float>& trace, const Request& r) {
  const std::string state = line_name(r.state);
  std::vector<std::string> there;
  for (const TracedBelt& belt : trace.belts) {
    if ((!r.layer || belt.layer == *r.layer) && (state.empty() || belt.state == state)) return belt;
    there.push_back(fmt::format("{} of layer {}", belt.state, belt.layer));
  }
  if (there.empty())
    throw SpecError(
        "no state of this model is carried on by a gate (next = f ⊙ old + …, unit by unit), so there is no "
        "belt to account for");
  throw SpecError(fmt::format(
      "there is no such belt{}{}; there is {}", r.layer ? fmt::format(" in layer {}", *r.layer) : "",
      state.empty() ? "" : fmt::format(" of a state '{}'", state), fmt::join(there, ", ")));
}

/// The unit that holds most.
int largest_unit(const Trace<float>& trace, const TracedBelt& belt, int step) {
  const TracedLine<float>& c = trace.lines[static_cast<std::size_t>(belt.next)];
  const float* row = c.values.data() + static_cast<std::size_t>(step) * static_cast<std::size_t>(c.size);
  return static_cast<int>(
      std::max_element(row, row + c.size, [](float a, float b) { return std::fabs(a) < std::fabs(b); }) -
      row);
}

double left_of(const LedgerEntry& e) {
  double sum = 0;
  for (double a : e.amount) sum += a;
  return sum;
}

std::string as_json(const Ledger& l, const TracedText& text) {
  nlohmann::ordered_json entries = nlohmann::ordered_json::array();
  for (const LedgerEntry& e : l.entries) {
    entries.push_back({{"step", e.step},
                       {"piece", text.pieces[static_cast<std::size_t>(e.step)]},
                       {"kept", e.kept},
                       {"put", e.put},
                       {"left", e.amount}});
  }
  const nlohmann::ordered_json all = {{"layer", l.layer},
                                      {"state", l.state},
                                      {"unit", l.unit},
                                      {"step", l.step},
                                      {"value", l.value},
                                      {"sum", l.sum()},
                                      {"coefficient", l.coefficient},
                                      {"terms", l.terms},
                                      {"start", l.start},
                                      {"start_kept", l.start_kept},
                                      {"entries", entries}};
  return all.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string quoted(std::string text) {
  for (std::size_t at = 0; (at = text.find('"', at)) != std::string::npos; at += 2) text.insert(at, "\"");
  return "\"" + text + "\"";
}

std::string as_csv(const Ledger& l, const TracedText& text) {
  std::string out = "step,piece,kept";
  for (const std::string& term : l.terms) out += "," + quoted("put " + term);
  for (const std::string& term : l.terms) out += "," + quoted("left " + term);
  out += "\n";
  for (const LedgerEntry& e : l.entries) {
    out += fmt::format("{},{},{:.9g}", e.step, quoted(text.pieces[static_cast<std::size_t>(e.step)]), e.kept);
    for (double v : e.put) out += fmt::format(",{:.9g}", v);
    for (double v : e.amount) out += fmt::format(",{:.9g}", v);
    out += "\n";
  }
  return out;
}

void print(const Ledger& l, const TracedText& text, int top) {
  fmt::print("{} of unit {} in layer {} after step {} {}: {:.6f}\ncarried on by {}; each step adds {}\n\n",
             l.state, l.unit, l.layer, l.step, visible(text.pieces[static_cast<std::size_t>(l.step)]),
             l.value, l.coefficient,
             l.terms.empty() ? "nothing" : fmt::format("{}", fmt::join(l.terms, " and ")));
  std::vector<const LedgerEntry*> largest;
  for (const LedgerEntry& e : l.entries) largest.push_back(&e);
  std::stable_sort(largest.begin(), largest.end(), [](const LedgerEntry* a, const LedgerEntry* b) {
    return std::fabs(left_of(*a)) > std::fabs(left_of(*b));
  });
  const std::size_t shown = std::min(largest.size(), static_cast<std::size_t>(top));
  std::vector<const LedgerEntry*> rest(largest.begin() + static_cast<std::ptrdiff_t>(shown), largest.end());
  largest.resize(shown);
  std::sort(largest.begin(), largest.end(),
            [](const LedgerEntry* a, const LedgerEntry* b) { return a->step < b->step; });
  std::string alignment = "rlr";
  std::vector<std::string> head = {"step", "", "kept"};
  for (const std::string& term : l.terms) {
    alignment += "r";
    head.push_back("put " + term);
  }
  Table table(alignment + "r");
  head.push_back("left");
  table.row(head);
  const auto row = [&](const std::string& step, const std::string& piece, const std::string& kept,
                       const std::vector<double>& put, double left) {
    std::vector<std::string> cells = {step, piece, kept};
    for (std::size_t i = 0; i < l.terms.size(); ++i)
      cells.push_back(i < put.size() ? fmt::format("{:.4f}", put[i]) : "");
    cells.push_back(fmt::format("{:.6f}", left));
    table.row(cells);
  };
  row("start", "", fmt::format("{:.4f}", l.start_kept), {}, l.start_kept * l.start);
  for (const LedgerEntry* e : largest)
    row(std::to_string(e->step), visible(text.pieces[static_cast<std::size_t>(e->step)]),
        fmt::format("{:.4f}", e->kept), e->put, left_of(*e));
  if (!rest.empty()) {
    double sum = 0;
    for (const LedgerEntry* e : rest) sum += left_of(*e);
    row("", fmt::format("{} others", grouped(static_cast<std::int64_t>(rest.size()))), "", {}, sum);
  }
  row("", "sum", "", {}, l.sum());
  fmt::print("{}", table.text());
}

int run(const Request& r) {
  if (!r.out.empty() && !has_ending(r.out, ".json") && !has_ending(r.out, ".csv"))
    throw SpecError(
        fmt::format("--out {}: a ledger is written as .json or .csv; give one of these endings", r.out));
  if (r.top < 1) throw SpecError(fmt::format("--top must be 1 or more, found {}", r.top));
  Reading reading(r);
  TraceOptions options;
  options.belts = options.only_belts = true;
  const Trace<float> lines = trace(reading.model, reading.text.tokens.data(), reading.size(), 1, options);
  const TracedBelt& belt = choose_belt(lines, r);
  const int step = r.step.value_or(reading.size() - 1);
  if (step < 0 || step >= reading.size())
    throw SpecError(fmt::format("--step {}: the text has steps 0 … {}", step, reading.size() - 1));
  const Ledger result = ledger(lines, belt, r.unit.value_or(largest_unit(lines, belt, step)), step);
  print(result, reading.text, r.top);
  if (r.out.empty()) return 0;
  write_text(r.out,
             has_ending(r.out, ".json") ? as_json(result, reading.text) : as_csv(result, reading.text));
  fmt::print("\nall {} entries saved in {}\n", grouped(static_cast<std::int64_t>(result.entries.size())),
             r.out);
  return 0;
}

}  // namespace

void add_ledger_command(CLI::App& root, Command& chosen) {
  CLI::App* app = root.add_subcommand(
      "ledger", "Account for a unit's memory: what each past step put there and how much of it is left");
  auto r = std::make_shared<Request>();
  add_explain_options(app, *r);
  app->add_option("--layer", r->layer, "Layer, from 0; default: the lowest with a belt")->type_name("N");
  app->add_option("--state", r->state, "State, where a cell has several that are carried on")
      ->type_name("NAME");
  app->add_option("--unit", r->unit, "Unit, from 0; default: the one that holds most")->type_name("N");
  app->add_option("--step", r->step, "After which step of the text, from 0; default: the last")
      ->type_name("N");
  app->add_option("--top", r->top, "How many steps are shown, those with most left")
      ->type_name("N")
      ->capture_default_str();
  app->add_option("--out", r->out, "All entries to a file: .json or .csv")->type_name("FILE");
  app->footer(
      "Examples:\n  cellwright ledger book.safetensors --text \"He said \\\"no\\\" and\"\n"
      "  cellwright ledger book.safetensors --input page.txt --layer 1 --unit 17 --step 120 --out "
      "ledger.csv");
  app->callback([&chosen, r] { chosen.run = [r] { return run(*r); }; });
}

}  // namespace cellwright::app
