// observe.cpp: start at add_observed() at the end.
#include "compile/observe.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cellwright/error.h"
#include "compile/uses.h"
#include "graph/belt.h"

namespace cellwright {
namespace {

class Finder {
 public:
  Finder(Plan& plan, const Graph& source)
      : plan_(plan),
        graph_(plan.graph),
        source_(source),
        first_(static_cast<NodeId>(plan.graph.nodes.size())),
        users_(find_users(plan.graph, 0, first_)),
        rooted_(plan.graph.nodes.size(), false) {
    for (NodeId id : forward_roots(graph_)) rooted_[static_cast<std::size_t>(id)] = true;
    Node marker;  // so that the border can be found again when sums have been gathered
    marker.op = Op::kConstant;
    marker.size = 1;
    marker.values = {0.0};
    graph_.add(std::move(marker));
  }

  NodeId first() const { return first_; }

  /// Names of the lines in the order of the text.
  std::vector<std::string> lines() const {
    std::vector<const Node*> nodes;
    for (const Node& n : source_.nodes) {
      if (!n.name.empty() && (!is_leaf(n.op) || n.op == Op::kNormal)) nodes.push_back(&n);
    }
    std::stable_sort(nodes.begin(), nodes.end(),
                     [](const Node* a, const Node* b) { return a->where.line < b->where.line; });
    std::vector<std::string> names;
    for (const Node* n : nodes) {
      if (std::find(names.begin(), names.end(), n->name) == names.end()) names.push_back(n->name);
    }
    return names;
  }

  /// The node that holds a line or an input; kNoNode where there is none.
  NodeId find(const std::string& name) {
    for (const Port& p : graph_.inputs) {
      if (p.name == name && p.node != kNoNode) return p.node;
    }
    for (NodeId id = first_; id-- > 0;) {
      const Node& n = graph_[id];
      if (n.name == name && n.op != Op::kPrevious && n.op != Op::kInput && n.op != Op::kParameter) return id;
    }
    // A line that the plan computes in parts, as a split cuts it: the parts one after the other.
    for (NodeId id = 0; id < static_cast<NodeId>(source_.nodes.size()); ++id) {
      if (source_[id].name == name && !is_leaf(source_[id].op)) return joined(id);
    }
    return kNoNode;
  }

  /// Index of the observed value; the same node under the same name is kept once.
  int keep(NodeId id, const std::string& name, int size) {
    const Op op = graph_[id].op;
    const NodeId value = value_of(id);
    const bool fixed = op == Op::kParameter || op == Op::kConstant;
    if (fixed || graph_[id].size != size) {
      Node copy;
      copy.op = Op::kIdentity;
      copy.inputs = {id};
      copy.size = size;
      id = graph_.add(std::move(copy));
    }
    id = apart(id);
    for (std::size_t i = 0; i < plan_.observed.size(); ++i) {
      if (plan_.observed[i].node == id) return static_cast<int>(i);
    }
    plan_.observed.push_back({name, op, size, id, value, {}});
    return static_cast<int>(plan_.observed.size()) - 1;
  }

  /// `id`, or a copy where reading it would break the chain of a sum that it belongs to.
  NodeId apart(NodeId id) {
    if (!melts(id)) return id;
    Node copy = graph_[id];
    copy.name.clear();
    if (copy.op == Op::kAdd) {
      for (NodeId& input : copy.inputs) input = apart(input);
    }
    return graph_.add(std::move(copy));
  }

  void keep_belts() {
    for (const BeltForm& r : find_belts(graph_, [this](NodeId id) { return apart(id); })) {
      const State state = graph_.states[static_cast<std::size_t>(r.state)];
      NodeId old = kNoNode;
      for (NodeId id = 0; id < first_; ++id) {
        if (graph_[id].op == Op::kPrevious && graph_[id].index == r.state) old = id;
      }
      if (old == kNoNode) continue;
      Belt belt;
      belt.state = r.state;
      belt.old = keep(old, state.name + "[t-1]", state.size);
      belt.next = keep(state.next, state.name, state.size);
      belt.coefficient = keep(r.coefficient, written(r.coefficient), state.size);
      for (NodeId term : r.terms) belt.terms.push_back(keep(term, written(term), state.size));
      plan_.belts.push_back(std::move(belt));
    }
  }

 private:
  bool melts(NodeId id) const {
    const auto i = static_cast<std::size_t>(id);
    if (id >= first_ || rooted_[i]) return false;
    return (graph_[id].op == Op::kAdd || graph_[id].op == Op::kMatmul) && users_[i].size() == 1 &&
           graph_[users_[i][0]].op == Op::kAdd;
  }

  /// An addend has the gradient of its sum, a second name that of what it names.
  NodeId value_of(NodeId id) const {
    if (id >= first_) return kNoNode;
    for (;;) {
      const auto i = static_cast<std::size_t>(id);
      if (melts(id)) {
        id = users_[i][0];
      } else if (graph_[id].op == Op::kIdentity && users_[i].empty() && !rooted_[i]) {
        id = graph_[id].inputs[0];
      } else {
        return id;
      }
    }
  }

  NodeId joined(NodeId line) {
    std::vector<const Node*> slices;
    for (const Node& n : source_.nodes) {
      if (n.op == Op::kSlice && n.inputs[0] == line) slices.push_back(&n);
    }
    std::stable_sort(slices.begin(), slices.end(),
                     [](const Node* a, const Node* b) { return a->offset < b->offset; });
    Node all;
    all.op = Op::kConcat;
    for (const Node* n : slices) {
      if (n->offset != all.size || n->name.empty()) continue;
      const NodeId part = find(n->name);
      if (part == kNoNode) return kNoNode;
      all.inputs.push_back(apart(part));
      all.size += n->size;
    }
    return all.size == source_[line].size ? graph_.add(std::move(all)) : kNoNode;
  }

  /// A part of a line as the text has it, or nearly so.
  std::string written(NodeId id, int depth = 0) const {
    const Node& n = graph_[id];
    const auto of = [&](std::size_t k) {
      const Node& operand = graph_[n.inputs[k]];
      const bool simple = !operand.name.empty() || (operand.op != Op::kAdd && operand.op != Op::kSub);
      const std::string text = written(n.inputs[k], depth + 1);
      return simple ? text : "(" + text + ")";
    };
    const auto at = static_cast<std::size_t>(n.index);
    if (n.op == Op::kPrevious) return graph_.states[at].name + "[t-1]";
    if (n.op == Op::kInput) return graph_.inputs[at].name;
    if (n.op == Op::kParameter) return graph_.parameters[at].name;
    if (!n.name.empty()) return n.name;
    if (n.op == Op::kConstant) return n.values.size() == 1 ? fmt::format("{:g}", n.values[0]) : "constants";
    if (depth > 3 || n.op == Op::kConcat) return "…";
    switch (n.op) {
      case Op::kMatmul:
        return graph_.parameters[at].name + "·" + of(0);
      case Op::kAdd:
        return of(0) + " + " + of(1);
      case Op::kSub:
        return of(0) + " - " + of(1);
      case Op::kMul:
        return of(0) + " ⊙ " + of(1);
      case Op::kDiv:
        return of(0) + " / " + of(1);
      case Op::kNegate:
        return "-" + of(0);
      case Op::kIdentity:
      case Op::kBroadcast:
        return of(0);
      default: {
        std::vector<std::string> operands;
        for (NodeId input : n.inputs) operands.push_back(written(input, depth + 1));
        return fmt::format("{}({})", op_name(n.op), fmt::join(operands, ", "));
      }
    }
  }

  Plan& plan_;
  Graph& graph_;
  const Graph& source_;
  const NodeId first_;
  const std::vector<std::vector<NodeId>> users_;
  std::vector<bool> rooted_;
};

}  // namespace

NodeId add_observed(Plan& plan, const Graph& source, const Observation& wanted) {
  Finder finder(plan, source);
  const auto keep = [&](NodeId id, const std::string& name) { finder.keep(id, name, plan.graph[id].size); };
  for (const std::string& name : wanted.lines) {
    const NodeId id = finder.find(name);
    if (id == kNoNode) {
      const std::vector<std::string> lines = finder.lines();
      const bool unread = std::find(lines.begin(), lines.end(), name) != lines.end();
      throw SpecError(unread
                          ? fmt::format("the cell '{}' computes no value for its line '{}': nothing reads it",
                                        source.name, name)
                          : fmt::format("the cell '{}' has no line '{}'; its lines are {}", source.name, name,
                                        fmt::join(lines, ", ")));
    }
    keep(id, name);
  }
  if (wanted.all_lines) {
    for (const std::string& name : finder.lines()) {
      if (const NodeId id = finder.find(name); id != kNoNode) keep(id, name);
    }
  }
  if (wanted.states) {
    for (const State& s : std::vector<State>(plan.graph.states)) {
      if (!s.delay) keep(s.next, s.name);
    }
  }
  if (wanted.belts) finder.keep_belts();
  return finder.first();
}

}  // namespace cellwright
