// cell_inside.h: what the public Cell holds.
#pragma once

#include "cellwright/cell.h"
#include "language/lower.h"
#include "language/signature.h"
#include "language/syntax.h"

namespace cellwright {

struct Cell::Inside {
  syntax::Cell syntax;
  Signature ports;
};

/// Sizes as lower() wants them. SpecError where more inputs are given than the cell has.
CellBinding binding_of(const Cell& cell, const CellSizes& sizes);

}  // namespace cellwright
