// gather_sums.h: brings the terms of sums with products into the order in which a product kernel adds them.
#pragma once

#include <vector>

#include "graph/derive.h"
#include "graph/graph.h"

namespace cellwright {

/// Rewrites every tree of kAdd (inner nodes read once) of nodes [first, end) that holds a product into the
/// chain ((bias + products known before the loop) + products of the loop) + the rest, each group in the order
/// of the text. Nodes before `first` keep their ids. `roots` are ids kept elsewhere; they are updated.
/// `is_late[id]`: the product must wait for the loop. `followed` are ids of nodes that are no inner ones;
/// they are updated too, and change nothing.
void gather_sums(Graph& graph, NodeId first, const std::vector<bool>& is_late,
                 const std::vector<NodeId*>& roots, const std::vector<NodeId*>& followed = {});

}  // namespace cellwright
