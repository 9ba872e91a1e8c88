// recurrence.h: where a cell's products meet what its states held a step ago: the site of recurrent dropout
// and of weight-drop.
#pragma once

#include <vector>

#include "graph/graph.h"

namespace cellwright {

/// A product meets a state where its operand is the old value, or that value gated, summed, normed, cut or
/// squashed on the way to products and nowhere else (a GRU's r ⊙ h[t-1], but not a cell state that is
/// carried on, nor a peephole that a gate reads).
struct Recurrence {
  std::vector<bool> carries;  ///< per node: holds a state's old value so, and only products read it
  std::vector<int> line;      ///< per state: the state whose value it holds, itself or, of a delay, the
                              ///< youngest; -1 for a lagged input

  /// Of an edge from `operand` to its reader: the state whose old value goes to products along it, or -1.
  /// Delays are told as the line they delay.
  int state_of_edge(const Graph& graph, NodeId reader, NodeId operand) const;
};

Recurrence find_recurrence(const Graph& graph);

/// The state that a delay delays; -1 for a lagged input.
int line_of(const Graph& graph, int state);

}  // namespace cellwright
