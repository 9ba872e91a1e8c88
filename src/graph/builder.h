// builder.h: appends nodes to a graph so that equal values are one node and arithmetic that changes nothing
// is never written.
//
// Where to start: add(). Always holds: what add() returns has the value of the node it was given, exactly for
// finite numbers (the sign of a zero aside); a named node is never looked through, so that a line of the cell
// stays traceable.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "graph/graph.h"

namespace cellwright {

class GraphBuilder {
 public:
  /// Appends to `graph`, whose present nodes may be shared but are not changed (but for a name that one
  /// without any receives).
  explicit GraphBuilder(Graph& graph);

  /// Returns a node with the value of `node`: an old one, a simpler one, or `node` appended. A name goes to
  /// the returned node.
  NodeId add(Node node);

  /// Gives a value the name of a line. Where it has another name already, a kIdentity that nothing reads is
  /// appended to carry this one. Returns `id`.
  NodeId name(NodeId id, const std::string& name, SourceRange where);

  const Graph& graph() const { return graph_; }
  const Node& operator[](NodeId id) const { return graph_[id]; }

  /// New nodes made by the helpers below stand for this place in the text.
  void at(SourceRange where) { where_ = where; }

  NodeId constant(double value, int size = 1);  ///< size 1: a scalar, which fits any size
  NodeId pointwise(Op op, NodeId a);
  NodeId pointwise(Op op, NodeId a, NodeId b);
  NodeId select(NodeId condition, NodeId a, NodeId b);
  NodeId slice(NodeId a, int offset, int size);
  NodeId concat(std::vector<NodeId> parts);
  NodeId sum(NodeId a);
  NodeId broadcast(NodeId a, int size);

  bool is_constant(NodeId id) const { return graph_[id].op == Op::kConstant; }
  bool is_constant(NodeId id, double value) const;  ///< all its entries are `value`

 private:
  NodeId simplified(
      Node& node);  ///< a node of the same value, or kNoNode after perhaps making `node` simpler
  NodeId fold(const Node& node);
  NodeId simplified_pointwise(Node& node);
  NodeId simplified_unary(const Node& node);
  NodeId simplified_binary(Node& node);
  NodeId simplified_slice(Node& node);
  NodeId simplified_concat(Node& node);
  NodeId hoisted_broadcast(const Node& node);
  NodeId same_size(NodeId id, const Node& node) const;
  NodeId unnamed_operand(NodeId id,
                         Op op) const;  ///< operand of `id` if that is an unnamed `op`, else kNoNode
  NodeId shared(const Node& node);
  NodeId pointwise_node(Op op, std::vector<NodeId> inputs);

  Graph& graph_;
  SourceRange where_;
  std::unordered_multimap<std::size_t, NodeId> by_hash_;
};

}  // namespace cellwright
