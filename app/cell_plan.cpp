// cell_plan.cpp: `cellwright cell plan`.
#include <fmt/format.h>

#include "cell_commands.h"
#include "compile/plan.h"

namespace cellwright::app {

int plan_cell(const CellRequest& request, bool training) {
  const syntax::Cell cell = read_cell(request.cell);
  const CellBinding binding = make_binding(cell, request);
  fmt::print("{}", print_plan(make_plan(lower_and_warn(cell, binding), training)));
  return 0;
}

}  // namespace cellwright::app
