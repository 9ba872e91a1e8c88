// belt.cpp: start at find_belts() at the end.
#include "graph/belt.h"

#include "graph/builder.h"
#include "graph/op_table.h"

namespace cellwright {
namespace {

/// value = coefficient ⊙ old + Σ terms; kNoNode stands for the coefficient 0.
struct Split {
  NodeId coefficient = kNoNode;
  std::vector<NodeId> terms;
};

class Splitter {
 public:
  Splitter(Graph& graph, int state, const std::function<NodeId(NodeId)>& read)
      : graph_(graph), builder_(graph), state_(state), read_(read) {
    find_linear();
  }

  bool found() const { return linear_[at(next())]; }

  /// Of the state's next value. Nodes in order in place of recursion: sums may be long.
  Split run() {
    const NodeId last = next();
    std::vector<char> needed(linear_.size(), 0);
    needed[at(last)] = 1;
    for (NodeId id = last; id >= 0; --id) {
      if (!needed[at(id)] || !linear_[at(id)]) continue;
      for (NodeId input : graph_[id].inputs) needed[at(input)] = 1;
    }
    splits_.resize(linear_.size());
    for (NodeId id = 0; id <= last; ++id) {
      if (needed[at(id)] && linear_[at(id)]) splits_[at(id)] = split(graph_[id]);
    }
    return std::move(splits_[at(last)]);
  }

 private:
  static std::size_t at(NodeId id) { return static_cast<std::size_t>(id); }
  NodeId next() const { return graph_.states[static_cast<std::size_t>(state_)].next; }

  /// Affine in the old value through these ops alone. A product of two such is not; nor is the condition of a
  /// select.
  void find_linear() {
    linear_.assign(graph_.nodes.size(), 0);
    for (std::size_t i = 0; i < linear_.size(); ++i) {
      const Node& n = graph_.nodes[i];
      const auto of = [&](std::size_t k) { return linear_[at(n.inputs[k])] != 0; };
      switch (n.op) {
        case Op::kPrevious:
          linear_[i] = n.index == state_;
          break;
        case Op::kIdentity:
        case Op::kNegate:
          linear_[i] = of(0);
          break;
        case Op::kAdd:
        case Op::kSub:
          linear_[i] = of(0) || of(1);
          break;
        case Op::kMul:
          linear_[i] = of(0) != of(1);
          break;
        case Op::kDiv:
          linear_[i] = of(0) && !of(1);
          break;
        case Op::kSelect:
          linear_[i] = !of(0) && (of(1) || of(2));
          break;
        default:
          break;
      }
    }
  }

  NodeId read(NodeId id) const { return read_ ? read_(id) : id; }
  NodeId zero_for(NodeId id) { return id == kNoNode ? builder_.constant(0) : id; }

  /// Of an operand that may not depend on the old value so: then it is one term, or the addends of an unnamed
  /// sum.
  Split operand(NodeId id) {
    if (linear_[at(id)]) return splits_[at(id)];
    Split s;
    std::vector<NodeId> open{id};
    while (!open.empty()) {
      const NodeId part = open.back();
      open.pop_back();
      const Node& n = graph_[part];
      const auto is_affine = [&](NodeId k) {
        return graph_[k].op == Op::kMatmul || graph_[k].op == Op::kParameter;
      };
      if (n.op == Op::kAdd && n.name.empty() && !is_affine(n.inputs[0]) && !is_affine(n.inputs[1])) {
        open.push_back(n.inputs[1]);
        open.push_back(n.inputs[0]);
      } else if (!builder_.is_constant(part, 0)) {
        s.terms.push_back(read(part));
      }
    }
    return s;
  }

  template <class F>
  Split each(Split s, const F& f) {
    if (s.coefficient != kNoNode) s.coefficient = f(s.coefficient);
    for (NodeId& t : s.terms) t = f(t);
    return s;
  }

  Split sum(Split a, Split b) {
    if (a.coefficient == kNoNode) {
      a.coefficient = b.coefficient;
    } else if (b.coefficient != kNoNode) {
      a.coefficient = builder_.pointwise(Op::kAdd, a.coefficient, b.coefficient);
    }
    a.terms.insert(a.terms.end(), b.terms.begin(), b.terms.end());
    return a;
  }

  Split split(Node n) {
    const auto negated = [&](NodeId id) { return builder_.pointwise(Op::kNegate, id); };
    switch (n.op) {
      case Op::kPrevious:
        return {builder_.constant(1), {}};
      case Op::kIdentity:
        return operand(n.inputs[0]);
      case Op::kNegate:
        return each(operand(n.inputs[0]), negated);
      case Op::kAdd:
        return sum(operand(n.inputs[0]), operand(n.inputs[1]));
      case Op::kSub:
        return sum(operand(n.inputs[0]), each(operand(n.inputs[1]), negated));
      case Op::kMul: {
        const bool first = linear_[at(n.inputs[0])] != 0;
        const NodeId factor = n.inputs[first ? 1 : 0];
        return each(operand(n.inputs[first ? 0 : 1]),
                    [&](NodeId id) { return builder_.pointwise(Op::kMul, factor, id); });
      }
      case Op::kDiv:
        return each(operand(n.inputs[0]),
                    [&](NodeId id) { return builder_.pointwise(Op::kDiv, id, n.inputs[1]); });
      default: {  // kSelect
        const NodeId zero = builder_.constant(0);
        const auto chosen = [&](std::size_t k) {
          return each(operand(n.inputs[k]), [&](NodeId id) {
            return k == 1 ? builder_.select(n.inputs[0], id, zero) : builder_.select(n.inputs[0], zero, id);
          });
        };
        return sum(chosen(1), chosen(2));
      }
    }
  }

  Graph& graph_;
  GraphBuilder builder_;
  const int state_;
  const std::function<NodeId(NodeId)>& read_;
  std::vector<char> linear_;  ///< of the nodes there were at first; what is appended is not asked about
  std::vector<Split> splits_;
};

}  // namespace

std::vector<BeltForm> find_belts(Graph& graph, const std::function<NodeId(NodeId)>& read) {
  std::vector<BeltForm> found;
  for (std::size_t s = 0; s < graph.states.size(); ++s) {
    if (graph.states[s].delay) continue;
    Splitter splitter(graph, static_cast<int>(s), read);
    if (!splitter.found()) continue;
    Split split = splitter.run();
    const Node* c = split.coefficient == kNoNode ? nullptr : &graph[split.coefficient];
    if (c == nullptr || (c->op == Op::kConstant && c->values == std::vector<double>{0.0})) continue;
    found.push_back({static_cast<int>(s), split.coefficient, std::move(split.terms)});
  }
  return found;
}

}  // namespace cellwright
