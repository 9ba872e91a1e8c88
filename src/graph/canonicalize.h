// canonicalize.h: brings a step graph into the small form that derive() and compile/ understand.
#pragma once

#include "graph/graph.h"

namespace cellwright {

/// Returns an equivalent graph in canonical form:
/// - kMean, kDot, kLayerNorm, kRmsNorm, kIdentity are written out in simpler ops (kSum, kMul, kSqrt, kReciprocal, …);
/// - pointwise operands have equal sizes: a scalar operand goes through kBroadcast, except a kConstant, which fits any size;
/// - a kMatmul over a kConcat is the sum of one kMatmul a part (column blocks), in the order of the parts; a kConcat stays
///   only where something other than a product reads it; nested concats are flat;
/// - a kSlice of a kMatmul is a kMatmul of fewer rows, of a kParameter a shorter kParameter, of a pointwise op the op of
///   slices; so gates from split(…) are products of their own. A kSlice stays only over ops that mix units, over inputs and
///   states, over what a clock selects, and over a value that is needed whole anyhow (an output, a state, what a norm, sum or
///   product reads): cutting that would compute it twice. A structured (block) matrix is never cut.
/// - common subexpressions are shared, constants folded, x+0, x·1, x·0, --x and the like removed, unreachable nodes dropped.
/// Names of lines stay on the nodes that hold their values. A line that is only read in slices loses its node. Of two lines with
/// one value (or a line that only repeats an input, state or parameter) the second is a kIdentity that nothing reads: it is there
/// to be traced, and costs a copy only then. Named constants stay in the same way. A kNormal always keeps its name, its key.
/// States, ports, parameters and losses keep their indices. Values agree with the original's up to rounding.
Graph canonicalize(const Graph& graph);

/// Shares common subexpressions, folds constants and drops unreachable nodes from node `first` on; earlier nodes are kept as
/// they are. `roots` (ids) are kept alive and rewritten to their new ids. Used on backward graphs.
void simplify(Graph& graph, NodeId first, std::vector<NodeId*> roots);

}  // namespace cellwright
