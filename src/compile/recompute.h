// recompute.h: values that the backward pass makes again instead of reading what the forward pass kept.
#pragma once

#include <vector>

#include "graph/derive.h"
#include "graph/graph.h"

namespace cellwright {

/// A difference of a constant and a value that the backward pass reads anyway, as 1 - z beside z, gets a node of
/// its own there: the subtraction costs less than an array over all steps. `roots` are ids that are kept
/// elsewhere; the graph's nodes from backward.first on are rebuilt.
void recompute_differences(Graph& graph, const Backward& backward, const std::vector<NodeId*>& roots);

}  // namespace cellwright
