// recompute.cpp: see recompute.h.
#include "compile/recompute.h"

namespace cellwright {

void recompute_differences(Graph& graph, const Backward& backward, const std::vector<NodeId*>& roots) {
  const NodeId first = backward.first, end = static_cast<NodeId>(graph.nodes.size());
  std::vector<bool> read(static_cast<std::size_t>(first), false);
  for (NodeId id = first; id < end; ++id) {
    for (NodeId input : graph[id].inputs) {
      if (input < first) read[static_cast<std::size_t>(input)] = true;
    }
  }
  const std::vector<Node> old = graph.nodes;
  graph.nodes.resize(static_cast<std::size_t>(first));
  std::vector<NodeId> renamed(old.size());
  for (NodeId id = 0; id < end; ++id) renamed[static_cast<std::size_t>(id)] = id;
  for (NodeId id = 0; id < first; ++id) {
    const Node& node = old[static_cast<std::size_t>(id)];
    if (node.op != Op::kSub || !read[static_cast<std::size_t>(id)] ||
        old[static_cast<std::size_t>(node.inputs[0])].op != Op::kConstant ||
        !read[static_cast<std::size_t>(node.inputs[1])])
      continue;
    Node again = node;
    again.name.clear();
    renamed[static_cast<std::size_t>(id)] = graph.add(std::move(again));
  }
  for (NodeId id = first; id < end; ++id) {
    Node node = old[static_cast<std::size_t>(id)];
    for (NodeId& input : node.inputs) input = renamed[static_cast<std::size_t>(input)];
    renamed[static_cast<std::size_t>(id)] = graph.add(std::move(node));
  }
  for (NodeId* root : roots) {
    if (*root != kNoNode && *root >= first) *root = renamed[static_cast<std::size_t>(*root)];
  }
}

}  // namespace cellwright
