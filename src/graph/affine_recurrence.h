// affine_recurrence.h: finds the states whose next value is a ⊙ the old one + b, unit by unit, with a and b
// free of the state, and writes them so.
//
// Where to start: write_affine_recurrences(). Such a recurrence can be run in chunks of time side by side,
// for two steps of it are again one: a' ⊙ (a ⊙ s + b) + b'. The gradient of such a state is one too, last
// step first; so is that of every state that only pointwise ops carry on. What always holds: values agree
// with those of the graph as it was up to rounding; the cell's name is never asked.
#pragma once

#include <string>
#include <vector>

#include "graph/graph.h"

namespace cellwright {

/// next = carried + b, carried = a ⊙ leaf: nodes of its own, which nothing else reads but `next`.
struct AffineRecurrence {
  int state = -1;
  NodeId next = kNoNode;     ///< the kAdd: what the step leaves
  NodeId carried = kNoNode;  ///< the kMul, its inputs a and the state's leaf
  NodeId a = kNoNode;        ///< of the state's size, or a kConstant of one number
  NodeId b = kNoNode;
};

/// Rewrites one direction of time: nodes [first, end of the graph), whose leaves `leaf` (kPrevious or
/// kAdjointState) hold what the neighbouring step left; `next` points, per state, to the id of what this step
/// leaves, or holds kNoNode. A state qualifies when its next value depends on its old one, on no state that
/// depends on it in turn, and affinely, unit by unit. a and b may depend on other states. `roots` are kept
/// alive and rewritten, those of `next` among them.
std::vector<AffineRecurrence> write_affine_recurrences(Graph& graph, NodeId first, Op leaf,
                                                       const std::vector<NodeId*>& next,
                                                       const std::vector<NodeId*>& roots);

/// For messages, of a canonical graph without a backward part: why no state's recurrence runs in chunks, as
/// "'h' goes through tanh (line 6)"; "" if one does.
std::string why_not_affine(const Graph& graph);

}  // namespace cellwright
