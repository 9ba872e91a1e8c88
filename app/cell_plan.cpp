// cell_plan.cpp: `cellwright cell plan`.
#include <fmt/format.h>

#include "cell_commands.h"
#include "cellwright/error.h"
#include "compile/plan.h"
#include "graph/affine_recurrence.h"
#include "graph/canonicalize.h"

namespace cellwright::app {

int plan_cell(const CellRequest& request, bool training, bool scan) {
  const syntax::Cell cell = read_cell(request.cell);
  const CellBinding binding = make_binding(cell, request);
  const Graph graph = lower_and_warn(cell, binding);
  PlanOptions options;
  options.scan = scan;
  const Plan plan = make_plan(graph, training, options);
  if (scan && !has_scan(plan)) {
    throw SpecError(fmt::format(
        "--scan: the cell '{}' has no state that is a ⊙ its old value + b with a and b free of it: {}; leave "
        "--scan out",
        cell.name, why_not_affine(canonicalize(graph))));
  }
  fmt::print("{}", print_plan(plan));
  return 0;
}

}  // namespace cellwright::app
