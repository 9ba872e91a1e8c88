// affine.cpp: see affine.h.
#include "compile/affine.h"

#include <algorithm>

#include "compile/uses.h"

namespace cellwright {

Affines find_affines(const Graph& graph, const std::vector<bool>& pinned) {
  const auto end = static_cast<NodeId>(graph.nodes.size());
  const std::vector<std::vector<NodeId>> users = find_users(graph, 0, end);
  const auto absorbable = [&](NodeId id) {
    return users[static_cast<std::size_t>(id)].size() == 1 && !pinned[static_cast<std::size_t>(id)];
  };

  Affines affines;
  affines.of_root.assign(graph.nodes.size(), -1);
  affines.absorbed.assign(graph.nodes.size(), false);
  for (NodeId id = 0; id < end; ++id) {
    const Node& node = graph[id];
    if (is_product(node.op)) {
      affines.of_root[static_cast<std::size_t>(id)] = static_cast<int>(affines.list.size());
      affines.list.push_back({id, kNoNode, {id}});
      continue;
    }
    if (node.op != Op::kAdd) continue;
    const NodeId left = node.inputs[0], right = node.inputs[1];
    const auto l = static_cast<std::size_t>(left), r = static_cast<std::size_t>(right);
    if (!is_product(graph[right].op) || !absorbable(right) || left == right) continue;
    const bool from_bias = graph[left].op == Op::kParameter && graph[left].size == node.size;
    const bool from_chain = affines.of_root[l] >= 0 && absorbable(left);
    if (!from_bias && !from_chain) continue;
    Affine grown{id, from_bias ? left : kNoNode, {}};
    if (from_chain) {
      Affine& chain = affines.list[static_cast<std::size_t>(affines.of_root[l])];
      grown.bias = chain.bias;
      grown.products = std::move(chain.products);
      chain.root = kNoNode;
      affines.of_root[l] = -1;
      affines.absorbed[l] = true;
    }
    grown.products.push_back(right);
    affines.list[static_cast<std::size_t>(affines.of_root[r])].root = kNoNode;
    affines.of_root[r] = -1;
    affines.absorbed[r] = true;
    affines.of_root[static_cast<std::size_t>(id)] = static_cast<int>(affines.list.size());
    affines.list.push_back(std::move(grown));
  }

  // Drop the ones that were swallowed by longer chains.
  std::vector<Affine> kept;
  for (Affine& affine : affines.list) {
    if (affine.root == kNoNode) continue;
    affines.of_root[static_cast<std::size_t>(affine.root)] = static_cast<int>(kept.size());
    for (NodeId product : affine.products) {
      if (product != affine.root) affines.absorbed[static_cast<std::size_t>(product)] = true;
    }
    kept.push_back(std::move(affine));
  }
  affines.list = std::move(kept);

  // A second name of a value is a node that nobody reads; so may be what is left after a chain was gathered.
  std::vector<bool> read(graph.nodes.size(), false);
  for (NodeId id = end; id-- > 0;) {
    const auto i = static_cast<std::size_t>(id);
    if (!read[i] && !pinned[i]) {
      affines.absorbed[i] = true;
      continue;
    }
    for (NodeId input : graph[id].inputs) read[static_cast<std::size_t>(input)] = true;
  }
  return affines;
}

}  // namespace cellwright
