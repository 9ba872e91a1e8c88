// own_nodes.cpp: see own_nodes.h.
#include "compile/own_nodes.h"

#include <algorithm>
#include <set>

#include "compile/uses.h"

namespace cellwright {
namespace {

NodeId add_copy(Graph& graph, NodeId of, int size) {
  Node copy;
  copy.op = Op::kIdentity;
  copy.inputs = {of};
  copy.size = size;
  copy.where = graph[of].where;
  return graph.add(std::move(copy));
}

NodeId add_zero(Graph& graph, int size) {
  Node zero;
  zero.op = Op::kConstant;
  zero.size = size;
  zero.values = {0.0};
  return graph.add(std::move(zero));
}

bool is_fixed(const Graph& graph, NodeId id) {
  return graph[id].op == Op::kParameter || graph[id].op == Op::kConstant;
}

/// Replaces operands of products that lie in no array of rows by copies. Rebuilds the graph, since operands
/// come first.
void copy_fixed_operands(Graph& graph) {
  bool any = false;
  for (const Node& n : graph.nodes) any = any || (n.op == Op::kMatmul && is_fixed(graph, n.inputs[0]));
  if (!any) return;
  const std::vector<Node> old = std::move(graph.nodes);
  graph.nodes.clear();
  std::vector<NodeId> renamed(old.size());
  for (std::size_t i = 0; i < old.size(); ++i) {
    Node n = old[i];
    for (NodeId& input : n.inputs) input = renamed[static_cast<std::size_t>(input)];
    if (n.op == Op::kMatmul && is_fixed(graph, n.inputs[0])) {
      n.inputs[0] = add_copy(graph, n.inputs[0], graph[n.inputs[0]].size);
    }
    renamed[i] = graph.add(std::move(n));
  }
  for (State& s : graph.states) s.next = renamed[static_cast<std::size_t>(s.next)];
  for (Port& p : graph.outputs) p.node = renamed[static_cast<std::size_t>(p.node)];
  for (Loss& l : graph.losses) l.node = renamed[static_cast<std::size_t>(l.node)];
  for (Port& p : graph.inputs) {
    if (p.node != kNoNode) p.node = renamed[static_cast<std::size_t>(p.node)];
  }
}

}  // namespace

void give_forward_own_nodes(Graph& graph) {
  copy_fixed_operands(graph);
  std::set<NodeId> taken;
  for (State& s : graph.states) {
    if (is_leaf(graph[s.next].op) || !taken.insert(s.next).second) s.next = add_copy(graph, s.next, s.size);
    taken.insert(s.next);
  }
  for (Port& p : graph.outputs) {
    if (is_fixed(graph, p.node)) p.node = add_copy(graph, p.node, p.size);
  }
  for (Loss& l : graph.losses) {
    if (is_fixed(graph, l.node)) l.node = add_copy(graph, l.node, 1);
  }
}

void give_backward_own_nodes(Graph& graph, Backward& backward, const std::vector<Observed>& observed) {
  std::set<NodeId> taken;
  const auto own = [&](NodeId& id, int size) {
    if (id == kNoNode) id = add_zero(graph, size);
    if (is_leaf(graph[id].op) || id < backward.first || !taken.insert(id).second)
      id = add_copy(graph, id, size);
    taken.insert(id);
  };
  for (std::size_t s = 0; s < graph.states.size(); ++s) own(backward.d_previous[s], graph.states[s].size);
  for (std::size_t p = 0; p < graph.inputs.size(); ++p) {
    if (backward.d_inputs[p] != kNoNode) own(backward.d_inputs[p], graph.inputs[p].size);
  }
  const auto readable = [&](NodeId& id) {
    if (id != kNoNode && is_fixed(graph, id)) id = add_copy(graph, id, graph[id].size);
  };
  for (VectorGradient& v : backward.vectors) {
    readable(v.d);
    readable(v.times);
  }
  for (MatrixGradient& m : backward.matrices) readable(m.d);
  // The place of an input's gradient is the caller's, who may not want it.
  const auto is_input = [&](NodeId id) {
    return std::find(backward.d_inputs.begin(), backward.d_inputs.end(), id) != backward.d_inputs.end();
  };
  for (std::size_t i = 0; i < backward.d_observed.size(); ++i) {
    NodeId& id = backward.d_observed[i];
    if (observed[i].value == kNoNode) continue;
    const int size = observed[i].size;
    if (id == kNoNode) id = add_zero(graph, size);
    if (is_fixed(graph, id) || graph[id].size != size || id < backward.first || is_input(id))
      id = add_copy(graph, id, size);
  }
}

}  // namespace cellwright
