// affine.h: finds the chains of sums that become products with a start value.
#pragma once

#include <vector>

#include "graph/graph.h"

namespace cellwright {

/// bias + Σ products, as gather_sums() ordered them; `root` is the node whose value it is.
struct Affine {
  NodeId root = kNoNode;
  NodeId bias = kNoNode;         ///< a kParameter node or kNoNode
  std::vector<NodeId> products;  ///< kMatmul or kMatmulTransposed nodes in chain order
};

struct Affines {
  std::vector<Affine> list;
  std::vector<int> of_root;    ///< per node: index into list, or -1
  std::vector<bool> absorbed;  ///< per node: part of an affine value, or read by nobody: not made by itself
};

/// `pinned[id]`: something outside the graph's nodes names it, so it cannot be absorbed.
Affines find_affines(const Graph& graph, const std::vector<bool>& pinned);

}  // namespace cellwright
