// observe.h: finds the nodes that an observation asks for, and makes them fit to be kept.
#pragma once

#include "compile/plan.h"

namespace cellwright {

/// Fills plan.observed and plan.belts with nodes of plan.graph, the canonical form of `source`, to be called
/// before sums are gathered. Nodes that would otherwise melt into a longer sum are kept as copies, appended
/// with all else that is needed behind the nodes there are; so nothing that the plan computes anyhow is
/// computed differently. Returns the first appended node (there is at least one when anything is observed).
/// SpecError for a name that the cell does not have, or that nothing computes.
NodeId add_observed(Plan& plan, const Graph& source, const Observation& wanted);

}  // namespace cellwright
