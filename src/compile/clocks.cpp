// clocks.cpp: see clocks.h.
#include "compile/clocks.h"

#include <algorithm>
#include <numeric>

#include "compile/uses.h"

namespace cellwright {
namespace {

/// Finite values give finite values and derivatives.
bool is_tame(Op op) {
  switch (op) {
    case Op::kExp:  // exp(a - m) of an `a` that was left out may overflow where the cell's does not
    case Op::kLog:
    case Op::kSqrt:
    case Op::kReciprocal:
    case Op::kDiv:
      return false;
    default:
      return is_pointwise(op);
  }
}

bool same_clock(const Graph& graph, NodeId a, NodeId b) {
  return a == b || (a != kNoNode && b != kNoNode && graph[a].size == graph[b].size &&
                    graph[a].values == graph[b].values);
}

bool is_clocked(const Graph& graph, const Node& select) {
  return select.op == Op::kSelect && graph[select.inputs[0]].op == Op::kClock &&
         graph[select.inputs[0]].size == select.size;
}

bool is_zero(const Node& node) {
  return node.op == Op::kConstant &&
         std::all_of(node.values.begin(), node.values.end(), [](double v) { return v == 0; });
}

}  // namespace

std::vector<NodeId> find_idle(const Graph& graph, NodeId end) {
  const std::vector<std::vector<NodeId>> users = find_users(graph, 0, end);
  std::vector<bool> rooted(graph.nodes.size(), false);
  for (NodeId id : forward_roots(graph)) {
    if (id != kNoNode) rooted[static_cast<std::size_t>(id)] = true;
  }
  std::vector<NodeId> idle(graph.nodes.size(), kNoNode);
  for (NodeId id = end; id-- > 0;) {
    const auto i = static_cast<std::size_t>(id);
    if (rooted[i] || users[i].empty()) continue;
    const auto by_user = [&](NodeId user) {
      const Node& node = graph[user];
      if (node.size != graph[id].size) return kNoNode;
      if (is_clocked(graph, node) && node.inputs[1] == id && node.inputs[2] != id) return node.inputs[0];
      return is_tame(node.op) ? idle[static_cast<std::size_t>(user)] : kNoNode;
    };
    const NodeId clock = by_user(users[i][0]);
    const bool agreed = std::all_of(users[i].begin(), users[i].end(),
                                    [&](NodeId user) { return same_clock(graph, clock, by_user(user)); });
    if (agreed) idle[i] = clock;
  }
  return idle;
}

std::vector<NodeId> find_zeros(const Graph& graph) {
  std::vector<NodeId> zeros(graph.nodes.size(), kNoNode);
  for (std::size_t i = 0; i < zeros.size(); ++i) {
    const Node& node = graph.nodes[i];
    const auto of = [&](std::size_t k) {
      const NodeId input = node.inputs[k];
      return graph[input].size == node.size ? zeros[static_cast<std::size_t>(input)] : kNoNode;
    };
    const auto of_both = [&](std::size_t a, std::size_t b) {
      if (is_zero(graph[node.inputs[a]])) return of(b);
      return is_zero(graph[node.inputs[b]]) || same_clock(graph, of(a), of(b)) ? of(a) : kNoNode;
    };
    switch (node.op) {
      case Op::kSelect:
        zeros[i] = is_clocked(graph, node) && is_zero(graph[node.inputs[2]]) ? node.inputs[0] : of_both(1, 2);
        break;
      case Op::kMul:
        zeros[i] = of(0) != kNoNode ? of(0) : of(1);
        break;
      case Op::kAdd:
      case Op::kSub:
        zeros[i] = of_both(0, 1);
        break;
      case Op::kDiv:
      case Op::kNegate:
      case Op::kIdentity:
        zeros[i] = of(0);
        break;
      default:
        break;
    }
  }
  return zeros;
}

int period_of(const Graph& graph, NodeId clock, int first, int units) {
  if (clock == kNoNode) return 1;
  const Node& node = graph[clock];
  const auto groups = static_cast<std::int64_t>(node.values.size());
  int period = 0;
  for (int unit = first; unit < first + units; ++unit) {
    const double own = node.values[static_cast<std::size_t>(unit * groups / node.size)];
    period = std::gcd(period, static_cast<int>(own));
  }
  return period;
}

std::vector<int> period_borders(const Graph& graph, NodeId clock) {
  std::vector<int> borders;
  for (int unit = 1; clock != kNoNode && unit < graph[clock].size; ++unit) {
    if (period_of(graph, clock, unit, 1) != period_of(graph, clock, unit - 1, 1)) borders.push_back(unit);
  }
  return borders;
}

}  // namespace cellwright
