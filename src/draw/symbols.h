// symbols.h: how a picture shows each operation: this room's table over the list of ops.
#pragma once

#include <string>
#include <string_view>

#include "graph/graph.h"

namespace cellwright::draw {

enum class Look : std::uint8_t {
  kNone,    ///< leaves and what has no shape of its own
  kRound,   ///< pink: unit by unit
  kVector,  ///< blue: over the units of a vector, by time, or at random
};

struct OpSymbol {
  Op op;
  Look look;
  std::string_view sign;  ///< what stands in the shape
};

const OpSymbol& op_symbol(Op op);

/// A value written out as an equation's right side, "f ⊙ C[t-1] + i ⊙ C̃"; named values are named, but for
/// `id` itself.
std::string equation(const Graph& graph, NodeId id);

/// What a node is called where it is used: "f", "C[t-1]", or its equation.
std::string called(const Graph& graph, NodeId id);

/// A number as a shape shows it: four digits.
std::string short_number(double value);

}  // namespace cellwright::draw
