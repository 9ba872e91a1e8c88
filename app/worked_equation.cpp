// worked_equation.cpp: start at WorkedEquations::stages.
#include "worked_equation.h"

#include <fmt/format.h>

#include <algorithm>

#include "cellwright/error.h"

namespace cellwright::app {

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

std::string show_number(double value, int digits) {
  const std::string text = fmt::format("{:.{}g}", value, digits);
  return text == "-0" ? "0" : text;
}

std::string show_vector(const Vector& values, bool scalar, int digits) {
  if (scalar && values.size() == 1) return show_number(values[0], digits);
  std::string text;
  for (const double v : values) text += (text.empty() ? "" : ", ") + show_number(v, digits);
  return "[" + text + "]";
}

WorkedEquations::WorkedEquations(const Graph& graph, syntax::Spelling spelling, int digits)
    : graph_(graph), spelling_(spelling), digits_(digits) {
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

Expr WorkedEquations::value_of(const Expr& e, const Step& step) const {
  Expr value;
  value.kind = Expr::Kind::kName;
  value.height = 0;
  value.where = e.where;
  if (e.kind == Expr::Kind::kName && e.delay > 0) {
    const std::size_t s = states_.at(fmt::format("{}[t-{}]", e.text, e.delay));
    value.text = show_vector(step.previous[s], false, digits_);
    return value;
  }
  NodeId id = kNoNode;
  const auto place = by_place_.find(Place(e.where.line, e.where.column, e.where.length));
  if (e.kind == Expr::Kind::kName && by_name_.count(e.text)) {
    id = by_name_.at(e.text);
  } else if (place != by_place_.end()) {
    id = place->second;
  } else {
    throw InternalError(fmt::format("no value for the text at {}:{}", e.where.line, e.where.column));
  }
  value.text = show_vector(step.values[static_cast<std::size_t>(id)], graph_[id].scalar, digits_);
  return value;
}

Expr WorkedEquations::with_numbers(const Expr& e, const Step& step) const {
  if (e.kind == Expr::Kind::kNumber) return e;
  const bool leaf = e.kind == Expr::Kind::kName || (e.kind == Expr::Kind::kCall && e.args.empty());
  if (leaf) return value_of(e, step);
  Expr result = e;
  for (std::size_t i = first_operand(e); i < e.args.size(); ++i)
    result.args[i] = with_numbers(e.args[i], step);
  enclose_negative(result);
  // Joining vectors is no arithmetic.
  return result.kind == Expr::Kind::kList && ready(result) ? value_of(e, step) : result;
}

Expr WorkedEquations::reduced(const Expr& e, const Step& step) const {
  if (is_value(e)) return e;
  const bool split =
      e.kind == Expr::Kind::kCall && e.text == "split";  // has no value of its own, only its parts have
  if (ready(e) && !split) return value_of(e, step);
  Expr result = e;
  for (std::size_t i = first_operand(e); i < e.args.size(); ++i) result.args[i] = reduced(e.args[i], step);
  enclose_negative(result);
  return result.kind == Expr::Kind::kList && ready(result) ? value_of(e, step) : result;
}

std::string WorkedEquations::value_of_line(const syntax::Name& name, const Step& step) const {
  const NodeId id = by_name_.at(name.text);
  return show_vector(step.values[static_cast<std::size_t>(id)], graph_[id].scalar, digits_);
}

std::vector<std::string> WorkedEquations::stages(const syntax::Statement& line,
                                                 const std::vector<Vector>& values,
                                                 const std::vector<Vector>& previous) const {
  const Step step{values, previous};
  std::vector<std::string> all{syntax::print_expression(line.value, spelling_)};
  const auto add = [&](const std::string& text) {
    if (all.back() != text) all.push_back(text);
  };
  Expr e = with_numbers(line.value, step);
  while (!is_value(e)) {
    add(syntax::print_expression(e, spelling_));
    if (ready(e)) break;  // what remains is the line's own value
    e = reduced(e, step);
  }
  std::string last;
  for (const syntax::Name& name : line.names) last += (last.empty() ? "" : ", ") + value_of_line(name, step);
  add(last);
  return all;
}

}  // namespace cellwright::app
