// uses.h: small questions about a graph that several passes ask.
#pragma once

#include <vector>

#include "graph/graph.h"
#include "graph/op_table.h"

namespace cellwright {

/// A product with a matrix parameter or its transpose.
constexpr bool is_product(Op op) { return op == Op::kMatmul || op == Op::kMatmulTransposed; }

/// Per node: the nodes of [first, last) that read it, ascending, one entry a reading.
inline std::vector<std::vector<NodeId>> find_users(const Graph& graph, NodeId first, NodeId last) {
  std::vector<std::vector<NodeId>> users(graph.nodes.size());
  for (NodeId id = first; id < last; ++id) {
    for (NodeId input : graph[id].inputs) users[static_cast<std::size_t>(input)].push_back(id);
  }
  return users;
}

/// The ids that a graph's states, outputs and losses name.
inline std::vector<NodeId> forward_roots(const Graph& graph) {
  std::vector<NodeId> roots;
  for (const State& s : graph.states) roots.push_back(s.next);
  for (const Port& p : graph.outputs) roots.push_back(p.node);
  for (const Loss& l : graph.losses) roots.push_back(l.node);
  return roots;
}

}  // namespace cellwright
