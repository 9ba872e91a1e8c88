// lower_expression.cpp: a line to its nodes. Start at Lowering::line. Sizes are variables here; numbers come
// at the end.
#include <cmath>

#include "cellwright/error.h"
#include "language/diagnostic.h"
#include "language/functions.h"
#include "language/lowering.h"

namespace cellwright {

using syntax::Expr;
using syntax::fail;
using syntax::Name;
using syntax::quoted;
using syntax::SizeVar;
using syntax::Statement;

namespace {

// How a message calls an operand.
std::string told(const Expr& e, const char* otherwise) {
  if (e.kind != Expr::Kind::kName) return otherwise;
  return quoted(e.delay > 0 ? e.text + "[t-" + std::to_string(e.delay) + "]" : e.text);
}

// A constant's value where it follows from constants; what it does not know it leaves open.
std::optional<double> fold(Op op, double a, double b) {
  switch (op) {
    case Op::kAdd:
      return a + b;
    case Op::kSub:
      return a - b;
    case Op::kMul:
      return a * b;
    case Op::kDiv:
      return a / b;
    case Op::kNegate:
      return -a;
    case Op::kExp:
      return std::exp(a);
    case Op::kLog:
      return std::log(a);
    case Op::kSqrt:
      return std::sqrt(a);
    case Op::kSquare:
      return a * a;
    case Op::kReciprocal:
      return 1 / a;
    default:
      return std::nullopt;
  }
}

}  // namespace

Lowering::Value Lowering::add(Op op, std::vector<NodeId> inputs, SizeVar size, SourceRange where) {
  Node node;
  node.op = op;
  node.inputs = std::move(inputs);
  node.where = where;
  node_sizes_.push_back(size);
  known_.emplace_back();
  return {graph_.add(std::move(node)), size};
}

void Lowering::line(const Statement& s) {
  line_name_ = s.names[0].text;
  normals_ = 0;
  const auto first = static_cast<NodeId>(graph_.nodes.size());
  if (s.names.size() == 1) {
    name_line(s.names[0], lower(s.value), first, s.value.where);
    return;
  }
  const Value whole = lower(s.value.args[0]);
  if (whole.scalar())
    fail(cell_, s.value.where, "split(…) needs a vector, found a single number", "split a product W·…");
  sizes_.split(whole.size, size_of_name(s.names[0].text), static_cast<int>(s.names.size()), s.value.where);
  for (std::size_t i = 0; i < s.names.size(); ++i) {
    const SizeVar size = size_of_name(s.names[i].text);
    sizes_.unify(size_of_name(s.names[0].text), size, quoted(s.names[0].text), quoted(s.names[i].text),
                 s.names[i].where);
    const Value piece = add(Op::kSlice, {whole.node}, size, s.names[i].where);
    slices_.emplace_back(piece.node, static_cast<int>(i));
    graph_[piece.node].name = s.names[i].text;
    values_[s.names[i].text] = piece;
  }
}

void Lowering::name_line(const Name& name, Value value, NodeId first_of_line, SourceRange where) {
  const SizeVar size = size_of_name(name.text);
  if (size >= 0 && value.scalar()) {
    // A scalar that was declared as a vector: `size a = units`.
    value = add(Op::kBroadcast, {value.node}, size, where);
  } else if (size >= 0) {
    sizes_.unify(size, value.size, quoted(name.text), "its right side", where);
  }
  const Op op = graph_[value.node].op;
  const bool borrowed = value.node < first_of_line || op == Op::kParameter || op == Op::kConstant;
  if (borrowed) value = add(Op::kIdentity, {value.node}, value.size, where);
  graph_[value.node].name = name.text;
  values_[name.text] = value;
}

void Lowering::loss(const Statement& s) {
  line_name_ = s.names[0].text;
  normals_ = 0;
  const auto first = static_cast<NodeId>(graph_.nodes.size());
  const Value value = lower(s.value);
  if (!value.scalar()) {
    fail(cell_, s.value.where, "loss " + quoted(s.names[0].text) + " is a vector",
         "a loss is one number a step: write sum(…) or mean(…)");
  }
  name_line(s.names[0], value, first, s.value.where);
  graph_.losses.push_back({s.names[0].text, values_.at(s.names[0].text).node});
}

Lowering::Value Lowering::lower(const Expr& e) {
  switch (e.kind) {
    case Expr::Kind::kNumber:
      return constant({e.number}, e.text, e.where);
    case Expr::Kind::kName:
      return name(e);
    case Expr::Kind::kCall:
      return call(e);
    case Expr::Kind::kNegate:
      return pointwise(Op::kNegate, e, {lower(e.args[0])});
    case Expr::Kind::kProduct:
      return product(e);
    case Expr::Kind::kList:
      return list(e);
    case Expr::Kind::kBinary: {
      const Op op = e.text == "+" ? Op::kAdd : e.text == "-" ? Op::kSub : e.text == "*" ? Op::kMul : Op::kDiv;
      const Value left = lower(e.args[0]);
      const Value right = lower(e.args[1]);
      return pointwise(op, e, {left, right});
    }
    case Expr::Kind::kAlternative:
      break;
  }
  throw InternalError("an alternative was left in line " + std::to_string(e.where.line));
}

Lowering::Value Lowering::constant(const std::vector<double>& values, const std::string& what,
                                   SourceRange where) {
  SizeVar size = -1;
  if (values.size() > 1) {
    size = sizes_.fresh();
    sizes_.set(size, static_cast<std::int64_t>(values.size()), "values of " + quoted(what), quoted(what),
               where);
  }
  const Value value = add(Op::kConstant, {}, size, where);
  graph_[value.node].values = values;
  if (size < 0) known_.back() = values[0];
  return value;
}

Lowering::Value Lowering::name(const Expr& e) {
  if (e.delay > 0) {
    const NodeId node = previous_[static_cast<std::size_t>(state_of_.at({e.text, e.delay}))];
    return {node, node_sizes_[static_cast<std::size_t>(node)]};
  }
  const auto numbers = numbers_.find(e.text);
  if (numbers != numbers_.end()) return constant(numbers->second, e.text, e.where);
  const auto parameter = parameter_of_.find(e.text);
  if (parameter != parameter_of_.end()) {
    const Value value =
        add(Op::kParameter, {}, parameter_sizes_[static_cast<std::size_t>(parameter->second)].rows, e.where);
    graph_[value.node].index = parameter->second;
    return value;
  }
  return values_.at(e.text);
}

// A scalar that stands where a vector is wanted has one unit.
SizeVar Lowering::sized(const Value& v) {
  if (!v.scalar()) return v.size;
  const SizeVar one = sizes_.fresh();
  sizes_.set(one, 1, "a single number", "a single number", {});
  return one;
}

Lowering::Value Lowering::product(const Expr& e) {
  const int index = parameter_of_.at(e.args[0].text);
  const Expr& operand = e.args[1];
  const Value right = lower(operand);
  const SizeVar columns = sized(right);
  ParameterSizes& sizes = parameter_sizes_[static_cast<std::size_t>(index)];
  sizes_.unify(sizes.columns, columns, quoted(e.args[0].text), told(operand, "its operand"), e.where);
  if (sizes.blocks.empty()) {
    const std::vector<std::string> labels = operand_labels(operand);
    const Node& node = graph_[right.node];
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const NodeId part = operand.kind == Expr::Kind::kList ? node.inputs[i] : right.node;
      sizes.blocks.emplace_back(labels[i], sized({part, node_sizes_[static_cast<std::size_t>(part)]}));
    }
  }
  const Value value =
      add(Op::kMatmul, {right.node}, parameter_sizes_[static_cast<std::size_t>(index)].rows, e.where);
  graph_[value.node].index = index;
  return value;
}

Lowering::Value Lowering::list(const Expr& e) {
  std::vector<NodeId> nodes;
  std::vector<SizeVar> parts;
  for (const Expr& part : e.args) {
    const Value value = lower(part);
    nodes.push_back(value.node);
    parts.push_back(sized(value));
  }
  const SizeVar whole = sizes_.fresh();
  sizes_.concat(whole, parts, e.where);
  return add(Op::kConcat, nodes, whole, e.where);
}

Lowering::Value Lowering::pointwise(Op op, const Expr& e, const std::vector<Value>& operands) {
  SizeVar size = -1;
  std::vector<NodeId> inputs;
  std::size_t from = 0;
  const std::size_t skip = e.args.size() - operands.size();
  for (std::size_t i = 0; i < operands.size(); ++i) {
    inputs.push_back(operands[i].node);
    if (operands[i].scalar()) continue;
    if (size < 0) {
      size = operands[i].size;
      from = i;
    } else {
      sizes_.unify(size, operands[i].size, told(e.args[skip + from], "the left side"),
                   told(e.args[skip + i], "the right side"), e.where);
    }
  }
  const Value value = add(op, inputs, size, e.where);
  check_finite(e, graph_[value.node]);
  return value;
}

void Lowering::check_finite(const Expr& e, const Node& node) {
  const auto number = [&](std::size_t i) { return known_[static_cast<std::size_t>(node.inputs[i])]; };
  if (node.op == Op::kDiv && number(1) == 0.0) {
    fail(cell_, e.where, "division by zero", "the right side of / must not be the constant 0");
  }
  std::optional<double> a = number(0);
  std::optional<double> b = node.inputs.size() > 1 ? number(1) : std::optional<double>(0);
  if (!a || !b) return;
  const std::optional<double> result = fold(node.op, *a, *b);
  if (result && !(std::abs(*result) <= 3.4e38)) {
    fail(cell_, e.where, "this constant is not a finite number", "a cell's constants lie within ±3.4e38");
  }
  known_.back() = result;
}

Lowering::Value Lowering::call(const Expr& e) {
  using Kind = syntax::Function::Kind;
  const syntax::Function* f = syntax::find_function(e.text);
  if (f->kind == Kind::kEvery) return every(e);
  if (f->kind == Kind::kNormal) {
    const Value value = add(Op::kNormal, {}, sizes_.fresh(), e.where);
    ++normals_;
    graph_[value.node].name =
        "normal(" + line_name_ + (normals_ > 1 ? "," + std::to_string(normals_) : "") + ")";
    return value;
  }
  if (f->kind == Kind::kSplit || f->kind == Kind::kBernoulli || f->kind == Kind::kOverSequence) {
    throw InternalError("call of " + e.text + " was not refused");
  }
  std::vector<Value> operands;
  for (const Expr& part : e.args) operands.push_back(lower(part));
  if (f->kind == Kind::kPointwise) return pointwise(f->op, e, operands);
  std::vector<NodeId> inputs;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    if (operands[i].scalar()) {
      fail(cell_, e.args[i].where, e.text + "(…) works over the units of a vector, found a single number",
           "give it a vector");
    }
    inputs.push_back(operands[i].node);
  }
  if (operands.size() == 2) {
    sizes_.unify(operands[0].size, operands[1].size, told(e.args[0], "the first argument"),
                 told(e.args[1], "the second"), e.where);
  }
  const bool to_scalar = f->op == Op::kSum || f->op == Op::kMean || f->op == Op::kDot;
  return add(f->op, inputs, to_scalar ? -1 : operands[0].size, e.where);
}

Lowering::Value Lowering::every(const Expr& e) {
  const std::vector<double>& periods = numbers_.at(e.args[0].text);
  double before = 1;
  for (const double period : periods) {
    if (!(period >= 1 && period <= 2147483647 && period == std::floor(period))) {
      fail(cell_, e.args[0].where, "a period of " + quoted(e.args[0].text) + " is no whole number of steps",
           "periods are 1, 2, 4, …");
    }
    if (std::fmod(period, before) != 0) {
      const auto told_number = [](double d) { return std::to_string(static_cast<std::int64_t>(d)); };
      fail(cell_, e.args[0].where,
           "periods of " + quoted(e.args[0].text) + " do not divide: " + told_number(period) +
               " is no multiple of " + told_number(before),
           "each period must divide the next, as 1, 2, 4, 8");
    }
    before = period;
  }
  const Value fresh = lower(e.args[1]);
  const Value old = lower(e.args[2]);
  const Value clock = add(Op::kClock, {}, sizes_.fresh(), e.args[0].where);
  graph_[clock.node].values = periods;
  for (const std::size_t i : {1u, 2u}) {
    const Value& side = i == 1 ? fresh : old;
    if (!side.scalar())
      sizes_.unify(clock.size, side.size, "the clock", told(e.args[i], "a side of every(…)"),
                   e.args[i].where);
  }
  return add(Op::kSelect, {clock.node, fresh.node, old.node}, clock.size, e.where);
}

}  // namespace cellwright
