#include "draw/values.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace cellwright::draw {

/// Equal computations become one, copies (kIdentity, kBroadcast) their source: a picture shows values.
void Values::share_equal_values() {
  using Key = std::tuple<Op, std::vector<NodeId>, int, int, int, int, int, std::vector<double>, std::string>;
  std::map<Key, NodeId> seen;
  const std::size_t count = g_.nodes.size();
  rep_.resize(count);
  fixed_.assign(count, 0);
  names_.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Node& n = g_.nodes[i];
    const auto id = static_cast<NodeId>(i);
    if (n.op == Op::kIdentity || n.op == Op::kBroadcast) {
      rep_[i] = rep(n.inputs[0]);
    } else {
      std::vector<NodeId> inputs;
      for (const NodeId input : n.inputs) inputs.push_back(rep(input));
      const Key key{n.op,     inputs,   n.size,
                    n.index,  n.row,    n.column,
                    n.offset, n.values, n.op == Op::kNormal || n.op == Op::kDropMask ? n.name : ""};
      rep_[i] = seen.emplace(key, id).first->second;
    }
    if (!n.name.empty() && n.op != Op::kNormal) names_[static_cast<std::size_t>(rep_[i])].push_back(n.name);
    if (rep_[i] != id) continue;
    fixed_[i] = n.op == Op::kParameter || n.op == Op::kConstant ||
                (!n.inputs.empty() && n.op != Op::kSelect &&
                 std::all_of(n.inputs.begin(), n.inputs.end(), [&](NodeId in) { return fixed(rep(in)); }));
    if (n.op == Op::kMatmul) fixed_[i] = 0;
  }
}

void Values::count_uses() {
  uses_.assign(g_.nodes.size(), 0);
  std::vector<char> alive(g_.nodes.size(), 0);
  const auto use = [&](NodeId id) {
    ++uses_[static_cast<std::size_t>(rep(id))];
    alive[static_cast<std::size_t>(rep(id))] = 1;
  };
  for (const State& s : g_.states) use(s.next);
  for (const Port& p : g_.outputs) use(p.node);
  for (const Loss& l : g_.losses) use(l.node);
  for (std::size_t i = g_.nodes.size(); i-- > 0;) {
    if (!alive[i]) continue;
    for (const NodeId input : g_.nodes[i].inputs) use(input);
  }
}

void Values::flatten(NodeId id, bool top, bool minus, Sum& sum, int depth) const {
  id = rep(id);
  const Node& n = node(id);
  const bool open = top || (inner(id) && !named(id));
  if (fixed(id)) {
    const bool zero = n.op == Op::kConstant &&
                      std::all_of(n.values.begin(), n.values.end(), [](double v) { return v == 0; });
    if (zero) return;
    if (n.op == Op::kParameter && !minus) {
      sum.biases.push_back(id);
    } else {
      sum.rest.emplace_back(id, minus);
    }
  } else if (open && depth < 200 && (n.op == Op::kAdd || n.op == Op::kSub)) {
    flatten(n.inputs[0], false, minus, sum, depth + 1);
    flatten(n.inputs[1], false, minus != (n.op == Op::kSub), sum, depth + 1);
  } else if (open && n.op == Op::kMatmul && !minus) {
    sum.products.push_back(id);
  } else if (open && n.op == Op::kMul && !minus && (fixed(rep(n.inputs[0])) || fixed(rep(n.inputs[1])))) {
    const bool first = fixed(rep(n.inputs[0]));
    sum.peepholes.emplace_back(rep(n.inputs[first ? 0 : 1]), rep(n.inputs[first ? 1 : 0]));
  } else {
    sum.rest.emplace_back(id, minus);
  }
}

Sum Values::sum_of(NodeId id) const {
  Sum sum;
  flatten(id, true, false, sum, 0);
  return sum;
}

bool Values::pure_affine(NodeId id, Sum& sum) const {
  id = rep(id);
  if (node(id).op == Op::kSlice && !named(rep(node(id).inputs[0])))
    return pure_affine(node(id).inputs[0], sum) && sum.peepholes.empty();  // those would be cut too
  sum = sum_of(id);
  return !sum.products.empty() && sum.rest.empty();
}

}  // namespace cellwright::draw
