// fuse_tiles.h: ops of a pointwise program that one pass over the numbers does together.
//
// A pass loads and stores every number, which takes longer than most ops themselves: an LSTM's backward step is
// eight passes instead of twenty-three. What always holds: an op is found by the pattern of the graph alone, and
// each part is rounded by itself, so no bit changes.
#pragma once

#include <vector>

#include "compile/plan.h"

namespace cellwright {

/// A value that a pointwise program makes.
struct TileStep {
  NodeId id = kNoNode;
  Op op = Op::kIdentity;
  std::vector<NodeId> inputs;
};

/// The steps of a program in its order, fewer. Values that are `materialized` are still made. To be asked before
/// gradients take over arrays of values: how late these are read is decided here.
std::vector<TileStep> fuse_tiles(const Graph& graph, std::vector<TileStep> steps,
                                 const std::vector<Place>& places, const std::vector<bool>& materialized,
                                 const std::vector<Buffer>& buffers);

/// How a fused op is made of others: inner(a, …) is operand `at` of outer (-1: either), and the operands are
/// inner's, then the rest of outer's. For tests; kComplement, 1 - a, is not among them.
struct Fusion {
  Op outer;
  int at;
  Op inner;
  Op fused;
  bool same = false;  ///< inner's operand is outer's other one too, and stands once
};
const std::vector<Fusion>& fusions();

}  // namespace cellwright
