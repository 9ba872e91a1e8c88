// recurrence.cpp: two sweeps over the step: what holds an old value, then what of it goes to products only.
#include "graph/recurrence.h"

#include <algorithm>

#include "graph/op_table.h"
#include "graph/regularise.h"

namespace cellwright {
namespace {

/// How much of a state's old value a node still holds.
enum class Holds : std::uint8_t {
  kNothing,
  kMixed,  ///< gated or summed with something else: squashing that makes a gate of its own
  kPure,   ///< nothing but old values, perhaps squashed or normed
};

Holds holds(const Graph& graph, const Node& node, const std::vector<Holds>& so_far,
            const std::vector<int>& line) {
  if (node.op == Op::kPrevious)
    return line[static_cast<std::size_t>(node.index)] >= 0 ? Holds::kPure : Holds::kNothing;
  if (node.inputs.empty() || node.op == Op::kMatmul || node.scalar) return Holds::kNothing;
  bool any = false, all = true;
  for (std::size_t i = node.op == Op::kSelect ? 1 : 0; i < node.inputs.size(); ++i) {
    const auto input = static_cast<std::size_t>(node.inputs[i]);
    any = any || so_far[input] != Holds::kNothing;
    all = all && (so_far[input] == Holds::kPure || graph[node.inputs[i]].op == Op::kConstant);
  }
  if (!any) return Holds::kNothing;
  if (all) return Holds::kPure;
  switch (node.op) {
    case Op::kConcat:
    case Op::kSlice:
    case Op::kIdentity:
    case Op::kNegate:
    case Op::kAdd:
    case Op::kSub:
    case Op::kMul:
    case Op::kDiv:
    case Op::kSelect:
    case Op::kLayerNorm:
    case Op::kRmsNorm:
      return Holds::kMixed;
    default:
      return Holds::kNothing;
  }
}

void add_range(std::vector<ColumnRange>& ranges, int first, int last) {
  std::vector<ColumnRange> merged;
  ColumnRange grown{first, last};
  for (const ColumnRange& r : ranges) {
    if (r.last < grown.first || r.first > grown.last) {
      merged.push_back(r);
    } else {
      grown = {std::min(grown.first, r.first), std::max(grown.last, r.last)};
    }
  }
  merged.push_back(grown);
  std::sort(merged.begin(), merged.end(),
            [](const ColumnRange& a, const ColumnRange& b) { return a.first < b.first; });
  ranges = std::move(merged);
}

/// The stretches of a product's operand that hold old values.
void add_parts(const Graph& graph, const Recurrence& recurrence, NodeId operand, int column,
               std::vector<ColumnRange>& ranges) {
  const Node& node = graph[operand];
  if (node.op == Op::kConcat) {
    for (NodeId part : node.inputs) {
      add_parts(graph, recurrence, part, column, ranges);
      column += graph[part].size;
    }
    return;
  }
  const bool old = node.op == Op::kPrevious ? recurrence.line[static_cast<std::size_t>(node.index)] >= 0
                                            : recurrence.carries[static_cast<std::size_t>(operand)];
  if (old) add_range(ranges, column, column + node.size);
}

}  // namespace

int line_of(const Graph& graph, int state) {
  // A chain ends at a line or an input; a state that is read by itself alone ends nowhere else.
  for (std::size_t links = 0; links <= graph.states.size(); ++links) {
    const Node& next = graph[graph.states[static_cast<std::size_t>(state)].next];
    if (next.op == Op::kInput) return -1;
    if (next.op != Op::kPrevious || !graph.states[static_cast<std::size_t>(state)].delay) return state;
    state = next.index;
  }
  return state;
}

Recurrence find_recurrence(const Graph& graph) {
  Recurrence r;
  for (std::size_t s = 0; s < graph.states.size(); ++s) r.line.push_back(line_of(graph, static_cast<int>(s)));

  std::vector<Holds> held(graph.nodes.size(), Holds::kNothing);
  for (std::size_t i = 0; i < held.size(); ++i) held[i] = holds(graph, graph.nodes[i], held, r.line);

  std::vector<bool> read(graph.nodes.size(), false), elsewhere(graph.nodes.size(), false);
  const auto leaves = [&](NodeId id) {
    if (id != kNoNode) elsewhere[static_cast<std::size_t>(id)] = true;
  };
  for (const Port& p : graph.outputs) leaves(p.node);
  for (const State& s : graph.states) leaves(s.next);
  for (const Loss& l : graph.losses) leaves(l.node);
  r.carries.assign(graph.nodes.size(), false);
  for (std::size_t i = graph.nodes.size(); i-- > 0;) {
    const Node& node = graph.nodes[i];
    r.carries[i] = held[i] != Holds::kNothing && !is_leaf(node.op) && read[i] && !elsewhere[i];
    // A second name that nobody reads asks for nothing.
    const bool unread_name = node.op == Op::kIdentity && !read[i] && !elsewhere[i];
    for (NodeId input : node.inputs) {
      const auto k = static_cast<std::size_t>(input);
      if (node.op == Op::kMatmul || r.carries[i]) {
        read[k] = true;
      } else if (!unread_name) {
        elsewhere[k] = true;
      }
    }
  }
  return r;
}

int Recurrence::state_of_edge(const Graph& graph, NodeId reader, NodeId operand) const {
  const Node& from = graph[operand];
  if (from.op != Op::kPrevious) return -1;
  if (graph[reader].op != Op::kMatmul && !carries[static_cast<std::size_t>(reader)]) return -1;
  return line[static_cast<std::size_t>(from.index)];
}

std::vector<std::vector<ColumnRange>> recurrent_columns(const Graph& graph) {
  const Recurrence recurrence = find_recurrence(graph);
  std::vector<std::vector<ColumnRange>> ranges(graph.parameters.size());
  for (const Node& node : graph.nodes) {
    if (node.op == Op::kMatmul)
      add_parts(graph, recurrence, node.inputs[0], node.column, ranges[static_cast<std::size_t>(node.index)]);
  }
  return ranges;
}

}  // namespace cellwright
