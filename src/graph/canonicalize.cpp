#include "graph/canonicalize.h"

#include "graph/passes.h"
#include "graph/rewrite.h"

namespace cellwright {

Graph canonicalize(const Graph& graph) {
  Graph g = graph;
  drop_dead(g, 0, roots_of(g));
  g = expand_simple(g);
  g = split_products(g);
  g = push_slices(g);     // before the norms are written out: a norm is computed whole, and its result cut
  g = split_products(g);  // a slice that crossed parts of a concatenation left a shorter one
  g = expand_norms(g);
  return g;
}

void simplify(Graph& graph, NodeId first, std::vector<NodeId*> roots) {
  for (NodeId* root : roots_of(graph)) {
    if (*root >= first) roots.push_back(root);
  }
  drop_dead(graph, first, roots);
  std::vector<Node> old(graph.nodes.begin() + first, graph.nodes.end());
  graph.nodes.resize(static_cast<std::size_t>(first));
  GraphBuilder builder(graph);
  std::vector<NodeId> new_ids;
  const auto renewed = [&](NodeId id) {
    return id < first ? id : new_ids[static_cast<std::size_t>(id - first)];
  };
  for (Node& node : old) {
    for (NodeId& input : node.inputs) input = renewed(input);
    new_ids.push_back(builder.add(std::move(node)));
  }
  for (NodeId* root : roots) {
    if (*root != kNoNode) *root = renewed(*root);
  }
  drop_dead(graph, first, roots);
}

}  // namespace cellwright
