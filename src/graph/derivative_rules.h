// derivative_rules.h: what each op does to a gradient. Where to start: the table at the end of
// derivative_rules.cpp.
#pragma once

#include "graph/builder.h"

namespace cellwright {

/// Collects what the readers of each value ask for. Implemented by derive().
class AdjointSink {
 public:
  virtual ~AdjointSink() = default;
  virtual bool wants(NodeId id) const = 0;                      ///< does a gradient of this node matter?
  virtual void add(NodeId id, NodeId d) = 0;                    ///< d has the size of node `id`
  virtual void add_slice(NodeId id, int offset, NodeId d) = 0;  ///< d belongs to entries from `offset` on
  virtual void add_matrix(NodeId matmul, NodeId d) = 0;         ///< gradient of a product's value
  virtual void add_leaf(NodeId leaf, NodeId d) = 0;             ///< gradient of an input, state or parameter
};

/// Passes the gradient `d` of node `id` on to its operands.
void pass_back(GraphBuilder& builder, NodeId id, NodeId d, AdjointSink& sink);

}  // namespace cellwright
