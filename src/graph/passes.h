// passes.h: the passes of canonicalize(), each a function from a graph to an equivalent one. Where to start:
// canonicalize.cpp.
#pragma once

#include "graph/graph.h"

namespace cellwright {

/// Writes out kMean and kDot, drops kIdentity, makes the broadcast of scalar operands explicit.
Graph expand_simple(const Graph& graph);

/// Products over a concatenation become sums of one product a part.
Graph split_products(const Graph& graph);

/// Slices move towards the leaves, so that gates become products of their own.
Graph push_slices(const Graph& graph);

/// Writes out kLayerNorm and kRmsNorm.
Graph expand_norms(const Graph& graph);

}  // namespace cellwright
