// random_cell.h: well-typed cells at random, a function of a seed. Values stay bounded, so that differences
// are meaningful.
#pragma once

#include <cstdint>

#include "property/recipe.h"

namespace cellwright {

/// One in eight has layers of 17 to 40 units (more than a panel, odd tails) and no differences; the others
/// have 1 to 5.
CellRecipe random_cell(std::uint64_t seed);

}  // namespace cellwright
