// print_graph.h: a graph as text, for `cell plan` and for the eye.
#pragma once

#include <string>

#include "graph/derive.h"
#include "graph/graph.h"

namespace cellwright {

/// One line a node, e.g. `%12 = sigmoid %11 [4] "f"`; then outputs, states and losses.
std::string print_graph(const Graph& graph);

/// The same with the backward part set apart, and the gradients that it makes.
std::string print_graph(const Graph& graph, const Backward& backward);

}  // namespace cellwright
