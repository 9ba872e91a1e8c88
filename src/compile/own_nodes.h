// own_nodes.h: gives every value that has a fixed place (a state's next value, an output, a gradient) a node
// of its own.
#pragma once

#include <vector>

#include "compile/observation.h"
#include "graph/derive.h"
#include "graph/graph.h"

namespace cellwright {

/// After this no state's next value is a leaf or shared with another state, and no output, loss or operand of
/// a product is a parameter or constant. Copies (kIdentity) are inserted; they are rare.
void give_forward_own_nodes(Graph& graph);

/// The same for the gradients of states (a zero gradient becomes a node too) and inputs, and for what
/// gradients of parameters and observations of gradients read.
void give_backward_own_nodes(Graph& graph, Backward& backward, const std::vector<Observed>& observed);

}  // namespace cellwright
