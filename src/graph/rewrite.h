// rewrite.h: the frame of a pass: every node in order through a rule into a new graph, then dead nodes
// dropped.
#pragma once

#include <functional>
#include <vector>

#include "graph/builder.h"

namespace cellwright {

/// A pass' rule. Receives a node whose inputs are ids of the new graph; returns its value there.
using RewriteRule = std::function<NodeId(GraphBuilder&, Node)>;

Graph rewrite(const Graph& graph, const RewriteRule& rule);

/// All of a graph but its nodes.
Graph without_nodes(const Graph& graph);

/// Replaces the ids of ports, states and losses, and drops what is dead then.
void remap_roots(Graph& graph, const std::vector<NodeId>& new_ids);

/// The ids that a graph itself holds: input nodes, outputs, next states, losses.
std::vector<NodeId*> roots_of(Graph& graph);

/// Drops nodes from `first` on that no root needs; `roots` are rewritten. A second name (kIdentity) or a
/// named constant stays as long as what it names does, though nothing reads it.
void drop_dead(Graph& graph, NodeId first, const std::vector<NodeId*>& roots);

}  // namespace cellwright
