// worked_equation.h: an equation of a cell with its numbers put in, reduced stage by stage to its value.
//
// No arithmetic is done here: every number is that of a node of the naive evaluation, found by its place in
// the text.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "graph/evaluate.h"
#include "graph/graph.h"
#include "language/print.h"
#include "language/syntax.h"

namespace cellwright::app {

/// "0.5" with so many significant digits; "[0.5, 1]" for a vector.
std::string show_number(double value, int digits);
std::string show_vector(const Vector& values, bool scalar, int digits);

class WorkedEquations {
 public:
  /// Keeps a reference to the graph, as lower() made it.
  WorkedEquations(const Graph& graph, syntax::Spelling spelling, int digits);

  /// The stages of a line: as written, with numbers, …, its value. `values` are a step's, `previous` the
  /// states before it.
  std::vector<std::string> stages(const syntax::Statement& line, const std::vector<Vector>& values,
                                  const std::vector<Vector>& previous) const;

 private:
  struct Step {
    const std::vector<Vector>& values;
    const std::vector<Vector>& previous;
  };
  using Place = std::tuple<int, int, int>;

  syntax::Expr with_numbers(const syntax::Expr& e, const Step& step) const;
  syntax::Expr reduced(const syntax::Expr& e, const Step& step) const;
  syntax::Expr value_of(const syntax::Expr& e, const Step& step) const;
  std::string value_of_line(const syntax::Name& name, const Step& step) const;

  const Graph& graph_;
  syntax::Spelling spelling_;
  int digits_;
  std::map<Place, NodeId> by_place_;
  std::map<std::string, NodeId> by_name_;
  std::map<std::string, std::size_t> states_;  // "h[t-1]"
};

}  // namespace cellwright::app
