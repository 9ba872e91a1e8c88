// identities.cpp: the arithmetic that GraphBuilder::add() never writes out: constants are folded, x+0, x·1,
// x·0, --x and the like removed, slices and concats of each other resolved. Every rule is exact for finite
// numbers; sums of products are never regrouped. Operands that carry a line's name are left as they are.

#include <algorithm>
#include <cmath>

#include "graph/builder.h"
#include "graph/evaluate_node.h"
#include "graph/op_table.h"

namespace cellwright {

NodeId GraphBuilder::same_size(NodeId id, const Node& node) const {
  return graph_[id].size == node.size ? id : kNoNode;
}

NodeId GraphBuilder::unnamed_operand(NodeId id, Op op) const {
  return graph_[id].op == op && graph_[id].name.empty() ? graph_[id].inputs[0] : kNoNode;
}

NodeId GraphBuilder::simplified(Node& node) {
  if (const NodeId id = fold(node); id != kNoNode) return id;
  if (is_pointwise(node.op)) return simplified_pointwise(node);
  switch (node.op) {
    case Op::kSlice:
      return simplified_slice(node);
    case Op::kConcat:
      return simplified_concat(node);
    case Op::kBroadcast:
      return node.size == 1 ? node.inputs[0] : kNoNode;
    case Op::kSum: {
      const NodeId a = node.inputs[0];
      if (graph_[a].scalar) return a;
      const NodeId minus = unnamed_operand(a, Op::kNegate);
      return minus == kNoNode ? kNoNode : pointwise(Op::kNegate, sum(minus));
    }
    case Op::kMatmul:
    case Op::kMatmulTransposed:
      return is_constant(node.inputs[0], 0) ? constant(0, node.size) : kNoNode;
    default:
      return kNoNode;
  }
}

/// An op on constants is a constant, as long as it is finite: infinities stay visible in the graph.
NodeId GraphBuilder::fold(const Node& node) {
  if (node.inputs.empty()) return kNoNode;
  for (NodeId i : node.inputs) {
    if (!is_constant(i)) return kNoNode;
  }
  std::vector<std::vector<double>> operands;
  for (NodeId i : node.inputs) operands.push_back(evaluate_node(graph_[i], {}));
  std::vector<const std::vector<double>*> views;
  for (const auto& operand : operands) views.push_back(&operand);
  Node folded;
  folded.op = Op::kConstant;
  folded.size = node.size;
  folded.scalar = node.scalar;
  folded.values = evaluate_node(node, views);
  if (folded.values.empty()) return kNoNode;
  bool uniform = true;
  for (double v : folded.values) {
    if (!std::isfinite(v)) return kNoNode;
    uniform = uniform && v == folded.values[0];
  }
  if (uniform) folded.values.resize(1);
  return add(std::move(folded));
}

NodeId GraphBuilder::simplified_pointwise(Node& node) {
  // A constant whose entries are equal is written as a scalar, so that equal expressions look equal. A named
  // one stays.
  for (NodeId& i : node.inputs) {
    if (is_constant(i) && graph_[i].values.size() == 1 && graph_[i].size > 1 && graph_[i].name.empty()) {
      i = constant(graph_[i].values[0]);
    }
  }
  if (const NodeId id = hoisted_broadcast(node); id != kNoNode) return id;
  if (node.inputs.size() == 1) return simplified_unary(node);
  if (node.inputs.size() == 2) return simplified_binary(node);
  const NodeId a = node.inputs[1];
  if (is_constant(node.inputs[0], 0)) return same_size(node.inputs[2], node);
  if (is_constant(node.inputs[0]) && graph_[node.inputs[0]].values.size() == 1) return same_size(a, node);
  return a == node.inputs[2] ? same_size(a, node) : kNoNode;
}

/// An op on broadcast scalars and constants is the broadcast of the op on scalars.
NodeId GraphBuilder::hoisted_broadcast(const Node& node) {
  bool any = false;
  for (NodeId i : node.inputs) {
    const bool constant_scalar = is_constant(i) && graph_[i].size == 1;
    if (!constant_scalar && unnamed_operand(i, Op::kBroadcast) == kNoNode) return kNoNode;
    any = any || !constant_scalar;
  }
  if (!any) return kNoNode;
  Node inner = node;
  inner.size = 1;
  inner.scalar = true;
  for (NodeId& i : inner.inputs) {
    if (!is_constant(i)) i = graph_[i].inputs[0];
  }
  return broadcast(add(std::move(inner)), node.size);
}

NodeId GraphBuilder::simplified_unary(const Node& node) {
  const NodeId a = node.inputs[0];
  if (node.op == Op::kNegate) {
    if (const NodeId x = unnamed_operand(a, Op::kNegate); x != kNoNode) return x;
    if (graph_[a].op == Op::kSub && graph_[a].name.empty()) {
      // Copied first: adding a node may move the nodes.
      const NodeId left = graph_[a].inputs[0], right = graph_[a].inputs[1];
      return pointwise(Op::kSub, right, left);
    }
  }
  if (node.op == Op::kSquare || node.op == Op::kAbs) {
    if (const NodeId x = unnamed_operand(a, Op::kNegate); x != kNoNode) return pointwise(node.op, x);
  }
  return kNoNode;
}

NodeId GraphBuilder::simplified_binary(Node& node) {
  NodeId& a = node.inputs[0];
  NodeId& b = node.inputs[1];
  const NodeId minus_a = unnamed_operand(a, Op::kNegate);
  const NodeId minus_b = unnamed_operand(b, Op::kNegate);
  const auto kept = [&](NodeId id) { return same_size(id, node); };
  // A sum takes up the sign of a broadcast scalar too.
  const auto minus_term = [&](NodeId id) {
    const NodeId scalar = unnamed_operand(id, Op::kBroadcast);
    const NodeId minus = scalar == kNoNode ? kNoNode : unnamed_operand(scalar, Op::kNegate);
    return minus == kNoNode ? unnamed_operand(id, Op::kNegate) : broadcast(minus, graph_[id].size);
  };
  switch (node.op) {
    case Op::kAdd:
      if (is_constant(b, 0)) return kept(a);
      if (is_constant(a, 0)) return kept(b);
      if (const NodeId m = minus_term(b); m != kNoNode) return pointwise(Op::kSub, a, m);
      if (const NodeId m = minus_term(a); m != kNoNode) return pointwise(Op::kSub, b, m);
      return kNoNode;
    case Op::kSub:
      if (is_constant(b, 0)) return kept(a);
      if (is_constant(a, 0)) return kept(b) == kNoNode ? kNoNode : pointwise(Op::kNegate, b);
      if (const NodeId m = minus_term(b); m != kNoNode) return pointwise(Op::kAdd, a, m);
      return kNoNode;
    case Op::kMul:
      if (is_constant(a, 0) || is_constant(b, 0)) return constant(0, node.size);
      if (is_constant(b, 1)) return kept(a);
      if (is_constant(a, 1)) return kept(b);
      if (is_constant(b, -1) && kept(a) != kNoNode) return pointwise(Op::kNegate, a);
      if (is_constant(a, -1) && kept(b) != kNoNode) return pointwise(Op::kNegate, b);
      if (a == b) return pointwise(Op::kSquare, a);
      // A sign moves outwards, where a sum takes it up.
      if (minus_a != kNoNode) return pointwise(Op::kNegate, pointwise(Op::kMul, minus_a, b));
      if (minus_b != kNoNode) return pointwise(Op::kNegate, pointwise(Op::kMul, a, minus_b));
      return kNoNode;
    case Op::kDiv:
      if (is_constant(b, 1)) return kept(a);
      if (is_constant(a, 1) && kept(b) != kNoNode) return pointwise(Op::kReciprocal, b);
      if (minus_a != kNoNode) return pointwise(Op::kNegate, pointwise(Op::kDiv, minus_a, b));
      if (minus_b != kNoNode) return pointwise(Op::kNegate, pointwise(Op::kDiv, a, minus_b));
      return kNoNode;
    case Op::kMax:
    case Op::kMin:
      return a == b ? a : kNoNode;
    default:
      return kNoNode;
  }
}

NodeId GraphBuilder::simplified_slice(Node& node) {
  const NodeId source = node.inputs[0];
  const Node& a = graph_[source];
  if (node.offset == 0 && node.size == a.size) return source;
  if (a.op == Op::kSlice) return slice(a.inputs[0], a.offset + node.offset, node.size);
  if (a.op == Op::kBroadcast) return broadcast(a.inputs[0], node.size);
  if (a.op == Op::kParameter) {
    Node shorter = a;
    shorter.name.clear();
    shorter.offset += node.offset;
    shorter.size = node.size;
    return add(std::move(shorter));
  }
  if (a.op == Op::kConcat) {
    const std::vector<NodeId> inputs = a.inputs;
    std::vector<NodeId> parts;
    int begin = 0;
    for (NodeId part : inputs) {
      const int end = begin + graph_[part].size;
      const int from = std::max(begin, node.offset);
      const int to = std::min(end, node.offset + node.size);
      if (from < to) parts.push_back(slice(part, from - begin, to - from));
      begin = end;
    }
    return concat(std::move(parts));
  }
  return kNoNode;
}

/// Flattens nested concats and joins neighbours that are pieces of one vector.
NodeId GraphBuilder::simplified_concat(Node& node) {
  std::vector<NodeId> parts;
  const auto joined = [&](NodeId left, NodeId right) -> NodeId {
    const Node& a = graph_[left];
    const Node& b = graph_[right];
    if (a.op != b.op) return kNoNode;
    if (a.op == Op::kSlice && a.inputs == b.inputs && a.offset + a.size == b.offset) {
      return slice(a.inputs[0], a.offset, a.size + b.size);
    }
    if (a.op == Op::kParameter && a.index == b.index && a.offset + a.size == b.offset) {
      Node longer = a;
      longer.name.clear();
      longer.size += b.size;
      return add(std::move(longer));
    }
    if (a.op == Op::kConstant && a.name.empty() && b.name.empty() && a.values.size() == 1 &&
        is_constant(right, a.values[0])) {
      return constant(a.values[0], a.size + b.size);
    }
    return kNoNode;
  };
  const auto push = [&](NodeId part) {
    if (!parts.empty()) {
      if (const NodeId both = joined(parts.back(), part); both != kNoNode) {
        parts.back() = both;
        return;
      }
    }
    parts.push_back(part);
  };
  for (NodeId i : node.inputs) {
    if (graph_[i].op == Op::kConcat) {
      const std::vector<NodeId> nested = graph_[i].inputs;
      for (NodeId part : nested) push(part);
    } else {
      push(i);
    }
  }
  if (parts.size() == 1) return parts[0];
  node.inputs = std::move(parts);
  return kNoNode;
}

}  // namespace cellwright
