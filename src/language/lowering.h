// lowering.h: inner header of lower.cpp (the way through), lower_expression.cpp (lines to nodes) and
// lower_parameters.cpp.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "language/check.h"
#include "language/lower.h"
#include "language/sizes.h"
#include "language/syntax.h"

namespace cellwright {

/// How the parts of a product's operand are written: "h[t-1]", "x"; "" for an expression.
std::vector<std::string> operand_labels(const syntax::Expr& operand);

class Lowering {
 public:
  Lowering(const syntax::Cell& cell, const CellBinding& binding)
      : cell_(cell), binding_(binding), sizes_(cell) {}
  Graph run(std::vector<std::string>* warnings);

 private:
  struct Value {
    NodeId node = kNoNode;
    syntax::SizeVar size = -1;  ///< -1: a scalar
    bool scalar() const { return size < 0; }
  };
  struct ParameterSizes {
    syntax::SizeVar rows = -1;
    syntax::SizeVar columns = -1;                                 ///< matrices
    std::vector<std::pair<std::string, syntax::SizeVar>> blocks;  ///< operands of the first product
  };

  // lower.cpp
  void check_supported() const;
  void check_binding();
  void read_options();
  void find_vectors();
  void make_inputs();
  void make_states();
  void declare_sizes();
  void start_states();
  void number_zones();
  void finish_sizes();
  int chain(const std::string& name, int delay, SourceRange where);
  bool is_vector(const syntax::Expr& e) const;
  syntax::SizeVar size_of_name(const std::string& name);

  // lower_expression.cpp
  void line(const syntax::Statement& s);
  void loss(const syntax::Statement& s);
  void name_line(const syntax::Name& name, Value value, NodeId first_of_line, SourceRange where);
  Value lower(const syntax::Expr& e);
  Value name(const syntax::Expr& e);
  Value product(const syntax::Expr& e);
  Value list(const syntax::Expr& e);
  Value call(const syntax::Expr& e);
  Value every(const syntax::Expr& e);
  Value pointwise(Op op, const syntax::Expr& e, const std::vector<Value>& operands);
  Value constant(const std::vector<double>& values, const std::string& what, SourceRange where);
  Value add(Op op, std::vector<NodeId> inputs, syntax::SizeVar size, SourceRange where);
  void check_finite(const syntax::Expr& e, const Node& node);
  syntax::SizeVar sized(const Value& v);

  // lower_parameters.cpp
  void collect_parameters();
  void initialize_parameters();
  void structure_parameters();
  void finish_parameters();
  ColumnBlock* column_block(Parameter& p, const syntax::Name& n);
  int block_count(const syntax::Statement& s) const;

  const syntax::Cell& cell_;
  const CellBinding& binding_;
  syntax::Symbols symbols_;
  syntax::Sizes sizes_;
  Graph graph_;
  std::vector<syntax::Statement> lines_;                 // resolved, in the order of the text
  std::map<std::string, std::vector<double>> numbers_;   // constants and options
  std::set<std::string> vectors_;                        // lines that are no scalars
  std::map<std::string, Value> values_;                  // inputs and lines so far
  std::map<std::string, syntax::SizeVar> name_sizes_;    // inputs and lines
  std::map<std::pair<std::string, int>, int> state_of_;  // name, delay
  std::vector<NodeId> previous_;                         // per state
  std::map<std::string, SourceRange> structure_where_;   // where a parameter's structure is said
  std::map<std::string, int> parameter_of_;
  std::vector<ParameterSizes> parameter_sizes_;
  std::vector<syntax::SizeVar> node_sizes_;     // per node, -1 for scalars
  std::vector<std::optional<double>> known_;    // per node: its number, where it is a constant scalar
  std::vector<std::pair<NodeId, int>> slices_;  // node, which piece
  std::string line_name_;                       // of the line that is being lowered
  int normals_ = 0;                             // in this line
};

}  // namespace cellwright
