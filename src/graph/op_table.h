// op_table.h: what this room knows about each op: its printed name, its arity, its kind, and its scalar
// arithmetic.
//
// One row an op, in the order of the enum; a missing or misplaced row does not compile. Derivatives are in
// derivative_rules.cpp.
#pragma once

#include <string_view>

#include "graph/op.h"

namespace cellwright {

enum class OpKind : std::uint8_t {
  kLeaf,       // no operands: comes from outside the step
  kLinear,     // moves or multiplies vectors: concat, slice, products with a matrix
  kPointwise,  // unit k of the result depends on unit k of the operands alone
  kUnits,      // over the units of a vector: reductions, softmax, norms, broadcast
};

inline constexpr int kAnyArity = -1;

struct OpRow {
  Op op;
  std::string_view name;  ///< in printed plans: "sigmoid"
  int arity;              ///< number of operands; kAnyArity for kConcat
  OpKind kind;
  bool commutative;  ///< the two operands may be exchanged without changing a bit
  double (*scalar)(double, double,
                   double);  ///< pointwise ops: one unit, in accurate double; null for the others
};

const OpRow& op_row(Op op);

inline std::string_view op_name(Op op) { return op_row(op).name; }
inline bool is_leaf(Op op) { return op_row(op).kind == OpKind::kLeaf; }
inline bool is_pointwise(Op op) { return op_row(op).kind == OpKind::kPointwise; }

/// True for ops that reduce a vector to a scalar: sum, mean, dot.
inline bool is_reduction(Op op) { return op == Op::kSum || op == Op::kMean || op == Op::kDot; }

/// True for several pointwise ops in one, which graphs do not contain.
inline bool is_fused(Op op) { return op >= Op::kComplement; }

/// True for the leaves that exist only in backward graphs.
inline bool is_adjoint(Op op) {
  return op == Op::kAdjointOutput || op == Op::kAdjointState || op == Op::kAdjointLoss;
}

}  // namespace cellwright
