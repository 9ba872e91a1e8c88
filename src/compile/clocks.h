// clocks.h: what a clock lets a plan leave out. Start at find_idle() and find_zeros().
//
// `every(periods, new, old)` is a select on a kClock leaf. Where a unit's clock is not due, `new` is thrown
// away, and its gradient is 0. So the products below `new` need no row of an idle unit (find_idle), and
// products with the gradient need no column (find_zeros). Both say which clock a value goes by, unit for
// unit; period_of() says when a stretch of units is idle as a whole.
#pragma once

#include <vector>

#include "graph/graph.h"

namespace cellwright {

/// Per node of [0, end): the kClock node at whose idle units the value may be anything finite, because all
/// its uses among these nodes end as `new` of a select on that clock; else kNoNode. Between the value and the
/// select stand only pointwise ops whose value and derivative are finite for any operand: a log or a quotient
/// of a value that was left out could turn the 0 of an idle unit's gradient into a NaN that the cell does not
/// have.
std::vector<NodeId> find_idle(const Graph& graph, NodeId end);

/// Per node: the kClock node at whose idle units the value is 0; else kNoNode.
std::vector<NodeId> find_zeros(const Graph& graph);

/// At steps that it does not divide none of the units [first, first+units) is due by `clock`; 1 for kNoNode.
int period_of(const Graph& graph, NodeId clock, int first, int units);

/// The units, ascending and without 0, at which another period begins; none for kNoNode.
std::vector<int> period_borders(const Graph& graph, NodeId clock);

}  // namespace cellwright
