#include "property/same_graph.h"

#include <fmt/format.h>

#include <tuple>

namespace cellwright {
namespace {

auto facts(const Initializer& i) { return std::tuple(static_cast<int>(i.kind), i.a, i.b); }

auto facts(const Node& n) {
  return std::tie(n.op, n.inputs, n.size, n.scalar, n.index, n.offset, n.row, n.column, n.values, n.name);
}

auto facts(const ColumnBlock& c) { return std::tuple(c.name, c.column, c.columns, facts(c.initializer)); }

auto facts(const Parameter& p) {
  return std::tuple(p.name, p.matrix, p.rows, p.columns, static_cast<int>(p.structure), p.blocks,
                    facts(p.initializer), p.bias);
}

auto facts(const State& s) {
  return std::tie(s.name, s.next, s.size, s.start, s.start_parameter, s.zone, s.delay);
}

auto facts(const Port& p) { return std::tie(p.name, p.size, p.node, p.optional); }

auto facts(const Loss& l) { return std::tie(l.name, l.node); }

template <class T>
std::string compare(const char* what, const std::vector<T>& a, const std::vector<T>& b) {
  if (a.size() != b.size()) return fmt::format("{} {} against {}", a.size(), what, b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (facts(a[i]) != facts(b[i])) return fmt::format("{} {} differ", what, i);
  }
  return "";
}

}  // namespace

std::string graph_difference(const Graph& a, const Graph& b) {
  if (a.name != b.name) return "the names differ";
  for (const std::string& d :
       {compare("nodes", a.nodes, b.nodes), compare("inputs", a.inputs, b.inputs),
        compare("outputs", a.outputs, b.outputs), compare("states", a.states, b.states),
        compare("losses", a.losses, b.losses), compare("parameters", a.parameters, b.parameters)}) {
    if (!d.empty()) return d;
  }
  for (std::size_t p = 0; p < a.parameters.size(); ++p) {
    const std::string d =
        compare("column blocks", a.parameters[p].column_blocks, b.parameters[p].column_blocks);
    if (!d.empty()) return a.parameters[p].name + ": " + d;
  }
  return "";
}

}  // namespace cellwright
