// values.h: inner header of scheme.cpp: a graph's nodes as a picture sees them.
//
// Always holds: equal computations are one value, its representative the first node that makes it; copies
// (kIdentity, kBroadcast) are their source; a value is fixed when it follows from parameters and numbers
// alone.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "graph/graph.h"

namespace cellwright::draw {

/// A sum with at least one product, taken apart.
struct Sum {
  std::vector<NodeId> products;
  std::vector<NodeId> biases;
  std::vector<std::pair<NodeId, NodeId>> peepholes;  ///< factor, value
  std::vector<std::pair<NodeId, bool>> rest;         ///< value, subtracted
  std::vector<NodeId> names;                         ///< named nodes within
};

class Values {
 public:
  explicit Values(const Graph& graph) : g_(graph) {
    share_equal_values();
    count_uses();
  }

 protected:
  const Node& node(NodeId id) const { return g_[id]; }
  NodeId rep(NodeId id) const { return rep_[static_cast<std::size_t>(id)]; }
  bool fixed(NodeId id) const { return fixed_[static_cast<std::size_t>(id)]; }
  bool unused(NodeId id) const { return uses_[static_cast<std::size_t>(id)] == 0; }
  bool inner(NodeId id) const { return uses_[static_cast<std::size_t>(id)] == 1; }  ///< has one reader
  bool named(NodeId id) const { return !names(id).empty(); }
  /// Of all lines whose value a representative holds.
  const std::vector<std::string>& names(NodeId id) const { return names_[static_cast<std::size_t>(id)]; }

  Sum sum_of(NodeId id) const;
  /// Whether a value is what a yellow box computes before its activation: W·[…] + b, peepholes, or a part of
  /// that.
  bool pure_affine(NodeId id, Sum& sum) const;

  const Graph& g_;

 private:
  void share_equal_values();
  void count_uses();
  void flatten(NodeId id, bool top, bool minus, Sum& sum, int depth) const;

  std::vector<NodeId> rep_;
  std::vector<int> uses_;
  std::vector<char> fixed_;
  std::vector<std::vector<std::string>> names_;
};

}  // namespace cellwright::draw
