// Start at Builder::run: needed values from the results down, then parts from the inputs up.
#include "draw/scheme.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cellwright/error.h"
#include "draw/symbols.h"
#include "draw/values.h"
#include "graph/op_table.h"

namespace cellwright::draw {
namespace {

class Builder : private Values {
 public:
  explicit Builder(const Graph& graph) : Values(graph) {}
  Scheme run();

 private:
  int add(Part part) {
    if (scheme_.size() >= kMostParts)
      throw SpecError(fmt::format("cell '{}' has more than {} parts; no picture of it could be read", g_.name,
                                  kMostParts));
    scheme_.parts.push_back(std::move(part));
    return scheme_.size() - 1;
  }
  int value(NodeId id);
  int make(NodeId id);
  Part start(NodeId id, PartKind kind) const;
  void add_members(NodeId operand, Part& layer);
  Part layer(const Sum& sum, NodeId id);
  MathText fixed_text(NodeId id) const;
  int leaf(NodeId id);
  int unary(NodeId id);
  int binary(NodeId id);
  int add_rest(Part affine, const Sum& sum, NodeId id);
  void add_ends();
  void name_parts();
  void write_equations();

  Scheme scheme_;
  std::vector<int> part_;
};

MathText Builder::fixed_text(NodeId id) const {
  const Node& n = node(id);
  if (n.op == Op::kParameter) return math_name(g_.parameters[static_cast<std::size_t>(n.index)].name);
  if (n.op == Op::kConstant && n.values.size() == 1) return upright(short_number(n.values[0]));
  return upright(equation(g_, id));
}

Part Builder::start(NodeId id, PartKind kind) const {
  Part part;
  part.kind = kind;
  part.op = node(id).op;
  const auto& all = names(id);
  if (!all.empty()) {
    part.name = all[0];
    part.other_names.assign(all.begin() + 1, all.end());
    part.caption = math_name(part.name);
  }
  part.title = (part.name.empty() ? "" : part.name + " = ") + equation(g_, id);
  return part;
}

int Builder::value(NodeId id) {
  int& part = part_[static_cast<std::size_t>(rep(id))];
  if (part < 0) {
    const int made = make(rep(id));
    part_[static_cast<std::size_t>(rep(id))] = made;
    return made;
  }
  return part;
}

void Builder::add_members(NodeId operand, Part& part) {
  operand = rep(operand);
  const Node& n = node(operand);
  if (n.op == Op::kConcat && !named(operand)) {
    for (const NodeId input : n.inputs) add_members(input, part);
    return;
  }
  const int from = value(operand);
  for (const Feed& f : part.feeds) {
    if (f.from == from && !f.side) return;
  }
  part.feeds.push_back({from, {}, false});
}

Part Builder::layer(const Sum& sum, NodeId id) {
  Part part = start(id, PartKind::kLayer);
  part.no_bias = sum.biases.empty();
  for (const NodeId product : sum.products) {
    const Node& n = node(product);
    const MathText matrix = math_name(g_.parameters[static_cast<std::size_t>(n.index)].name);
    part.label = part.label.empty() ? matrix : part.label + upright(", ") + matrix;
    add_members(n.inputs[0], part);
  }
  for (const auto& [factor, of] : sum.peepholes) {
    part.feeds.push_back({value(of), fixed_text(factor) + upright(" ×"), true});
  }
  return part;
}

int Builder::leaf(NodeId id) {
  const Node& n = node(id);
  Part part = start(id, PartKind::kConstant);
  if (n.op == Op::kInput) {
    part.kind = PartKind::kInput;
    part.name = g_.inputs[static_cast<std::size_t>(n.index)].name;
    part.label = math_name(part.name, "t");
    part.title = "input " + part.name;
  } else if (n.op == Op::kPrevious) {
    const std::string text = called(g_, id);
    const std::size_t at = text.find("[t-");
    part.kind = PartKind::kPrevious;
    part.name = text;
    part.label = math_name(text.substr(0, at), "t−" + text.substr(at + 3, text.size() - at - 4));
    part.title = text;
  } else {
    part.label = fixed_text(id);
  }
  part.index = n.index;
  part.caption.clear();
  return add(part);
}

/// One operand, beside which a number or a parameter may stand: tanh, 1−, p×.
int Builder::unary(NodeId id) {
  const Node& n = node(id);
  const OpSymbol& symbol = op_symbol(n.op);
  Part part = start(id, symbol.look == Look::kVector ? PartKind::kVector : PartKind::kOp);
  part.label = upright(std::string(symbol.sign));
  if (n.op == Op::kSlice) {
    const int whole = node(n.inputs[0]).size;
    part.label = whole % n.size == 0 && n.offset % n.size == 0
                     ? upright(fmt::format("part {} of {}", n.offset / n.size + 1, whole / n.size))
                     : upright(fmt::format("units {}…{}", n.offset + 1, n.offset + n.size));
  }
  part.feeds.push_back({value(n.inputs[0]), {}, false});
  return add(part);
}

int Builder::binary(NodeId id) {
  const Node& n = node(id);
  const NodeId a = rep(n.inputs[0]), b = rep(n.inputs[1]);
  const std::string sign(op_symbol(n.op).sign);
  Part part = start(id, op_symbol(n.op).look == Look::kVector ? PartKind::kVector : PartKind::kOp);
  part.label = upright(sign);
  if (fixed(a) || fixed(b)) {
    const bool first = fixed(a);
    const bool factor = n.op == Op::kMul;
    const MathText other = fixed_text(first ? a : b);
    const bool word = n.op == Op::kMax || n.op == Op::kMin || n.op == Op::kDot;
    part.label = (first || factor) && !word && n.op != Op::kAdd ? other + upright(sign)
                                                                : upright(word ? sign + " " : sign) + other;
    part.feeds.push_back({value(first ? b : a), {}, false});
    return add(part);
  }
  part.feeds.push_back({value(a), {}, false});
  Feed second{value(b), {}, false};
  if (n.op == Op::kSub || n.op == Op::kDiv) second.tag = upright(sign);
  part.feeds.push_back(second);
  return add(part);
}

/// What a sum adds to its products and is no bias: each by a circle of its own.
int Builder::add_rest(Part affine, const Sum& sum, NodeId id) {
  const Part whole = start(id, PartKind::kOp);
  affine.name.clear();
  affine.other_names.clear();
  affine.caption.clear();
  affine.title = "products within " + whole.title;
  int last = add(affine);
  for (std::size_t i = 0; i < sum.rest.size(); ++i) {
    const auto& [of, minus] = sum.rest[i];
    Part part = i + 1 == sum.rest.size() ? whole : Part{};
    part.kind = PartKind::kOp;
    part.op = minus ? Op::kSub : Op::kAdd;
    part.title = whole.title;
    part.label = upright(minus ? "−" : "+");
    part.feeds.push_back({last, {}, false});
    if (fixed(of)) {
      part.label = part.label + fixed_text(of);
    } else {
      part.feeds.push_back({value(of), minus ? upright("−") : MathText{}, false});
    }
    last = add(part);
  }
  return last;
}

int Builder::make(NodeId id) {
  const Node& n = node(id);
  if (fixed(id) || n.inputs.empty()) {
    if (n.op != Op::kNormal && n.op != Op::kClock && n.op != Op::kDropMask && n.op != Op::kStepMask)
      return leaf(id);
    Part part = start(id, PartKind::kVector);
    part.label = upright(std::string(op_symbol(n.op).sign));
    return add(part);
  }
  if (n.op == Op::kConcat) {
    Part part = start(id, PartKind::kJoin);
    for (const NodeId input : n.inputs) part.feeds.push_back({value(input), {}, false});
    while (part.feeds.size() > 2) {  // lines meet by twos
      Part two = part;
      two.name.clear();
      two.other_names.clear();
      two.caption.clear();
      two.feeds.resize(2);
      part.feeds.erase(part.feeds.begin());
      part.feeds[0] = {add(two), {}, false};
    }
    return add(part);
  }
  Sum sum;
  if (n.op == Op::kMatmul || n.op == Op::kAdd || n.op == Op::kSub || n.op == Op::kSlice) {
    if (pure_affine(id, sum)) return add(layer(sum, id));
    if (n.op != Op::kSlice && !sum.products.empty()) return add_rest(layer(sum, id), sum, id);
  }
  const bool function = is_pointwise(n.op) && n.inputs.size() == 1 && n.op != Op::kNegate;
  if (function) {
    // The activation of a yellow box. A line that ends before it is told in the caption: σ(f).
    const NodeId of = rep(n.inputs[0]);
    if (inner(of) && !(named(of) && named(id)) && pure_affine(of, sum)) {
      Part part = layer(sum, id);
      part.label = upright(std::string(op_symbol(n.op).sign));
      if (named(of)) {
        const auto& all = names(of);
        part.name = all[0];
        part.other_names.assign(all.begin() + 1, all.end());
        part.caption = part.label + upright("(") + math_name(part.name) + upright(")");
        part.title = part.name + " = " + equation(g_, of) + ", then " + std::string(op_symbol(n.op).sign);
      }
      return add(part);
    }
  }
  if (n.op == Op::kSelect) {
    const bool clock = node(rep(n.inputs[0])).op == Op::kClock;
    Part part = start(id, PartKind::kVector);
    part.label = upright(clock ? "every " + called(g_, n.inputs[0]) : "select");
    if (clock) {
      std::string periods;
      for (const double p : node(rep(n.inputs[0])).values)
        periods += (periods.empty() ? "" : ", ") + fmt::format("{}", p);
      part.label = upright("every " + periods);
      part.title = (part.name.empty() ? "" : part.name + " = ") + "every(" + periods + "; " +
                   called(g_, n.inputs[1]) + ", else " + called(g_, n.inputs[2]) + ")";
    } else {
      part.feeds.push_back({value(n.inputs[0]), upright("if"), false});
    }
    part.feeds.push_back({value(n.inputs[1]), upright(clock ? "due" : "then"), false});
    part.feeds.push_back({value(n.inputs[2]), upright("else"), false});
    return add(part);
  }
  return n.inputs.size() == 1 ? unary(id) : binary(id);
}

void Builder::add_ends() {
  for (std::size_t s = 0; s < g_.states.size(); ++s) {
    const State& state = g_.states[s];
    const std::size_t at = state.name.find("[t-");
    const int k = at == std::string::npos ? 1 : std::stoi(state.name.substr(at + 3));
    Part part;
    part.kind = PartKind::kNext;
    part.name = state.name.substr(0, at);
    part.index = static_cast<int>(s);
    part.label = math_name(part.name, k == 1 ? "t" : fmt::format("t−{}", k - 1));
    part.title = "to the next step: " + called(g_, state.next);
    part.feeds.push_back({value(state.next), {}, false});
    add(part);
  }
  for (std::size_t p = 0; p < g_.outputs.size(); ++p) {
    Part part;
    part.kind = PartKind::kOutput;
    part.name = g_.outputs[p].name;
    part.index = static_cast<int>(p);
    part.label = math_name(part.name, "t");
    part.title = "output " + part.name;
    part.feeds.push_back({value(g_.outputs[p].node), {}, false});
    add(part);
  }
  for (const Loss& loss : g_.losses) {
    Part part;
    part.kind = PartKind::kOutput;
    part.name = loss.name;
    part.label = math_name(loss.name);
    part.title = "loss " + loss.name;
    part.feeds.push_back({value(loss.node), {}, false});
    add(part);
  }
}

void Builder::name_parts() {
  std::set<std::string> taken;
  // The value of a line has its name as id; ports and states beside it say what they are.
  std::vector<std::string> wish(scheme_.parts.size());
  for (std::size_t i = 0; i < scheme_.parts.size(); ++i) {
    const Part& p = scheme_.parts[i];
    std::string name = p.name.substr(0, p.name.find("[t-"));
    if (p.kind == PartKind::kPrevious) {
      const int k = std::stoi(p.name.substr(p.name.find("[t-") + 3));
      name += k == 1 ? ".previous" : fmt::format(".previous.{}", k);
    }
    if (p.kind == PartKind::kNext) name += ".next";
    if (p.kind == PartKind::kOutput) name += ".output";
    wish[i] = name;
  }
  int unnamed = 0;
  for (std::size_t i = 0; i < scheme_.parts.size(); ++i) {
    std::string id = wish[i].empty() ? fmt::format("part.{}", ++unnamed) : wish[i];
    for (int n = 2; !taken.insert(id).second; ++n)
      id = fmt::format("{}.{}", wish[i].empty() ? "part" : wish[i], n);
    scheme_.parts[i].id = id;
  }
}

void Builder::write_equations() {
  for (std::size_t i = 0; i < g_.nodes.size(); ++i) {
    const Node& n = g_.nodes[i];
    if (n.name.empty() || n.op == Op::kNormal || n.op == Op::kInput || n.op == Op::kPrevious) continue;
    if (!scheme_.equations.empty()) scheme_.equations += "; ";
    scheme_.equations += n.name + " = " + equation(g_, static_cast<NodeId>(i));
  }
}

Scheme Builder::run() {
  scheme_.cell = g_.name;
  part_.assign(g_.nodes.size(), -1);
  // In the order of the text, so that boxes stand as they were declared; what no line is called is made by
  // who reads it.
  for (std::size_t i = 0; i < g_.nodes.size(); ++i) {
    const auto id = static_cast<NodeId>(i);
    if (rep(id) != id || unused(id) || fixed(id) || !named(id)) continue;
    // A split line that an activation takes in: the layer that both are stands where the line does.
    NodeId layer_of = id;
    Sum sum;
    if (inner(id) && pure_affine(id, sum)) {
      for (std::size_t j = i + 1; j < g_.nodes.size() && layer_of == id; ++j) {
        const Node& reader = g_.nodes[j];
        const auto r = static_cast<NodeId>(j);
        if (reader.inputs.size() == 1 && rep(reader.inputs[0]) == id && rep(r) == r && !unused(r) &&
            !named(r) && is_pointwise(reader.op) && reader.op != Op::kNegate)
          layer_of = r;
      }
    }
    value(layer_of);
  }
  add_ends();
  add_joins(scheme_);
  find_belts(scheme_);
  name_parts();
  write_equations();
  return std::move(scheme_);
}

}  // namespace

Scheme make_scheme(const Graph& graph) { return Builder(graph).run(); }

}  // namespace cellwright::draw
