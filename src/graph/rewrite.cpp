#include "graph/rewrite.h"

#include "graph/op_table.h"

namespace cellwright {

Graph without_nodes(const Graph& graph) {
  Graph out;
  out.name = graph.name;
  out.inputs = graph.inputs;
  out.outputs = graph.outputs;
  out.states = graph.states;
  out.parameters = graph.parameters;
  out.losses = graph.losses;
  return out;
}

std::vector<NodeId*> roots_of(Graph& graph) {
  std::vector<NodeId*> roots;
  for (Port& p : graph.inputs) roots.push_back(&p.node);
  for (Port& p : graph.outputs) roots.push_back(&p.node);
  for (State& s : graph.states) roots.push_back(&s.next);
  for (Loss& l : graph.losses) roots.push_back(&l.node);
  return roots;
}

void remap_roots(Graph& graph, const std::vector<NodeId>& new_ids) {
  const std::vector<NodeId*> roots = roots_of(graph);
  for (NodeId* root : roots) {
    if (*root != kNoNode) *root = new_ids[static_cast<std::size_t>(*root)];
  }
  drop_dead(graph, 0, roots);
}

void drop_dead(Graph& graph, NodeId first, const std::vector<NodeId*>& roots) {
  const std::size_t count = graph.nodes.size();
  std::vector<char> alive(count, 0);
  for (NodeId* root : roots) {
    if (*root != kNoNode) alive[static_cast<std::size_t>(*root)] = 1;
  }
  for (std::size_t i = count; i-- > static_cast<std::size_t>(first);) {
    if (!alive[i]) continue;
    for (NodeId input : graph.nodes[i].inputs) alive[static_cast<std::size_t>(input)] = 1;
  }
  std::vector<NodeId> new_ids(count, kNoNode);
  std::size_t kept = static_cast<std::size_t>(first);
  for (std::size_t i = 0; i < count; ++i) {
    if (i < static_cast<std::size_t>(first)) {
      new_ids[i] = static_cast<NodeId>(i);
      continue;
    }
    Node& node = graph.nodes[i];
    const bool names =
        !node.name.empty() && (node.op == Op::kConstant ||
                               (node.op == Op::kIdentity && alive[static_cast<std::size_t>(node.inputs[0])]));
    if (!alive[i] && !names) continue;
    alive[i] = 1;
    for (NodeId& input : node.inputs) input = new_ids[static_cast<std::size_t>(input)];
    new_ids[i] = static_cast<NodeId>(kept);
    if (kept != i) graph.nodes[kept] = std::move(node);
    ++kept;
  }
  graph.nodes.resize(kept);
  for (NodeId* root : roots) {
    if (*root != kNoNode) *root = new_ids[static_cast<std::size_t>(*root)];
  }
}

Graph rewrite(const Graph& graph, const RewriteRule& rule) {
  Graph out = without_nodes(graph);
  GraphBuilder builder(out);
  std::vector<NodeId> new_ids;
  new_ids.reserve(graph.nodes.size());
  for (const Node& old : graph.nodes) {
    Node node = old;
    for (NodeId& input : node.inputs) input = new_ids[static_cast<std::size_t>(input)];
    builder.at(old.where);
    new_ids.push_back(rule(builder, std::move(node)));
  }
  remap_roots(out, new_ids);
  return out;
}

}  // namespace cellwright
