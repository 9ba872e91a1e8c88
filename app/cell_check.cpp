// cell_check.cpp: `cellwright cell check`: a table of gradients, then everything else that verify_cell()
// asks.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cell_commands.h"
#include "cellwright/error.h"
#include "numbers.h"
#include "table.h"
#include "tell.h"
#include "verify/verify.h"

namespace cellwright::app {
namespace {

void print_gradients(const std::string& title, const std::vector<GradientRow>& rows) {
  Table table("lrrrrl");
  table.row({"tensor", "entries", "largest", "error", "allowed", ""});
  for (const GradientRow& r : rows) {
    table.row({r.name, fmt::format("{}", r.entries), fmt::format("{:.2e}", r.largest),
               fmt::format("{:.1e}", r.error), fmt::format("{:.1e}", r.allowed),
               std::string(r.passed ? "ok" : "WRONG") +
                   (r.kinks > 0 ? fmt::format(", {} at a kink", r.kinks) : "")});
  }
  fmt::print("{}\n{}\n", title, table.text("  "));
}

bool finite(const std::vector<GradientRow>& rows) {
  return std::all_of(rows.begin(), rows.end(),
                     [](const GradientRow& r) { return std::isfinite(r.error) && std::isfinite(r.largest); });
}

/// Every entry costs a few runs, each as long as there are entries.
void refuse_endless(const Graph& graph) {
  const std::int64_t entries = parameter_count(graph);
  if (entries > 100000) {
    throw SpecError(fmt::format("{} parameters to check one by one would take hours; give fewer --units",
                                grouped(entries)));
  }
  if (entries > 15000)
    tell(
        fmt::format("cellwright: {} parameters to check one by one; this takes a while\n", grouped(entries)));
}

bool all_passed(const std::vector<GradientRow>& rows) {
  return std::all_of(rows.begin(), rows.end(), [](const GradientRow& r) { return r.passed; });
}

/// A cell may want its input as wide as its units (it adds the two); unless the user said otherwise, then it
/// is.
CellBinding binding_that_fits(const syntax::Cell& cell, CellRequest request) {
  const CellBinding binding = make_binding(cell, request);
  if (!request.inputs.empty()) return binding;
  try {
    lower(cell, binding);
    return binding;
  } catch (const CellError&) {
    request.default_input = 0;
    const CellBinding equal = make_binding(cell, request);
    try {
      lower(cell, equal);
      return equal;
    } catch (const CellError&) {
      return binding;  // whose errors are the ones to tell
    }
  }
}

}  // namespace

int check_cell(const CellRequest& request) {
  const syntax::Cell cell = read_cell(request.cell);
  VerifyOptions options;
  options.binding = binding_that_fits(cell, request);
  options.seed = request.seed;
  refuse_endless(lower_and_warn(cell, options.binding));
  fmt::print("{}; {} steps, {} lanes, seed {}\n\n", describe(cell, options.binding), options.steps,
             options.lanes, options.seed);
  const Verification v = verify_cell(cell, options);

  print_gradients("gradients through the whole sequence, against central differences in double", v.full);
  if (!all_passed(v.truncated)) print_gradients("truncated: of the second of two windows", v.truncated);
  Table table("lll");
  const auto ok = [](bool passed) { return std::string(passed ? "ok" : "WRONG"); };
  table.row({"truncated gradients", fmt::format("{} tensors of a second window", v.truncated.size()),
             ok(all_passed(v.truncated))});
  table.row({"plan and naive evaluation",
             fmt::format("values within {:.1e}, gradients within {:.1e}", v.forward_error, v.backward_error),
             ok(v.forward_error <= 1e-12 && v.backward_error <= 1e-12)});
  table.row({"two windows and one", "gradients handed over", ok(v.windows_agree)});
  table.row({"1 and 2 threads", "the same bits", ok(v.threads_agree)});
  table.row({"step by step", "the same bits", ok(v.streaming_agrees)});
  fmt::print("{}\n", table.text());

  const bool derivatives = all_passed(v.full) && all_passed(v.truncated);
  if (!finite(v.full) || !finite(v.truncated)) {
    fmt::print(
        "nothing can be said: the numbers overflow at these random weights; try another --seed, or keep what "
        "the equations make within bounds\n");
  } else if (!derivatives) {
    std::string wrong;
    for (const auto* rows : {&v.full, &v.truncated}) {
      for (const GradientRow& r : *rows) {
        if (!r.passed && wrong.find(r.name) == std::string::npos)
          wrong += (wrong.empty() ? "" : ", ") + r.name;
      }
    }
    fmt::print("the derivatives are wrong: {}\n", wrong);
  } else if (!v.passed) {
    fmt::print("the derivatives are right, but {}\n", v.failure);
  } else {
    fmt::print("the derivatives are right\n");
  }
  return v.passed ? 0 : 1;
}

}  // namespace cellwright::app
