// functions.h: how operations are spelled: the language's table over the list of ops.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "graph/op.h"

namespace cellwright::syntax {

/// One row an op.
struct OpSpelling {
  Op op;
  std::string_view name;     ///< function in the ASCII spelling; "" where the op has no function of its own
  std::string_view unicode;  ///< function in the Unicode spelling; "" where it is the same
  std::string_view latex;    ///< "\\sigma"; "" where it is set as an upright word
  int arity;                 ///< arguments of the function
};

const OpSpelling& op_spelling(Op op);

/// What a called name does.
struct Function {
  enum class Kind {
    kPointwise,  ///< each unit by itself; scalars stay scalars
    kOverUnits,  ///< softmax layernorm rmsnorm: vector to vector; sum mean dot: vector to scalar
    kSplit,
    kEvery,
    kNormal,
    kBernoulli,
    kOverSequence,  ///< softmax_j, sum_j
  };
  Kind kind;
  std::string_view name;     ///< ASCII
  std::string_view unicode;  ///< "" where it is the same
  std::string_view latex;
  int arity;
  Op op;  ///< kPointwise and kOverUnits
};

/// By either spelling; nullptr if there is none. "softmax" and "sum" are found as kOverUnits; the parser
/// knows softmax_j.
const Function* find_function(std::string_view name);
std::vector<std::string> function_names();

bool is_keyword(std::string_view word);   ///< begins a statement, or "when", "generating", "t"
bool is_reserved(std::string_view name);  ///< keyword or function: no name for a value

}  // namespace cellwright::syntax
