// leaves.h: the values that come neither from the caller's arrays nor from an equation: noise, masks, clocks.
#pragma once

#include <cstdint>

#include "base/rng.h"
#include "graph/graph.h"

namespace cellwright {

/// Fills rows [first, last) of one step, [lanes, size of the node], for a kNormal, kClock, kDropMask or
/// kStepMask node. A number is a function of the random stream, the step, the lane and the unit; of a
/// kDropMask drawn once a sequence, not of the step. `mask`: [lanes], 0 where this step is padding; null:
/// none is.
template <class T>
void fill_leaf(const Node& node, const Random& random, std::int64_t step, const std::uint8_t* mask, int first,
               int last, T* slot);

}  // namespace cellwright
