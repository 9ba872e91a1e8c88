// tile_program.h: the two makers of instructions: a pointwise group becomes tile code, a product becomes
// outputs and terms.
#pragma once

#include <vector>

#include "compile/fuse_tiles.h"
#include "compile/plan.h"

namespace cellwright {

/// One instruction that takes `steps` in order. Values that are `materialized` go to their place, the others
/// stay in tiles, which are reused as soon as their last reader has run.
Instruction make_tile_program(const Graph& graph, const std::vector<TileStep>& steps, bool by_row,
                              const std::vector<Place>& places, const std::vector<bool>& materialized);

/// What an instruction reads `id` from, other than a tile.
Slot make_operand(const Graph& graph, NodeId id, const std::vector<Place>& places);

/// The outputs of one product, cut by the pieces of its matrix; `base` gives place, size, start and bias.
std::vector<ProductOutput> cut_product(const Graph& graph, const std::vector<Piece>& pieces, NodeId product,
                                       Place operand, const ProductOutput& base);

/// Both cover the same units with the same cuts, so that their terms can share chains.
bool same_cut(const std::vector<ProductOutput>& a, const std::vector<ProductOutput>& b);

}  // namespace cellwright
