// evaluate_node.h: one node's value from its operands' values, and where a matrix entry is stored. Shared by
// the reference evaluation and by constant folding, so that both mean the same by an op.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/graph.h"

namespace cellwright {

/// Added to a variance (kLayerNorm) or mean square (kRmsNorm) under the square root.
inline constexpr double kNormEpsilon = 1e-5;

/// Value of a node that needs only its operands: every op but products and the leaves other than kConstant.
/// An operand of one unit fits any size. Empty for an op that needs more.
std::vector<double> evaluate_node(const Node& node, const std::vector<const std::vector<double>*>& operands);

/// Index of entry (row, column) in the stored form of a matrix parameter; -1 for an entry outside its
/// structure.
std::int64_t stored_index(const Parameter& parameter, int row, int column);

/// Length of a parameter's stored form: rows·columns, of a kBlockDiagonal rows·columns/blocks.
std::int64_t stored_size(const Parameter& parameter);

}  // namespace cellwright
