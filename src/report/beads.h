// beads.h: where on a diagram's lines a number can stand.
//
// Where to start: bead_places(). What always holds: a bead lies on its own line or right beside it; it covers
// no shape, and no other bead or line where there is any place that does not.
#pragma once

#include <vector>

#include "draw/diagram.h"

namespace cellwright {

inline constexpr double kBeadWidth = 52, kBeadHeight = 17;

/// Per wire of the diagram: the middle of its bead. What leaves a join or a constant carries none, and has
/// the wire's beginning.
std::vector<draw::Point> bead_places(const draw::Diagram& diagram);

}  // namespace cellwright
