// recurrent_columns.cpp: which columns of which matrices meet a state.
#include "graph/canonicalize.h"
#include "graph/regularise.h"

namespace cellwright {

std::vector<std::vector<ColumnRange>> recurrent_columns(const Graph& graph) {
  const Graph canonical = canonicalize(graph);
  std::vector<std::vector<ColumnRange>> columns(canonical.parameters.size());
  for (const Node& node : canonical.nodes) {
    if (node.op != Op::kMatmul) continue;
    const Node& operand = canonical[node.inputs[0]];
    if (operand.op != Op::kPrevious) continue;
    auto& ranges = columns[static_cast<std::size_t>(node.index)];
    const ColumnRange range{node.column, node.column + operand.size};
    bool known = false;
    for (const ColumnRange& r : ranges) known = known || (r.first == range.first && r.last == range.last);
    if (!known) ranges.push_back(range);
  }
  return columns;
}

}  // namespace cellwright
