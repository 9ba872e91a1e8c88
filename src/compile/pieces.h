// pieces.h: cuts the parameters of a graph into the rectangles that are packed, multiplied and trained as
// units.
#pragma once

#include <vector>

#include "compile/plan.h"
#include "graph/graph.h"

namespace cellwright {

/// A matrix is cut at every border that a product uses, a structured one into its existing blocks, a vector
/// at every stretch that is read on its own; both also where the period of a clock that skips rows changes
/// (`idle`: see find_idle()). In the order of the parameters, then rows, then columns. Only nodes before
/// `end` (the forward part) are asked, so that a plan for inference cuts as one for training does.
std::vector<Piece> cut_pieces(const Graph& graph, NodeId end, const std::vector<NodeId>& idle);

/// Indices of the pieces of `parameter` inside rows [row, row+rows) × columns [column, column+columns),
/// ascending.
std::vector<int> pieces_within(const std::vector<Piece>& pieces, int parameter, int row, int rows, int column,
                               int columns);

}  // namespace cellwright
