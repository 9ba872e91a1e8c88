#include "graph/print_graph.h"

#include <fmt/format.h>

#include "graph/op_table.h"

namespace cellwright {
namespace {

template <class Items>
std::string name_of(const Items& items, int index) {
  const auto i = static_cast<std::size_t>(index);
  return i < items.size() ? items[i].name : "?";
}

std::string values_of(const Node& node) {
  std::string out;
  for (std::size_t i = 0; i < node.values.size(); ++i) {
    if (i == 8) return out + fmt::format(", … {} in all", node.values.size());
    out += fmt::format("{}{:g}", i == 0 ? "" : ", ", node.values[i]);
  }
  return out;
}

/// What a node reads besides its operands.
std::string attributes(const Graph& graph, const Node& node) {
  switch (node.op) {
    case Op::kInput:
      return fmt::format(" {}", name_of(graph.inputs, node.index));
    case Op::kPrevious:
    case Op::kAdjointState:
      return fmt::format(" {}", name_of(graph.states, node.index));
    case Op::kParameter:
      return fmt::format(" {}[{}:{}]", name_of(graph.parameters, node.index), node.offset,
                         node.offset + node.size);
    case Op::kConstant:
    case Op::kClock:
    case Op::kDropMask:
      return fmt::format(" {}", values_of(node));
    case Op::kSlice:
      return fmt::format(" [{}:{}] of", node.offset, node.offset + node.size);
    case Op::kMatmul:
    case Op::kMatmulTransposed: {
      const int inner = graph[node.inputs[0]].size;
      const int rows = node.op == Op::kMatmul ? node.size : inner;
      const int columns = node.op == Op::kMatmul ? inner : node.size;
      return fmt::format(" {}[{}:{}, {}:{}]", name_of(graph.parameters, node.index), node.row,
                         node.row + rows, node.column, node.column + columns);
    }
    case Op::kAdjointOutput:
      return fmt::format(" {}", name_of(graph.outputs, node.index));
    case Op::kAdjointLoss:
      return fmt::format(" {}", name_of(graph.losses, node.index));
    default:
      return "";
  }
}

std::string lines(const Graph& graph, std::size_t first, std::size_t last) {
  std::string out;
  for (std::size_t id = first; id < last; ++id) {
    const Node& node = graph.nodes[id];
    out += fmt::format("%{} = {}{}", id, op_name(node.op), attributes(graph, node));
    for (NodeId i : node.inputs) out += fmt::format(" %{}", i);
    out += node.scalar ? " [scalar]" : fmt::format(" [{}]", node.size);
    if (!node.name.empty()) out += fmt::format(" \"{}\"", node.name);
    out += '\n';
  }
  return out;
}

std::string results(const Graph& graph) {
  std::string out;
  for (const Port& p : graph.outputs) out += fmt::format("output {} = %{}\n", p.name, p.node);
  for (const State& s : graph.states) out += fmt::format("state {} = %{}\n", s.name, s.next);
  for (const Loss& l : graph.losses) out += fmt::format("loss {} = %{}\n", l.name, l.node);
  return out;
}

}  // namespace

std::string print_graph(const Graph& graph) { return lines(graph, 0, graph.nodes.size()) + results(graph); }

std::string print_graph(const Graph& graph, const Backward& backward) {
  const auto first = static_cast<std::size_t>(backward.first);
  std::string out =
      lines(graph, 0, first) + results(graph) + "backward\n" + lines(graph, first, graph.nodes.size());
  for (std::size_t i = 0; i < backward.d_inputs.size(); ++i) {
    if (backward.d_inputs[i] != kNoNode)
      out += fmt::format("d {} = %{}\n", graph.inputs[i].name, backward.d_inputs[i]);
  }
  for (std::size_t i = 0; i < backward.d_previous.size(); ++i) {
    if (backward.d_previous[i] == kNoNode) continue;
    out += fmt::format("d {}[t-1] = %{}\n", graph.states[i].name, backward.d_previous[i]);
  }
  for (const VectorGradient& g : backward.vectors) {
    const int size = graph[g.d].size;
    out += fmt::format("d {}[{}:{}] += %{}", name_of(graph.parameters, g.parameter), g.offset,
                       g.offset + size, g.d);
    out += g.times == kNoNode ? "\n" : fmt::format(" * %{}\n", g.times);
  }
  for (const MatrixGradient& g : backward.matrices) {
    const Node& node = graph[g.matmul];
    out += fmt::format("d{} += %{} outer %{}\n", attributes(graph, node), g.d, node.inputs[0]);
  }
  return out;
}

}  // namespace cellwright
