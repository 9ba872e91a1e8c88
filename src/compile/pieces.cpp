// pieces.cpp: see pieces.h.
#include "compile/pieces.h"

#include <set>

#include "compile/clocks.h"
#include "compile/uses.h"

namespace cellwright {

std::vector<Piece> cut_pieces(const Graph& graph, NodeId end, const std::vector<NodeId>& idle) {
  std::vector<std::set<int>> rows(graph.parameters.size()), columns(graph.parameters.size());
  for (std::size_t p = 0; p < graph.parameters.size(); ++p) {
    rows[p] = {0, graph.parameters[p].rows};
    columns[p] = {0, graph.parameters[p].columns};
  }
  for (NodeId id = 0; id < end; ++id) {
    const Node& node = graph[id];
    const auto p = static_cast<std::size_t>(node.index);
    const bool matrix = node.op == Op::kMatmul;
    if (matrix || node.op == Op::kParameter) {
      for (int unit : period_borders(graph, idle[static_cast<std::size_t>(id)]))
        rows[p].insert((matrix ? node.row : node.offset) + unit);
    }
    if (matrix) {
      rows[p].insert({node.row, node.row + node.size});
      columns[p].insert({node.column, node.column + graph[node.inputs[0]].size});
    } else if (node.op == Op::kParameter) {
      rows[p].insert({node.offset, node.offset + node.size});
    }
  }
  std::vector<Piece> pieces;
  for (std::size_t p = 0; p < graph.parameters.size(); ++p) {
    const Parameter& parameter = graph.parameters[p];
    const int index = static_cast<int>(p);
    if (parameter.structure != Structure::kDense) {
      const int block_rows = parameter.rows / parameter.blocks,
                block_columns = parameter.columns / parameter.blocks;
      // A piece a block, also along a row of blocks: the transposed product cuts its value by columns.
      for (int r = 0; r < parameter.blocks; ++r) {
        const int last = parameter.structure == Structure::kBlockDiagonal ? r + 1 : parameter.blocks;
        for (int c = r; c < last; ++c)
          pieces.push_back({index, r * block_rows, block_rows, c * block_columns, block_columns, true});
      }
      continue;
    }
    for (auto row = rows[p].begin(); std::next(row) != rows[p].end(); ++row) {
      for (auto column = columns[p].begin(); std::next(column) != columns[p].end(); ++column) {
        pieces.push_back(
            {index, *row, *std::next(row) - *row, *column, *std::next(column) - *column, parameter.matrix});
      }
    }
  }
  return pieces;
}

std::vector<int> pieces_within(const std::vector<Piece>& pieces, int parameter, int row, int rows, int column,
                               int columns) {
  std::vector<int> found;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const Piece& p = pieces[i];
    if (p.parameter == parameter && p.row >= row && p.row + p.rows <= row + rows && p.column >= column &&
        p.column + p.columns <= column + columns) {
      found.push_back(static_cast<int>(i));
    }
  }
  return found;
}

}  // namespace cellwright
