// cell_plan.cpp: `cellwright cell plan`: the plan, and how threads would split its loops.
#include <fmt/format.h>

#include "base/thread_pool.h"
#include "cell_commands.h"
#include "cellwright/error.h"
#include "compile/plan.h"
#include "graph/affine_recurrence.h"
#include "graph/canonicalize.h"
#include "kernels/kernels.h"
#include "run/split.h"

namespace cellwright::app {
namespace {

std::string words(const Split& split) {
  if (split.team() == 1) return "one thread";
  if (split.units == 1) return fmt::format("{} threads, each some lanes", split.team());
  if (split.lanes == 1) return fmt::format("{} threads, each some units", split.team());
  return fmt::format("{} × {} threads, by lanes and units", split.lanes, split.units);
}

void print_splits(const Plan& plan, bool reverse, int steps, int lanes, int threads) {
  LoopShares shares(plan, reverse, kernels::kPanel<float>);
  if (shares.loop().instructions.empty()) return;
  const std::vector<SplitEstimate> ways = estimate_splits(shares, steps, lanes, threads);
  const Split best = cheapest(ways);
  fmt::print("  {}, each step\n", reverse ? "backward" : "forward");
  for (const SplitEstimate& e : ways) {
    const bool chosen = e.split.lanes == best.lanes && e.split.units == best.units;
    fmt::print("    {:<38} {:>9.2f} ms{}{}\n", words(e.split), e.nanoseconds / 1e6,
               e.waits == 0   ? ""
               : e.waits == 1 ? ", waiting once a step"
                              : fmt::format(", waiting {} times a step", e.waits),
               chosen ? "  <- taken" : "");
  }
}

}  // namespace

int plan_cell(const PlanRequest& request) {
  const syntax::Cell cell = read_cell(request.cell.cell);
  const CellBinding binding = make_binding(cell, request.cell);
  const Graph graph = lower_and_warn(cell, binding);
  PlanOptions options;
  options.scan = request.scan;
  const Plan plan = make_plan(graph, !request.inference, options);
  if (request.scan && !has_scan(plan)) {
    throw SpecError(fmt::format(
        "--scan: the cell '{}' has no state that is a ⊙ its old value + b with a and b free of it: {}; leave "
        "--scan out",
        cell.name, why_not_affine(canonicalize(graph))));
  }
  fmt::print("{}", print_plan(plan));
  const int threads = request.threads > 0 ? request.threads : ThreadPool::available_processors();
  fmt::print(
      "\nsplit over {} thread{}, of a window of {} step{} and {} lane{}: what a loop is estimated to take\n",
      threads, threads == 1 ? "" : "s", request.steps, request.steps == 1 ? "" : "s", request.lanes,
      request.lanes == 1 ? "" : "s");
  print_splits(plan, false, request.steps, request.lanes, threads);
  if (!request.inference) print_splits(plan, true, request.steps, request.lanes, threads);
  if (plan.forward_loop.instructions.empty() && plan.backward_loop.instructions.empty())
    fmt::print("  there is none: nothing goes step by step\n");
  fmt::print("  all steps at once: each thread some rows of products, some panels of weights' gradients\n");
  return 0;
}

}  // namespace cellwright::app
