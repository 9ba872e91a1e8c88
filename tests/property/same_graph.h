// same_graph.h: whether two graphs are one, node by node, places in the text aside.
#pragma once

#include <string>

#include "graph/graph.h"

namespace cellwright {

/// "" when they are the same, else the first difference in words.
std::string graph_difference(const Graph& a, const Graph& b);

}  // namespace cellwright
