// regularise.cpp: start at Regulariser::run(). The nodes of the cell are copied in order; on the way some
// reads are led over a mask. What comes behind the step (zoneout, output masks, penalties) is appended.
//
// A mask is a leaf; its name says what for, and keys its random numbers: "drop.input.0", "drop.output.0",
// "drop.recurrent.h", "zone.C". Names of lines hold no dot, so none can collide.
#include "graph/regularise.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "cellwright/error.h"
#include "graph/builder.h"
#include "graph/op_table.h"
#include "graph/recurrence.h"
#include "graph/rewrite.h"

namespace cellwright {
namespace {

/// A start as far out as this stands for -∞ ("nothing yet", an exponent's running maximum).
constexpr double kFarStart = 1e15;

std::size_t at(int i) { return static_cast<std::size_t>(i); }

class Regulariser {
 public:
  Regulariser(const Graph& graph, const Regularisation& r, bool training)
      : in_(graph), r_(r), training_(training), out_(without_nodes(graph)), builder_(out_) {
    previous_.assign(graph.states.size(), kNoNode);
    thinned_.assign(graph.states.size(), kNoNode);
  }

  Graph run() {
    check_rates();
    if (r_.recurrent_dropout > 0) recurrence_ = find_recurrence(in_);
    check_sites();
    const std::vector<double> zone_rates = rates_of_states();
    const int temporal = r_.temporal_penalty > 0 ? state_of_first_output() : -1;

    for (std::size_t i = 0; i < in_.nodes.size(); ++i) copy(static_cast<NodeId>(i));
    std::vector<NodeId> lines;  // per state: its line's value, as [t-1] and the outputs read it
    for (std::size_t s = 0; s < in_.states.size(); ++s) {
      const NodeId next = new_ids_[at(in_.states[s].next)];
      lines.push_back(zone_rates[s] > 0 ? zoned(s, next, zone_rates[s]) : next);
      out_.states[s].next = lines[s];
    }
    for (Port& port : out_.outputs) port.node = going_up(port.node, lines, zone_rates);
    const std::vector<Port> undropped = out_.outputs;
    drop_outputs();
    if (training_) {
      add_penalty("activation_penalty", r_.activation_penalty, out_.outputs[0].node);
      if (temporal >= 0) {
        builder_.at(out_[undropped[0].node].where);
        add_penalty("temporal_penalty", r_.temporal_penalty,
                    builder_.pointwise(Op::kSub, undropped[0].node, previous(at(temporal))));
      }
    }
    drop_dead(out_, 0, roots_of(out_));
    return std::move(out_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw SpecError(fmt::format("cell '{}': {}", in_.name, what));
  }

  void check_rate(const std::string& option, double rate) const {
    if (!(rate >= 0 && rate < 1)) fail(fmt::format("{} must be a chance in [0, 1), found {}", option, rate));
  }

  void check_rates() const {
    check_rate("input dropout", r_.input_dropout);
    check_rate("output dropout", r_.output_dropout);
    check_rate("recurrent dropout", r_.recurrent_dropout);
    for (const auto& [name, rate] : r_.zoneout)
      check_rate(name.empty() ? "zoneout" : fmt::format("zoneout of '{}'", name), rate);
    for (const auto& [option, weight] : {std::pair{"activation penalty", r_.activation_penalty},
                                         {"temporal penalty", r_.temporal_penalty}}) {
      if (!(weight >= 0) || std::isinf(weight))
        fail(fmt::format("the {} must be a weight of 0 or more, found {}", option, weight));
    }
  }

  void check_sites() const {
    bool any_input = false, any_recurrent = false;
    for (const Port& port : in_.inputs) any_input = any_input || port.node != kNoNode;
    if (r_.input_dropout > 0 && !any_input) fail("input dropout needs an input, and the cell has none");
    if (r_.recurrent_dropout == 0) return;
    for (std::size_t i = 0; i < in_.nodes.size(); ++i) {
      for (NodeId input : in_.nodes[i].inputs)
        any_recurrent = any_recurrent || recurrence_.state_of_edge(in_, static_cast<NodeId>(i), input) >= 0;
    }
    if (!any_recurrent) {
      fail(
          "recurrent dropout has no place: no product reads what a state held a step ago; leave it out, or "
          "use zoneout");
    }
  }

  bool zones_apply(const State& state) const { return state.zone >= 0; }

  std::vector<double> rates_of_states() const {
    const std::size_t states = in_.states.size();
    std::vector<double> rates(states, 0);
    if (r_.zoneout.empty()) return rates;
    std::vector<std::string> names;
    for (const State& s : in_.states) {
      if (zones_apply(s)) names.push_back(s.name);
    }
    if (names.empty()) fail("zoneout has no place: the cell has no state");
    std::map<int, std::pair<double, std::string>> by_zone;
    for (const auto& [name, rate] : r_.zoneout) {
      if (name.empty()) continue;
      const State* state = nullptr;
      for (const State& s : in_.states) {
        if (zones_apply(s) && s.name == name) state = &s;
      }
      if (state == nullptr)
        fail(fmt::format("zoneout names '{}', which is none of its states; they are {}", name,
                         fmt::join(names, ", ")));
      const auto [known, fresh] = by_zone.emplace(state->zone, std::pair{rate, name});
      if (!fresh && known->second.first != rate) {
        fail(fmt::format("zoneout gives '{}' {} and '{}' {}, but they share one mask; give one of them",
                         known->second.second, known->second.first, name, rate));
      }
    }
    const auto all = r_.zoneout.find("");
    for (std::size_t s = 0; s < states; ++s) {
      if (!zones_apply(in_.states[s])) continue;
      const auto own = by_zone.find(in_.states[s].zone);
      rates[s] = own != by_zone.end() ? own->second.first : all != r_.zoneout.end() ? all->second : 0;
    }
    return rates;
  }

  int state_of_first_output() const {
    const Port& port = in_.outputs[0];
    for (std::size_t s = 0; s < in_.states.size(); ++s) {
      if (in_.states[s].next == port.node && !is_leaf(in_[port.node].op) && !in_.states[s].delay)
        return static_cast<int>(s);
    }
    fail(fmt::format(
        "the temporal penalty compares the first output with its value a step ago, and '{0}' is no state: no "
        "line reads {0}[t-1]; leave it out",
        port.name));
  }

  NodeId mask(const std::string& name, double keep, double kept, bool whole_sequence, const Node& of) {
    Node node;
    node.op = Op::kDropMask;
    node.name = name;
    node.size = of.size;
    node.scalar = of.scalar;
    node.index = whole_sequence ? 1 : 0;
    node.values = {keep, kept};
    return builder_.add(std::move(node));
  }

  NodeId dropped(NodeId value, const std::string& name, double rate, bool whole_sequence) {
    builder_.at(out_[value].where);
    const NodeId drop = mask(name, 1 - rate, 1 / (1 - rate), whole_sequence, out_[value]);
    return builder_.pointwise(Op::kMul, value, drop);
  }

  void copy(NodeId old) {
    Node node = in_[old];
    for (NodeId& input : node.inputs) {
      const int line =
          training_ && r_.recurrent_dropout > 0 ? recurrence_.state_of_edge(in_, old, input) : -1;
      input = line >= 0 ? thinned(input, line) : new_ids_[at(input)];
    }
    const Op op = node.op;
    const int index = node.index;
    NodeId id = out_.add(std::move(node));
    if (op == Op::kPrevious && previous_[at(index)] == kNoNode) previous_[at(index)] = id;
    if (op == Op::kInput) {
      if (in_.inputs[at(index)].node == old) out_.inputs[at(index)].node = id;
      if (training_ && r_.input_dropout > 0)
        id = dropped(id, fmt::format("drop.input.{}", index), r_.input_dropout, r_.variational);
    }
    new_ids_.push_back(id);
  }

  /// A state's old value on its way to products. A delay's values are the line's at other steps, so they meet
  /// the line's mask.
  NodeId thinned(NodeId old, int line) {
    NodeId& made = thinned_[at(in_[old].index)];
    if (made == kNoNode) {
      made = dropped(new_ids_[at(old)], "drop.recurrent." + in_.states[at(line)].name, r_.recurrent_dropout,
                     true);
    }
    return made;
  }

  NodeId previous(std::size_t s) {
    if (previous_[s] == kNoNode) {
      Node node;
      node.op = Op::kPrevious;
      node.index = static_cast<int>(s);
      node.size = in_.states[s].size;
      previous_[s] = builder_.add(std::move(node));
    }
    return previous_[s];
  }

  NodeId zoned(std::size_t s, NodeId fresh, double rate) {
    const State& state = in_.states[s];
    builder_.at(out_[fresh].where);
    const NodeId old = previous(s);
    if (training_) return builder_.select(zone_mask(s, rate), old, fresh);
    const NodeId mean =
        builder_.pointwise(Op::kAdd, builder_.pointwise(Op::kMul, builder_.constant(rate), old),
                           builder_.pointwise(Op::kMul, builder_.constant(1 - rate), fresh));
    bool far = false;
    for (double v : state.start) far = far || std::fabs(v) > kFarStart;
    if (!far) return mean;
    // There is no half-way to a value that is not there yet.
    const NodeId beyond = builder_.pointwise(
        Op::kStep,
        builder_.pointwise(Op::kSub, builder_.pointwise(Op::kAbs, old), builder_.constant(kFarStart)));
    return builder_.select(beyond, fresh, mean);
  }

  /// The first state of a zone gives the mask its name.
  NodeId zone_mask(std::size_t s, double rate) {
    const State& state = in_.states[s];
    const auto [made, fresh] = zone_masks_.emplace(std::pair{state.zone, state.size}, kNoNode);
    if (fresh) {
      std::string name = state.name;
      for (std::size_t other = s; other-- > 0;) {
        if (in_.states[other].zone == state.zone) name = in_.states[other].name;
      }
      made->second = mask("zone." + name, rate, 1, false, out_[previous(s)]);
    }
    return made->second;
  }

  /// An output that is a state's line goes up as it is carried; all other uses in the step see it as
  /// computed.
  NodeId going_up(NodeId old, const std::vector<NodeId>& lines, const std::vector<double>& zone_rates) const {
    for (std::size_t s = 0; s < lines.size(); ++s) {
      if (zone_rates[s] > 0 && in_.states[s].next == old) return lines[s];
    }
    return new_ids_[at(old)];
  }

  void drop_outputs() {
    if (!training_ || r_.output_dropout == 0) return;
    for (std::size_t p = 0; p < out_.outputs.size(); ++p) {
      NodeId& node = out_.outputs[p].node;
      node = dropped(node, fmt::format("drop.output.{}", p), r_.output_dropout, r_.variational);
    }
  }

  void add_penalty(const char* name, double weight, NodeId of) {
    if (weight == 0) return;
    builder_.at(out_[of].where);
    const NodeId squares = builder_.sum(builder_.pointwise(Op::kSquare, of));
    const NodeId loss = builder_.pointwise(Op::kMul, squares, builder_.constant(weight / out_[of].size));
    out_.losses.push_back({name, loss});
  }

  const Graph& in_;
  const Regularisation& r_;
  const bool training_;
  Recurrence recurrence_;
  Graph out_;
  GraphBuilder builder_;
  std::vector<NodeId> new_ids_;   ///< per old node: what its readers read now
  std::vector<NodeId> previous_;  ///< per state: its kPrevious
  std::vector<NodeId> thinned_;   ///< per state: its old value behind the mask of recurrent dropout
  std::map<std::pair<int, int>, NodeId> zone_masks_;  ///< per zone and size
};

}  // namespace

Graph regularise(const Graph& graph, const Regularisation& regularisation, bool training) {
  if (!regularisation.any()) return graph;
  return Regulariser(graph, regularisation, training).run();
}

}  // namespace cellwright
