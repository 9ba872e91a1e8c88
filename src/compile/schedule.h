// schedule.h: the order in which the values of one program are made, as groups that become instructions.
#pragma once

#include <vector>

#include "compile/affine.h"
#include "compile/fuse_tiles.h"
#include "compile/stages.h"

namespace cellwright {

struct Group {
  bool products = false;      ///< affine roots, else a pointwise program
  bool by_row = false;        ///< holds an op that mixes units
  bool scan = false;          ///< one node: the next value of a state, for all steps
  bool start_only = false;    ///< products: the part known before the loop, of values it goes on with
  std::vector<NodeId> nodes;  ///< ascending; affine roots or pointwise nodes
  std::vector<TileStep> steps;  ///< of pointwise nodes, once they are fused
};

/// Groups of the values of `direction` whose stage is `stage`. Pointwise work waits until a product or the
/// end asks for it, so that it falls into few groups.
std::vector<Group> schedule(const Graph& graph, const Direction& direction, const Stages& stages,
                            const Affines& affines, Stage stage);

}  // namespace cellwright
