// stages.h: which values must be computed step by step, and which can leave the loop.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/affine_recurrence.h"
#include "graph/derive.h"
#include "graph/graph.h"

namespace cellwright {

enum class Stage : std::uint8_t { kBefore, kLoop, kAfter };

/// One direction of time: its nodes, and how values travel from one step to the next.
struct Direction {
  NodeId first = 0, last = 0;           ///< nodes [first, last)
  Op leaf = Op::kPrevious;              ///< reads what the neighbouring step left: kPrevious or kAdjointState
  std::vector<NodeId> next;             ///< per state: what this step leaves; kNoNode: zero
  std::vector<AffineRecurrence> scans;  ///< states that a scan carries over all steps at once

  /// The scan that makes `id`, or null.
  const AffineRecurrence* scan_at(NodeId id) const {
    for (const AffineRecurrence& scan : scans) {
      if (scan.next == id) return &scan;
    }
    return nullptr;
  }
};

Direction forward_direction(const Graph& graph, NodeId last);
Direction backward_direction(const Graph& graph, const Backward& backward);

struct Stages {
  std::vector<Stage> node;   ///< per node of the graph; kBefore for all outside the direction
  std::vector<Stage> state;  ///< per state: where its leaf is known and its next value made
};

/// A scan's own state is not among what it depends on: it is made for all steps at once. In the loop are the
/// values on a path from a state in a cycle to a state in a cycle; before it all that depends on no such
/// state, behind it the rest. Then pointwise values that only the loop reads, or only what is behind it, move there:
/// they cost the same, and need not be written out for all steps.
Stages find_stages(const Graph& graph, const Direction& direction);

}  // namespace cellwright
