// worked_equation.h: an equation of a cell with its numbers put in, reduced stage by stage to its value.
//
// Where to start: WorkedEquations::stages. No arithmetic is done here: every number is that of a node of the
// step's graph, found by its place in the text; whoever asks says how it is written.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "graph/graph.h"
#include "language/print.h"
#include "language/syntax.h"

namespace cellwright {

class WorkedEquations {
 public:
  enum class Form {
    kVectors,  ///< whole vectors: a product is worked out like any other operation
    kOneUnit,  ///< one unit's numbers: what mixes units (a product with its bias, a sum over units) is one
               ///< number at once, for its operands are not the unit's alone
  };
  struct Numbers {
    std::function<std::string(NodeId)> of_node;        ///< not empty
    std::function<std::string(std::size_t)> of_state;  ///< the state's value at t-1
  };

  /// Keeps a reference to the graph, as lower() made it.
  WorkedEquations(const Graph& graph, syntax::Spelling spelling, Form form);

  /// The stages of a line: as written, with numbers, …, its value. A name for which the graph has no value
  /// (an option of a clock) stays a name.
  std::vector<std::string> stages(const syntax::Statement& line, const Numbers& numbers) const;

 private:
  using Place = std::tuple<int, int, int>;

  bool whole(const syntax::Expr& e) const;
  bool affine(const syntax::Expr& e, bool* product) const;
  NodeId node_of(const syntax::Expr& e) const;
  syntax::Expr with_numbers(const syntax::Expr& e, const Numbers& numbers) const;
  syntax::Expr reduced(const syntax::Expr& e, const Numbers& numbers) const;
  syntax::Expr value_of(const syntax::Expr& e, const Numbers& numbers) const;

  const Graph& graph_;
  syntax::Spelling spelling_;
  Form form_;
  std::map<Place, NodeId> by_place_;
  std::map<std::string, NodeId> by_name_;
  std::map<std::string, std::size_t> states_;  // "h[t-1]"
};

}  // namespace cellwright
