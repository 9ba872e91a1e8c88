// stages.cpp: start at find_stages() at the end.
#include "compile/stages.h"

#include "compile/uses.h"

namespace cellwright {
namespace {

bool in(const Direction& d, NodeId id) { return id >= d.first && id < d.last; }

/// Per node: how many of its operands count. The old value that a scan carries on by itself, the last of two,
/// does not.
std::vector<std::size_t> operand_counts(const Graph& graph, const Direction& d) {
  std::vector<std::size_t> counts;
  for (const Node& node : graph.nodes) counts.push_back(node.inputs.size());
  for (const AffineRecurrence& scan : d.scans) counts[static_cast<std::size_t>(scan.carried)] = 1;
  return counts;
}

/// Per node of the direction: reached from the leaves of the marked states, through time as well.
std::vector<bool> depends_on(const Graph& graph, const Direction& d, const std::vector<bool>& from) {
  std::vector<bool> node(graph.nodes.size(), false);
  std::vector<bool> state = from;
  const std::vector<std::size_t> operands = operand_counts(graph, d);
  for (bool changed = true; changed;) {
    changed = false;
    for (NodeId id = d.first; id < d.last; ++id) {
      const Node& n = graph[id];
      bool depends = n.op == d.leaf && state[static_cast<std::size_t>(n.index)];
      for (std::size_t i = 0; i < operands[static_cast<std::size_t>(id)]; ++i)
        depends = depends || (in(d, n.inputs[i]) && node[static_cast<std::size_t>(n.inputs[i])]);
      node[static_cast<std::size_t>(id)] = depends;
    }
    for (std::size_t s = 0; s < state.size(); ++s) {
      const NodeId next = d.next[s];
      if (!state[s] && next != kNoNode && in(d, next) && node[static_cast<std::size_t>(next)])
        state[s] = changed = true;
    }
  }
  return node;
}

/// Per node: some marked state's next value is made from it, through time as well.
std::vector<bool> reaches(const Graph& graph, const Direction& d, const std::vector<bool>& to) {
  std::vector<bool> node(graph.nodes.size(), false);
  std::vector<bool> state = to;
  const std::vector<std::size_t> operands = operand_counts(graph, d);
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t s = 0; s < state.size(); ++s) {
      if (state[s] && d.next[s] != kNoNode) node[static_cast<std::size_t>(d.next[s])] = true;
    }
    for (NodeId id = d.last; id-- > d.first;) {
      if (!node[static_cast<std::size_t>(id)]) continue;
      const Node& n = graph[id];
      for (std::size_t i = 0; i < operands[static_cast<std::size_t>(id)]; ++i)
        node[static_cast<std::size_t>(n.inputs[i])] = true;
      if (n.op == d.leaf && !state[static_cast<std::size_t>(n.index)]) {
        state[static_cast<std::size_t>(n.index)] = changed = true;
      }
    }
  }
  return node;
}

std::vector<bool> states_in_cycles(const Graph& graph, const Direction& d) {
  std::vector<bool> cyclic(graph.states.size(), false);
  for (std::size_t s = 0; s < cyclic.size(); ++s) {
    // A state is in a cycle when its next value depends on it, straight or through other states.
    std::vector<bool> only(graph.states.size(), false);
    only[s] = true;
    const NodeId next = d.next[s];
    if (next == kNoNode || !in(d, next)) continue;
    cyclic[s] = depends_on(graph, d, only)[static_cast<std::size_t>(next)];
  }
  return cyclic;
}

/// Columns of an operand below which its product stays in the loop: what it would save there is less than
/// writing and reading the rows of its result costs.
constexpr int kThin = 16;

/// Products over a thin operand, in an affine value that is finished in the loop.
void keep_thin_products(const Graph& graph, const Direction& d, const std::vector<std::vector<NodeId>>& users,
                        const std::vector<bool>& leaves_step, std::vector<Stage>& stage) {
  for (NodeId id = d.last; id-- > d.first;) {
    const auto i = static_cast<std::size_t>(id);
    const Node& node = graph[id];
    if (stage[i] != Stage::kBefore || leaves_step[i] || users[i].empty()) continue;
    const bool sum = node.op == Op::kAdd && is_product(graph[node.inputs[1]].op);
    if (!sum && !is_product(node.op)) continue;
    const Node& product = sum ? graph[node.inputs[1]] : node;
    if (graph[product.inputs[0]].size > kThin) continue;
    bool chained = true;  // every user is an addition of the loop's chain
    for (NodeId user : users[i]) {
      chained = chained && stage[static_cast<std::size_t>(user)] == Stage::kLoop &&
                graph[user].op == Op::kAdd && is_product(graph[graph[user].inputs[1]].op);
    }
    if (chained) stage[i] = Stage::kLoop;
  }
}

}  // namespace

Direction forward_direction(const Graph& graph, NodeId last) {
  Direction d{0, last, Op::kPrevious, {}, {}};
  for (const State& s : graph.states) d.next.push_back(s.next);
  return d;
}

Direction backward_direction(const Graph& graph, const Backward& backward) {
  return {
      backward.first, static_cast<NodeId>(graph.nodes.size()), Op::kAdjointState, backward.d_previous, {}};
}

Stages find_stages(const Graph& graph, const Direction& d) {
  const std::vector<bool> cyclic = states_in_cycles(graph, d);
  const std::vector<bool> after_cycle = depends_on(graph, d, cyclic);
  const std::vector<bool> before_cycle = reaches(graph, d, cyclic);
  Stages stages;
  stages.node.assign(graph.nodes.size(), Stage::kBefore);
  for (NodeId id = d.first; id < d.last; ++id) {
    const auto i = static_cast<std::size_t>(id);
    if (after_cycle[i]) stages.node[i] = before_cycle[i] ? Stage::kLoop : Stage::kAfter;
  }
  for (std::size_t s = 0; s < cyclic.size(); ++s) {
    const NodeId next = d.next[s];
    const bool made_here = next != kNoNode && in(d, next);
    stages.state.push_back(cyclic[s]   ? Stage::kLoop
                           : made_here ? stages.node[static_cast<std::size_t>(next)]
                                       : Stage::kBefore);
  }

  const std::vector<std::vector<NodeId>> users = find_users(graph, d.first, d.last);
  std::vector<bool> leaves_step(graph.nodes.size(), false);
  for (NodeId next : d.next) {
    if (next != kNoNode) leaves_step[static_cast<std::size_t>(next)] = true;
  }
  for (NodeId id = d.last; id-- > d.first;) {
    const auto i = static_cast<std::size_t>(id);
    const Node& node = graph[id];
    if (stages.node[i] != Stage::kBefore || !is_pointwise(node.op) || leaves_step[i] || users[i].empty())
      continue;
    if (node.op == Op::kAdd && is_product(graph[node.inputs[1]].op)) continue;  // part of a product's chain
    const Stage later = stages.node[static_cast<std::size_t>(users[i][0])];
    bool agreed = true;
    for (NodeId user : users[i]) {
      agreed = agreed && stages.node[static_cast<std::size_t>(user)] == later && is_pointwise(graph[user].op);
    }
    if (agreed) stages.node[i] = later;
  }
  keep_thin_products(graph, d, users, leaves_step, stages.node);
  return stages;
}

}  // namespace cellwright
