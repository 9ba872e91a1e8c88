#include "graph/passes.h"

#include "graph/evaluate_node.h"
#include "graph/op_table.h"
#include "graph/rewrite.h"

namespace cellwright {
namespace {

/// Gives the last node of an expansion the name of the line that was written.
NodeId named(GraphBuilder& b, NodeId id, const Node& line) { return b.name(id, line.name, line.where); }

NodeId mean(GraphBuilder& b, NodeId x) {
  return b.pointwise(Op::kMul, b.sum(x), b.constant(1.0 / b[x].size));
}

NodeId inverse_root(GraphBuilder& b, NodeId mean_square) {
  const NodeId shifted = b.pointwise(Op::kAdd, mean_square, b.constant(kNormEpsilon));
  return b.pointwise(Op::kReciprocal, b.pointwise(Op::kSqrt, shifted));
}

NodeId scaled(GraphBuilder& b, NodeId x, NodeId scalar) {
  return b.pointwise(Op::kMul, x, b.broadcast(scalar, b[x].size));
}

}  // namespace

Graph expand_simple(const Graph& graph) {
  return rewrite(graph, [](GraphBuilder& b, Node node) {
    if (is_pointwise(node.op)) {
      for (NodeId& i : node.inputs) {
        if (b[i].size != node.size && !b.is_constant(i)) i = b.broadcast(i, node.size);
      }
    }
    if (node.op == Op::kIdentity &&
        b[node.inputs[0]].size != node.size) {  // of a constant, which was not broadcast
      return named(b, b.constant(b[node.inputs[0]].values[0], node.size), node);
    }
    if (node.op == Op::kMean) return named(b, mean(b, node.inputs[0]), node);
    if (node.op == Op::kDot)
      return named(b, b.sum(b.pointwise(Op::kMul, node.inputs[0], node.inputs[1])), node);
    return b.add(std::move(node));
  });
}

Graph split_products(const Graph& graph) {
  return rewrite(graph, [](GraphBuilder& b, Node node) {
    const bool dense =
        node.op == Op::kMatmul &&
        b.graph().parameters[static_cast<std::size_t>(node.index)].structure == Structure::kDense;
    if (!dense || b[node.inputs[0]].op != Op::kConcat) return b.add(std::move(node));
    const std::vector<NodeId> parts = b[node.inputs[0]].inputs;
    NodeId sum = kNoNode;
    for (NodeId part : parts) {
      Node product = node;
      product.name.clear();
      product.inputs = {part};
      const NodeId term = b.add(std::move(product));
      node.column += b[part].size;
      sum = sum == kNoNode ? term : b.pointwise(Op::kAdd, sum, term);
    }
    return named(b, sum, node);
  });
}

Graph expand_norms(const Graph& graph) {
  return rewrite(graph, [](GraphBuilder& b, Node node) {
    if (node.op == Op::kLayerNorm) {
      const NodeId x = node.inputs[0];
      const NodeId centred = b.pointwise(Op::kSub, x, b.broadcast(mean(b, x), node.size));
      const NodeId variance = mean(b, b.pointwise(Op::kSquare, centred));
      return named(b, scaled(b, centred, inverse_root(b, variance)), node);
    }
    if (node.op == Op::kRmsNorm) {
      const NodeId x = node.inputs[0];
      return named(b, scaled(b, x, inverse_root(b, mean(b, b.pointwise(Op::kSquare, x)))), node);
    }
    return b.add(std::move(node));
  });
}

}  // namespace cellwright
