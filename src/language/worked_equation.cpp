// worked_equation.cpp: start at WorkedEquations::stages.
#include "language/worked_equation.h"

#include <fmt/format.h>

#include "language/functions.h"

namespace cellwright {

using syntax::Expr;

namespace {

// A value in a worked expression is a kName whose text is the value and whose height is 0; names never need
// parentheses.
bool is_value(const Expr& e) {
  return e.kind == Expr::Kind::kNumber || (e.kind == Expr::Kind::kName && e.height == 0);
}

/// The operands that must be numbers before an expression can be one. The matrix of a product stays a name.
std::size_t first_operand(const Expr& e) { return e.kind == Expr::Kind::kProduct ? 1 : 0; }

bool is_binary(const Expr& e, const char* one, const char* other) {
  return e.kind == Expr::Kind::kBinary && (e.text == one || e.text == other);
}

/// Whether an expression becomes a number in one stage. A chain of sums, or of products, is one stage; and so
/// is an affine layer, W·x + b.
bool ready(const Expr& e) {
  const bool sum = is_binary(e, "+", "-");
  const bool times = is_binary(e, "*", "/");
  for (std::size_t i = first_operand(e); i < e.args.size(); ++i) {
    const Expr& part = e.args[i];
    const bool chain =
        !part.parenthesised && ((sum && is_binary(part, "+", "-")) || (times && is_binary(part, "*", "/")));
    const bool affine = sum && part.kind == Expr::Kind::kProduct;
    if (!is_value(part) && !((chain || affine) && ready(part))) return false;
  }
  return true;
}

/// a - (-0.5)
void enclose_negative(Expr& e) {
  if (e.kind != Expr::Kind::kBinary) return;
  Expr& right = e.args[1];
  if (is_value(right) && right.text.front() == '-') right.parenthesised = true;
}

}  // namespace

WorkedEquations::WorkedEquations(const Graph& graph, syntax::Spelling spelling, Form form)
    : graph_(graph), spelling_(spelling), form_(form) {
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const auto id = static_cast<NodeId>(i);
    const Node& node = graph[id];
    by_place_.emplace(Place(node.where.line, node.where.column, node.where.length), id);
    if (!node.name.empty()) by_name_[node.name] = id;
  }
  for (std::size_t s = 0; s < graph.states.size(); ++s) {
    const State& state = graph.states[s];
    states_[state.delay ? state.name : state.name + "[t-1]"] = s;
  }
}

NodeId WorkedEquations::node_of(const Expr& e) const {
  if (e.kind == Expr::Kind::kName) {
    if (const auto named = by_name_.find(e.text); named != by_name_.end()) return named->second;
  }
  const auto place = by_place_.find(Place(e.where.line, e.where.column, e.where.length));
  return place == by_place_.end() ? kNoNode : place->second;
}

/// Products, parameters and numbers, added up.
bool WorkedEquations::affine(const Expr& e, bool* product) const {
  if (e.kind == Expr::Kind::kProduct) return *product = true;
  if (is_binary(e, "+", "-")) return affine(e.args[0], product) && affine(e.args[1], product);
  if (e.kind == Expr::Kind::kNumber) return true;
  if (e.kind != Expr::Kind::kName || e.delay > 0) return false;
  const NodeId id = node_of(e);
  return id != kNoNode && graph_[id].op == Op::kParameter;
}

/// What becomes a number at once.
bool WorkedEquations::whole(const Expr& e) const {
  if (e.kind == Expr::Kind::kName || (e.kind == Expr::Kind::kCall && e.args.empty())) return true;
  if (form_ == Form::kVectors || node_of(e) == kNoNode) return false;
  bool product = false;
  if (affine(e, &product) && product) return true;
  if (e.kind == Expr::Kind::kList) return true;
  if (e.kind != Expr::Kind::kCall) return false;
  const syntax::Function* function = syntax::find_function(e.text);
  return function != nullptr && function->kind != syntax::Function::Kind::kPointwise &&
         function->kind != syntax::Function::Kind::kEvery;
}

Expr WorkedEquations::value_of(const Expr& e, const Numbers& numbers) const {
  Expr value;
  value.kind = Expr::Kind::kName;
  value.height = 0;
  value.where = e.where;
  if (e.kind == Expr::Kind::kName && e.delay > 0) {
    const auto state = states_.find(fmt::format("{}[t-{}]", e.text, e.delay));
    value.text =
        state == states_.end() ? syntax::print_expression(e, spelling_) : numbers.of_state(state->second);
    return value;
  }
  const NodeId id = node_of(e);
  value.text = id == kNoNode ? syntax::print_expression(e, spelling_) : numbers.of_node(id);
  return value;
}

Expr WorkedEquations::with_numbers(const Expr& e, const Numbers& numbers) const {
  if (e.kind == Expr::Kind::kNumber) return e;
  if (whole(e)) return value_of(e, numbers);
  Expr result = e;
  for (std::size_t i = first_operand(e); i < e.args.size(); ++i)
    result.args[i] = with_numbers(e.args[i], numbers);
  enclose_negative(result);
  // Joining vectors is no arithmetic.
  return result.kind == Expr::Kind::kList && ready(result) ? value_of(e, numbers) : result;
}

Expr WorkedEquations::reduced(const Expr& e, const Numbers& numbers) const {
  if (is_value(e)) return e;
  const bool split =
      e.kind == Expr::Kind::kCall && e.text == "split";  // has no value of its own, only its parts have
  if (ready(e) && !split) return value_of(e, numbers);
  Expr result = e;
  for (std::size_t i = first_operand(e); i < e.args.size(); ++i) result.args[i] = reduced(e.args[i], numbers);
  enclose_negative(result);
  return result.kind == Expr::Kind::kList && ready(result) ? value_of(e, numbers) : result;
}

std::vector<std::string> WorkedEquations::stages(const syntax::Statement& line,
                                                 const Numbers& numbers) const {
  std::vector<std::string> all{syntax::print_expression(line.value, spelling_)};
  const auto add = [&](const std::string& text) {
    if (all.back() != text) all.push_back(text);
  };
  // The parts of a split are other units than those of what is split.
  const bool split = line.value.kind == Expr::Kind::kCall && line.value.text == "split";
  Expr e = with_numbers(line.value, numbers);
  while (!is_value(e) && !(split && form_ == Form::kOneUnit)) {
    add(syntax::print_expression(e, spelling_));
    if (ready(e)) break;  // what remains is the line's own value
    e = reduced(e, numbers);
  }
  std::string last;
  for (const syntax::Name& name : line.names) {
    const auto named = by_name_.find(name.text);
    if (named != by_name_.end()) last += (last.empty() ? "" : ", ") + numbers.of_node(named->second);
  }
  if (!last.empty()) add(last);
  return all;
}

}  // namespace cellwright
