// gather_sums.cpp: see gather_sums.h.
#include "compile/gather_sums.h"

#include <algorithm>

#include "compile/uses.h"

namespace cellwright {
namespace {

/// Leaves of the tree of inner kAdds under `root`, in the order of the text. Iterative: sums may be long.
std::vector<NodeId> leaves_of(const Graph& graph, NodeId root, const std::vector<bool>& inner) {
  std::vector<NodeId> leaves, stack{root};
  while (!stack.empty()) {
    const NodeId id = stack.back();
    stack.pop_back();
    if (id == root || inner[static_cast<std::size_t>(id)]) {
      stack.push_back(graph[id].inputs[1]);
      stack.push_back(graph[id].inputs[0]);
    } else {
      leaves.push_back(id);
    }
  }
  return leaves;
}

}  // namespace

void gather_sums(Graph& graph, NodeId first, const std::vector<bool>& is_late,
                 const std::vector<NodeId*>& roots, const std::vector<NodeId*>& followed) {
  const auto end = static_cast<NodeId>(graph.nodes.size());
  std::vector<std::vector<NodeId>> users = find_users(graph, 0, end);
  std::vector<int> reads(graph.nodes.size(), 0);
  for (std::size_t i = 0; i < reads.size(); ++i) reads[i] = static_cast<int>(users[i].size());
  for (const NodeId* root : roots) {
    if (*root != kNoNode) reads[static_cast<std::size_t>(*root)] += 2;
  }

  // An inner node is a sum whose one reader is a sum; names of inner sums do not matter to a plan.
  std::vector<bool> inner(graph.nodes.size(), false);
  for (NodeId id = first; id < end; ++id) {
    const auto i = static_cast<std::size_t>(id);
    inner[i] = graph[id].op == Op::kAdd && reads[i] == 1 && graph[users[i][0]].op == Op::kAdd &&
               users[i][0] >= first;
  }

  std::vector<Node> old = std::move(graph.nodes);
  Graph before;
  before.nodes = old;
  graph.nodes.assign(old.begin(), old.begin() + first);
  std::vector<NodeId> renamed(old.size(), kNoNode);
  for (NodeId id = 0; id < first; ++id) renamed[static_cast<std::size_t>(id)] = id;

  for (NodeId id = first; id < end; ++id) {
    const auto i = static_cast<std::size_t>(id);
    if (inner[i]) continue;
    Node node = old[i];
    if (node.op == Op::kAdd) {
      std::vector<NodeId> leaves = leaves_of(before, id, inner);
      bool has_product = false;
      for (NodeId leaf : leaves) has_product = has_product || is_product(before[leaf].op);
      if (has_product) {
        bool bias_found = false;
        std::vector<std::pair<int, NodeId>> ordered;
        for (NodeId leaf : leaves) {
          const bool single = reads[static_cast<std::size_t>(leaf)] == 1;
          int rank = 3;
          if (before[leaf].op == Op::kParameter && before[leaf].size == node.size && !bias_found) {
            rank = 0;
            bias_found = true;
          } else if (is_product(before[leaf].op) && single) {
            rank = is_late[static_cast<std::size_t>(leaf)] ? 2 : 1;
          }
          ordered.emplace_back(rank, leaf);
        }
        std::stable_sort(ordered.begin(), ordered.end(),
                         [](const auto& a, const auto& b) { return a.first < b.first; });
        NodeId sum = renamed[static_cast<std::size_t>(ordered[0].second)];
        for (std::size_t k = 1; k < ordered.size(); ++k) {
          Node add = node;
          if (k + 1 < ordered.size()) add.name.clear();
          add.inputs = {sum, renamed[static_cast<std::size_t>(ordered[k].second)]};
          sum = graph.add(std::move(add));
        }
        renamed[i] = sum;
        continue;
      }
      // A tree without products keeps its shape: its inner nodes were skipped, so write it out again in text
      // order.
      NodeId sum = renamed[static_cast<std::size_t>(leaves[0])];
      for (std::size_t k = 1; k < leaves.size(); ++k) {
        Node add = node;
        if (k + 1 < leaves.size()) add.name.clear();
        add.inputs = {sum, renamed[static_cast<std::size_t>(leaves[k])]};
        sum = graph.add(std::move(add));
      }
      renamed[i] = sum;
      continue;
    }
    for (NodeId& input : node.inputs) input = renamed[static_cast<std::size_t>(input)];
    renamed[i] = graph.add(std::move(node));
  }
  for (NodeId* root : roots) {
    if (*root != kNoNode) *root = renamed[static_cast<std::size_t>(*root)];
  }
  for (NodeId* id : followed) {
    if (*id != kNoNode) *id = renamed[static_cast<std::size_t>(*id)];
  }
}

}  // namespace cellwright
