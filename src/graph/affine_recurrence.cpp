// affine_recurrence.cpp: first how each node depends on each state, then the rewriting. Start at
// write_affine_recurrences() at the end.
#include "graph/affine_recurrence.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "graph/builder.h"
#include "graph/op_table.h"
#include "graph/rewrite.h"

namespace cellwright {
namespace {

/// How a node depends on a state's old value, within the step.
enum class Holds : std::uint8_t {
  kNothing,
  kAffine,  ///< c ⊙ it + d, unit by unit
  kOther,
};

std::size_t at(int i) { return static_cast<std::size_t>(i); }

/// One direction of time; nodes before `first` are given.
struct Steps {
  const Graph& graph;
  NodeId first;
  Op leaf;
  std::vector<NodeId> next;  ///< per state

  NodeId last() const { return static_cast<NodeId>(graph.nodes.size()); }
  bool makes(int state) const { return next[at(state)] != kNoNode && next[at(state)] >= first; }
};

Holds combined(const Node& node, const std::vector<Holds>& of) {
  const auto input = [&](std::size_t i) { return of[at(node.inputs[i])]; };
  bool any = false;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (input(i) == Holds::kOther) return Holds::kOther;
    any = any || input(i) != Holds::kNothing;
  }
  if (!any) return Holds::kNothing;
  const auto affine_if = [](bool yes) { return yes ? Holds::kAffine : Holds::kOther; };
  switch (node.op) {
    case Op::kIdentity:
    case Op::kNegate:
    case Op::kAdd:
    case Op::kSub:
      return Holds::kAffine;
    case Op::kMul:
      return affine_if(input(0) == Holds::kNothing || input(1) == Holds::kNothing);
    case Op::kDiv:
      return affine_if(input(1) == Holds::kNothing);
    case Op::kSelect:
      return affine_if(input(0) == Holds::kNothing);
    default:
      return Holds::kOther;
  }
}

/// Per node of the graph.
std::vector<Holds> holds(const Steps& d, int state) {
  std::vector<Holds> of(d.graph.nodes.size(), Holds::kNothing);
  for (NodeId id = d.first; id < d.last(); ++id) {
    const Node& node = d.graph[id];
    of[at(id)] = node.op == d.leaf && node.index == state ? Holds::kAffine : combined(node, of);
  }
  return of;
}

struct Dependence {
  std::vector<std::vector<Holds>> of;      ///< per state, per node
  std::vector<std::vector<bool>> reaches;  ///< [s][k]: s depends on k, through any number of steps

  bool cyclic(std::size_t s) const { return reaches[s][s]; }

  /// A state that depends on `s` and on which s depends, or -1.
  int partner(std::size_t s) const {
    for (std::size_t k = 0; k < reaches.size(); ++k) {
      if (k != s && reaches[s][k] && reaches[k][s]) return static_cast<int>(k);
    }
    return -1;
  }
};

Dependence find_dependence(const Steps& d) {
  Dependence found;
  const std::size_t count = d.next.size();
  for (std::size_t s = 0; s < count; ++s) found.of.push_back(holds(d, static_cast<int>(s)));
  found.reaches.assign(count, std::vector<bool>(count, false));
  for (std::size_t s = 0; s < count; ++s) {
    if (!d.makes(static_cast<int>(s))) continue;
    for (std::size_t k = 0; k < count; ++k)
      found.reaches[s][k] = found.of[k][at(d.next[s])] != Holds::kNothing;
  }
  for (std::size_t via = 0; via < count; ++via) {
    for (std::size_t s = 0; s < count; ++s) {
      for (std::size_t k = 0; found.reaches[s][via] && k < count; ++k)
        found.reaches[s][k] = found.reaches[s][k] || found.reaches[via][k];
    }
  }
  return found;
}

bool qualifies(const Steps& d, const Dependence& dependence, std::size_t s) {
  return dependence.cyclic(s) && dependence.partner(s) < 0 &&
         dependence.of[s][at(d.next[s])] == Holds::kAffine;
}

/// coefficient ⊙ old value + rest; kNoNode: 0.
struct Form {
  NodeId coefficient = kNoNode, rest = kNoNode;
};

/// Copies the nodes from `first` on, and beside each that a qualifying state's next value is made of keeps
/// its form.
class Rewriting {
 public:
  Rewriting(Graph& graph, const Steps& steps, const std::vector<bool>& chosen, const Dependence& dependence)
      : old_(graph.nodes),
        first_(steps.first),
        leaf_(steps.leaf),
        next_(steps.next),
        chosen_(chosen),
        dependence_(dependence),
        graph_(graph),
        builder_(cut(graph, steps.first)) {
    for (std::size_t i = 0; i < old_.size(); ++i)
      renamed_.push_back(static_cast<NodeId>(i) < first_ ? static_cast<NodeId>(i) : kNoNode);
    find_needed();
  }

  std::vector<AffineRecurrence> run() {
    for (NodeId id = first_; id < static_cast<NodeId>(old_.size()); ++id) {
      const Node& node = old_[at(id)];
      builder_.at(node.where);
      int made = -1;
      for (std::size_t s = 0; s < chosen_.size(); ++s) {
        if (!needed_[s].empty() && needed_[s][at(id)]) forms_[s][at(id)] = form(s, id);
        if (chosen_[s] && next_[s] == id) made = static_cast<int>(s);
      }
      renamed_[at(id)] = made < 0 ? copy(node) : write(at(made), node, forms_[at(made)][at(id)]);
    }
    return std::move(found_);
  }

  NodeId renamed(NodeId id) const { return renamed_[at(id)]; }

 private:
  static Graph& cut(Graph& graph, NodeId first) {
    graph.nodes.resize(at(first));
    return graph;
  }

  /// Per chosen state: the nodes between its old and its next value.
  void find_needed() {
    needed_.resize(chosen_.size());
    forms_.resize(chosen_.size());
    for (std::size_t s = 0; s < chosen_.size(); ++s) {
      if (!chosen_[s]) continue;
      needed_[s].assign(old_.size(), false);
      forms_[s].resize(old_.size());
      needed_[s][at(next_[s])] = true;
      for (NodeId id = next_[s]; id >= first_; --id) {
        if (!needed_[s][at(id)]) continue;
        for (NodeId input : old_[at(id)].inputs) {
          if (dependence_.of[s][at(input)] != Holds::kNothing) needed_[s][at(input)] = true;
        }
      }
    }
  }

  NodeId copy(const Node& node) {
    Node fresh = node;
    for (NodeId& input : fresh.inputs) input = renamed_[at(input)];
    return graph_.add(std::move(fresh));
  }

  Form form(std::size_t s, NodeId id) {
    const Node& node = old_[at(id)];
    if (node.op == leaf_) return {builder_.constant(1), kNoNode};
    const auto part = [&](std::size_t i) {
      const NodeId input = node.inputs[i];
      return dependence_.of[s][at(input)] != Holds::kNothing ? forms_[s][at(input)]
                                                             : Form{kNoNode, renamed_[at(input)]};
    };
    const auto each = [&](const Form& x, auto f) { return Form{f(x.coefficient), f(x.rest)}; };
    const auto one = [&](Op op, NodeId x) { return x == kNoNode ? x : builder_.pointwise(op, x); };
    const auto times = [&](Op op, NodeId x, NodeId y) {
      return x == kNoNode ? x : builder_.pointwise(op, x, y);
    };
    const auto sum = [&](NodeId x, NodeId y) {
      return x == kNoNode ? y : y == kNoNode ? x : builder_.pointwise(Op::kAdd, x, y);
    };
    const auto difference = [&](NodeId x, NodeId y) {
      return y == kNoNode ? x : x == kNoNode ? one(Op::kNegate, y) : builder_.pointwise(Op::kSub, x, y);
    };
    const auto chosen = [&](NodeId condition, NodeId x, NodeId y) {
      if (x == kNoNode && y == kNoNode) return x;
      return builder_.select(condition, x == kNoNode ? builder_.constant(0) : x,
                             y == kNoNode ? builder_.constant(0) : y);
    };
    switch (node.op) {
      case Op::kNegate:
        return each(part(0), [&](NodeId x) { return one(Op::kNegate, x); });
      case Op::kAdd:
        return {sum(part(0).coefficient, part(1).coefficient), sum(part(0).rest, part(1).rest)};
      case Op::kSub:
        return {difference(part(0).coefficient, part(1).coefficient), difference(part(0).rest, part(1).rest)};
      case Op::kMul: {
        const std::size_t free = dependence_.of[s][at(node.inputs[0])] == Holds::kNothing ? 0 : 1;
        return each(part(1 - free), [&](NodeId x) { return times(Op::kMul, x, part(free).rest); });
      }
      case Op::kDiv:
        return each(part(0), [&](NodeId x) { return times(Op::kDiv, x, part(1).rest); });
      case Op::kSelect: {
        const NodeId condition = part(0).rest;
        return {chosen(condition, part(1).coefficient, part(2).coefficient),
                chosen(condition, part(1).rest, part(2).rest)};
      }
      default:
        return part(0);  // kIdentity
    }
  }

  /// The next value of state `s`, as nodes of its own: no builder, which might share or simplify them.
  NodeId write(std::size_t s, const Node& old, const Form& form) {
    AffineRecurrence r;
    r.state = static_cast<int>(s);
    r.a = form.coefficient == kNoNode ? builder_.constant(0) : form.coefficient;
    r.b = form.rest == kNoNode ? builder_.constant(0) : form.rest;
    Node carried;
    carried.op = Op::kMul;
    carried.size = old.size;
    carried.where = old.where;
    carried.inputs = {r.a, leaf_of(s)};
    r.carried = graph_.add(std::move(carried));
    Node next = old;
    next.op = Op::kAdd;
    next.inputs = {r.carried, r.b};
    next.values.clear();
    r.next = graph_.add(std::move(next));
    found_.push_back(r);
    return r.next;
  }

  NodeId leaf_of(std::size_t s) const {
    for (std::size_t i = at(first_);; ++i) {
      if (old_[i].op == leaf_ && old_[i].index == static_cast<int>(s)) return renamed_[i];
    }
  }

  const std::vector<Node> old_;
  const NodeId first_;
  const Op leaf_;
  const std::vector<NodeId> next_;
  const std::vector<bool>& chosen_;
  const Dependence& dependence_;
  Graph& graph_;
  GraphBuilder builder_;
  std::vector<NodeId> renamed_;
  std::vector<std::vector<bool>> needed_;  ///< per state, per node
  std::vector<std::vector<Form>> forms_;
  std::vector<AffineRecurrence> found_;
};

/// What makes `id` other than affine in the state: the first op on the way that does.
std::string culprit(const Graph& graph, const std::vector<Holds>& of, NodeId id, const std::string& name) {
  for (bool deeper = true; deeper;) {
    deeper = false;
    for (NodeId input : graph[id].inputs) {
      if (of[at(input)] != Holds::kOther) continue;
      id = input;
      deeper = true;
      break;
    }
  }
  const Node& node = graph[id];
  const std::string where = node.where.line > 0 ? fmt::format(" (line {})", node.where.line) : "";
  switch (node.op) {
    case Op::kMatmul:
      return fmt::format("a matrix mixes the units of '{}'{}", name, where);
    case Op::kMul:
      return fmt::format("'{}' is multiplied with itself{}", name, where);
    case Op::kDiv:
      return fmt::format("'{}' is divided by{}", name, where);
    default:
      return fmt::format("'{}' goes through {}{}", name, op_name(node.op), where);
  }
}

}  // namespace

std::vector<AffineRecurrence> write_affine_recurrences(Graph& graph, NodeId first, Op leaf,
                                                       const std::vector<NodeId*>& next,
                                                       const std::vector<NodeId*>& roots) {
  std::vector<NodeId> ids;
  for (const NodeId* id : next) ids.push_back(*id);
  const Steps steps{graph, first, leaf, ids};
  const Dependence dependence = find_dependence(steps);
  std::vector<bool> chosen(ids.size(), false);
  for (std::size_t s = 0; s < ids.size(); ++s) chosen[s] = qualifies(steps, dependence, s);
  if (std::find(chosen.begin(), chosen.end(), true) == chosen.end()) return {};

  Rewriting rewriting(graph, steps, chosen, dependence);
  std::vector<AffineRecurrence> found = rewriting.run();
  std::vector<NodeId*> kept = roots;
  for (NodeId* root : roots) {
    if (*root != kNoNode) *root = rewriting.renamed(*root);
  }
  for (AffineRecurrence& r : found) kept.insert(kept.end(), {&r.next, &r.carried, &r.a, &r.b});
  drop_dead(graph, first, kept);
  return found;
}

std::string why_not_affine(const Graph& graph) {
  Steps steps{graph, 0, Op::kPrevious, {}};
  for (const State& s : graph.states) steps.next.push_back(s.next);
  const Dependence dependence = find_dependence(steps);
  std::string why;
  for (std::size_t s = 0; s < graph.states.size(); ++s) {
    if (!dependence.cyclic(s)) continue;
    if (qualifies(steps, dependence, s)) return "";
    if (!why.empty()) continue;
    const std::string& name = graph.states[s].name;
    if (dependence.of[s][at(steps.next[s])] == Holds::kOther) {
      why = culprit(graph, dependence.of[s], steps.next[s], name);
    } else {
      why = fmt::format("'{}' and '{}' depend on each other", name,
                        graph.states[at(dependence.partner(s))].name);
    }
  }
  return why.empty() ? "it has no state that depends on its own past" : why;
}

}  // namespace cellwright
