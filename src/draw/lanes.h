// lanes.h: which row a part stands in, and which column.
//
// Lanes from the top: belts; then operations, in as many rows as they need; then the layers. Joins, and
// ports, have places of their own (place.h). Always holds: a belt's parts share its lane; all layers share
// one; no two parts share lane and column; columns are the least solution of: layers in declared order, one
// column each; a belt's operations in order, one column each; an operation not left of what it reads, and
// right of it in the same lane or where it reads a belt; a layer right of every operation that it reads.
#pragma once

#include <vector>

#include "draw/scheme.h"

namespace cellwright::draw {

struct Grid {
  std::vector<int> lane;    ///< per part; -1 for joins and ports
  std::vector<int> column;  ///< per part; -1 for joins and ports
  std::vector<int> belt;    ///< per part; the belt it is an operation of, or -1
  int belts = 0;
  int op_lanes = 0;
  int columns = 0;

  int layers() const { return belts + op_lanes; }  ///< the lane of the layers
};

Grid assign_lanes(const Scheme& scheme);
void assign_columns(const Scheme& scheme, Grid& grid);

/// The parts with a lane that `part` reads, joins looked through.
std::vector<int> reads(const Scheme& scheme, const Grid& grid, int part);

}  // namespace cellwright::draw
