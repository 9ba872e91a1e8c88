// step_mask.cpp: with_step_mask() of regularise.h.
//
// A select everywhere, never a product with the mask: what stands in padding may be NaN. Inputs are cut off
// as well as what comes out, because a gradient of 0 that met a NaN in a weight's sum would be NaN.
#include "graph/builder.h"
#include "graph/regularise.h"
#include "graph/rewrite.h"

namespace cellwright {
namespace {

class StepMask {
 public:
  explicit StepMask(const Graph& graph) : in_(graph), out_(without_nodes(graph)), builder_(out_) {
    previous_.assign(graph.states.size(), kNoNode);
  }

  Graph run() {
    for (std::size_t i = 0; i < in_.nodes.size(); ++i) copy(static_cast<NodeId>(i));
    for (std::size_t s = 0; s < out_.states.size(); ++s) {
      State& state = out_.states[s];
      const NodeId next = new_ids_[static_cast<std::size_t>(state.next)];
      builder_.at(out_[next].where);
      state.next = where_counted(next, previous(s));
    }
    for (Port& port : out_.outputs) port.node = or_zero(new_ids_[static_cast<std::size_t>(port.node)]);
    for (Loss& loss : out_.losses) loss.node = or_zero(new_ids_[static_cast<std::size_t>(loss.node)]);
    return std::move(out_);
  }

 private:
  void copy(NodeId old) {
    Node node = in_[old];
    for (NodeId& input : node.inputs) input = new_ids_[static_cast<std::size_t>(input)];
    const auto index = static_cast<std::size_t>(node.index);
    const Op op = node.op;
    NodeId id = out_.add(std::move(node));
    if (op == Op::kPrevious && previous_[index] == kNoNode) previous_[index] = id;
    if (op == Op::kInput) {
      if (in_.inputs[index].node == old) out_.inputs[index].node = id;
      id = or_zero(id);
    }
    new_ids_.push_back(id);
  }

  NodeId previous(std::size_t state) {
    if (previous_[state] == kNoNode) {
      Node node;
      node.op = Op::kPrevious;
      node.index = static_cast<int>(state);
      node.size = out_.states[state].size;
      previous_[state] = builder_.add(std::move(node));
    }
    return previous_[state];
  }

  NodeId where_counted(NodeId value, NodeId otherwise) {
    Node mask;
    mask.op = Op::kStepMask;
    mask.size = out_[value].size;
    mask.scalar = out_[value].scalar;
    return builder_.select(builder_.add(std::move(mask)), value, otherwise);
  }

  NodeId or_zero(NodeId value) {
    builder_.at(out_[value].where);
    return where_counted(value, builder_.constant(0));
  }

  const Graph& in_;
  Graph out_;
  GraphBuilder builder_;
  std::vector<NodeId> new_ids_;   ///< per old node: what its readers read now
  std::vector<NodeId> previous_;  ///< per state: its kPrevious
};

}  // namespace

Graph with_step_mask(const Graph& graph) { return StepMask(graph).run(); }

}  // namespace cellwright
