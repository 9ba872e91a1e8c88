// derive.h: reverse mode on a step graph. The derivative of a cell is one more part of the same graph.
#pragma once

#include <vector>

#include "graph/graph.h"

namespace cellwright {

/// Contribution Σ over steps and lanes of `d` to entries [offset, offset + size of d) of a vector parameter. Where `times` is a
/// node, the contribution is d ⊙ times (so the product need not be stored); d is the factor that the backward part computes.
struct VectorGradient {
  int parameter = -1;
  int offset = 0;
  NodeId d = kNoNode;
  NodeId times = kNoNode;
};

/// Contribution Σ over steps and lanes of d ⊗ operand to the block of a matrix parameter that `matmul` multiplies with.
struct MatrixGradient {
  NodeId matmul = kNoNode;  ///< the forward kMatmul; its inputs[0] is the operand
  NodeId d = kNoNode;       ///< gradient of its value
};

/// The backward part of a graph. Nodes [first, graph.nodes.size()) of the graph were appended by derive(); they read forward
/// nodes of the same step and the leaves kAdjointOutput, kAdjointState, kAdjointLoss.
struct Backward {
  NodeId first = kNoNode;
  std::vector<NodeId> d_inputs;    ///< per input port: gradient of x[t]; kNoNode where it is zero or the port absent
  std::vector<NodeId> d_previous;  ///< per state: gradient of s[t-1], which becomes kAdjointState at step t-1; kNoNode where zero
  std::vector<VectorGradient> vectors;
  std::vector<MatrixGradient> matrices;
  std::vector<NodeId> d_observed;  ///< per node asked for: the gradient of the objective with respect to its
                                   ///< value, kNoNode where zero
};

/// Appends the backward part to a canonical graph and simplifies it. Gradients that nothing depends on are
/// not made. A parameter or matrix used in several places has a record for each, in node order. Several
/// d_inputs and d_previous may be one node, and may be a leaf (a delay line hands on its kAdjointState).
/// Throws InternalError if the graph holds an op that canonicalize() removes.
/// relu, abs, max and min use the subgradient 0 (of max and min: all to the first operand) at a kink.
/// A parameter that is a learned start gets Σ over lanes of d_previous at the first step; that is the
/// runner's affair. `observed`: nodes (or kNoNode) whose own gradient is wanted (d_observed); asking adds no
/// gradient that is not made anyhow.
Backward derive(Graph& graph, const std::vector<NodeId>& observed = {});

}  // namespace cellwright
