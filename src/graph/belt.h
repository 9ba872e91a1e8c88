// belt.h: which states are carried on by a gate: next = coefficient ⊙ old + Σ terms, unit by unit.
//
// Where to start: find_belts(). Found by the algebra of the graph, not by the names of a cell: the LSTM's f ⊙
// C[t-1] + i ⊙ C̃, the GRU's (1 - z) ⊙ h[t-1] + z ⊙ h̃, h[t-1] + z ⊙ (h̃ - h[t-1]), a clock's select. What
// always holds: the split is exact but for rounding, whatever coefficient and terms depend on; they may read
// the old value themselves through a product or an activation (a peephole, a recurrent gate).
#pragma once

#include <functional>
#include <vector>

#include "graph/graph.h"

namespace cellwright {

struct BeltForm {
  int state = -1;
  NodeId coefficient = kNoNode;  ///< of the state's size, or a kConstant
  std::vector<NodeId> terms;     ///< the same; may be empty
};

/// The states of a canonical graph whose old value, as far as pointwise algebra reaches, enters the next one
/// times a coefficient that is not 0 everywhere; delays are left out. What is not there yet as a node (1 - z,
/// z ⊙ h̃) is appended. `read` gives the node by which an addend may be read (its own id, by default): a
/// compiler that fuses sums wants a copy there.
std::vector<BeltForm> find_belts(Graph& graph, const std::function<NodeId(NodeId)>& read = {});

}  // namespace cellwright
