// derivative_rules.cpp: the derivative of every op, one function and one row each.
//
// Derivatives are written with the forward value y where that saves computing it again, and in the form that
// stays finite for operands of any magnitude: a gradient through exp(-1e30) is 0, not NaN.

#include "graph/derivative_rules.h"

#include <array>
#include <string>

#include "cellwright/error.h"
#include "graph/op_table.h"

namespace cellwright {
namespace {

/// What a rule sees. Node ids only: nodes may move while a rule appends.
struct Rule {
  GraphBuilder& b;
  AdjointSink& sink;
  NodeId y;  ///< the forward value
  NodeId d;  ///< its gradient

  NodeId in(std::size_t i) const { return b[y].inputs[i]; }
  int size() const { return b[y].size; }
  bool wants(std::size_t i) const { return sink.wants(in(i)); }
  void give(std::size_t i, NodeId d_input) const { sink.add(in(i), d_input); }

  NodeId mul(NodeId x, NodeId z) const { return b.pointwise(Op::kMul, x, z); }
  NodeId sub(NodeId x, NodeId z) const { return b.pointwise(Op::kSub, x, z); }
  NodeId one(Op op, NodeId x) const { return b.pointwise(op, x); }
  NodeId c(double v) const { return b.constant(v); }
};

void no_gradient(const Rule&) {}
void not_canonical(const Rule& r) {
  throw InternalError("derive() met the op '" + std::string(op_name(r.b[r.y].op)) +
                      "', which canonical forward graphs do not contain");
}
void leaf(const Rule& r) { r.sink.add_leaf(r.y, r.d); }

void concat(const Rule& r) {
  int offset = 0;
  for (std::size_t i = 0; i < r.b[r.y].inputs.size(); ++i) {
    const int part = r.b[r.in(i)].size;
    if (r.wants(i)) r.give(i, r.b.slice(r.d, offset, part));
    offset += part;
  }
}
void slice(const Rule& r) { r.sink.add_slice(r.in(0), r.b[r.y].offset, r.d); }
void matmul(const Rule& r) {
  r.sink.add_matrix(r.y, r.d);
  if (!r.wants(0)) return;
  Node back = r.b[r.y];
  back.op = Op::kMatmulTransposed;
  back.size = r.b[r.in(0)].size;
  back.scalar = r.b[r.in(0)].scalar;
  back.inputs = {r.d};
  back.name.clear();
  r.give(0, r.b.add(std::move(back)));
}

void negate(const Rule& r) { r.give(0, r.one(Op::kNegate, r.d)); }
void sigmoid(const Rule& r) { r.give(0, r.mul(r.d, r.mul(r.y, r.sub(r.c(1), r.y)))); }
void tanh(const Rule& r) { r.give(0, r.mul(r.d, r.sub(r.c(1), r.one(Op::kSquare, r.y)))); }
void relu(const Rule& r) { r.give(0, r.mul(r.d, r.one(Op::kStep, r.y))); }
void exp(const Rule& r) { r.give(0, r.mul(r.d, r.y)); }
void log(const Rule& r) { r.give(0, r.b.pointwise(Op::kDiv, r.d, r.in(0))); }
void log_sigmoid(const Rule& r) { r.give(0, r.mul(r.d, r.one(Op::kSigmoid, r.one(Op::kNegate, r.in(0))))); }
void softplus(const Rule& r) { r.give(0, r.mul(r.d, r.one(Op::kSigmoid, r.in(0)))); }
void sqrt(const Rule& r) { r.give(0, r.b.pointwise(Op::kDiv, r.mul(r.d, r.c(0.5)), r.y)); }
void square(const Rule& r) { r.give(0, r.mul(r.mul(r.d, r.c(2)), r.in(0))); }
void abs(const Rule& r) { r.give(0, r.mul(r.d, r.one(Op::kSign, r.in(0)))); }
void reciprocal(const Rule& r) { r.give(0, r.one(Op::kNegate, r.mul(r.d, r.one(Op::kSquare, r.y)))); }
void hard_sigmoid(const Rule& r) { r.give(0, r.mul(r.mul(r.d, r.c(0.2)), r.one(Op::kInRange, r.y))); }
void hard_sigmoid_keras(const Rule& r) {
  r.give(0, r.mul(r.mul(r.d, r.c(1.0 / 6)), r.one(Op::kInRange, r.y)));
}
void softsign(const Rule& r) {  // 1 / (1 + |x|)² = (1 - |y|)²
  r.give(0, r.mul(r.d, r.one(Op::kSquare, r.sub(r.c(1), r.one(Op::kAbs, r.y)))));
}
void elu(const Rule& r) {  // 1 above 0, e^x = y + 1 below
  r.give(0, r.mul(r.d, r.b.pointwise(Op::kAdd, r.b.pointwise(Op::kMin, r.y, r.c(0)), r.c(1))));
}
void identity(const Rule& r) { r.give(0, r.d); }

void add(const Rule& r) {
  for (std::size_t i = 0; i < 2; ++i) {
    if (r.wants(i)) r.give(i, r.d);
  }
}
void sub(const Rule& r) {
  if (r.wants(0)) r.give(0, r.d);
  if (r.wants(1)) r.give(1, r.one(Op::kNegate, r.d));
}
void mul(const Rule& r) {
  for (std::size_t i = 0; i < 2; ++i) {
    if (r.wants(i)) r.give(i, r.mul(r.d, r.in(1 - i)));
  }
}
void div(const Rule& r) {
  const NodeId quotient = r.b.pointwise(Op::kDiv, r.d, r.in(1));
  if (r.wants(0)) r.give(0, quotient);
  if (r.wants(1)) r.give(1, r.one(Op::kNegate, r.mul(quotient, r.y)));
}
/// d goes to operand `other` where `condition` is not 0, else to `usual`.
void choose(const Rule& r, NodeId condition, std::size_t other, std::size_t usual) {
  if (r.wants(usual)) r.give(usual, r.b.select(condition, r.c(0), r.d));
  if (r.wants(other)) r.give(other, r.b.select(condition, r.d, r.c(0)));
}
void max(const Rule& r) { choose(r, r.one(Op::kStep, r.sub(r.in(1), r.in(0))), 1, 0); }
void min(const Rule& r) { choose(r, r.one(Op::kStep, r.sub(r.in(0), r.in(1))), 1, 0); }
void select(const Rule& r) { choose(r, r.in(0), 1, 2); }

void sum(const Rule& r) { r.give(0, r.b.broadcast(r.d, r.b[r.in(0)].size)); }
void broadcast(const Rule& r) { r.give(0, r.b.sum(r.d)); }
void softmax(const Rule& r) {
  const NodeId along = r.b.broadcast(r.b.sum(r.mul(r.d, r.y)), r.size());
  r.give(0, r.mul(r.sub(r.d, along), r.y));
}

struct Row {
  Op op;
  void (*rule)(const Rule&);
};

constexpr std::array<Row, kOpCount> kRules{{
    {Op::kInput, leaf},
    {Op::kPrevious, leaf},
    {Op::kParameter, leaf},
    {Op::kConstant, no_gradient},
    {Op::kNormal, no_gradient},
    {Op::kClock, no_gradient},
    {Op::kDropMask, no_gradient},
    {Op::kStepMask, no_gradient},
    {Op::kConcat, concat},
    {Op::kSlice, slice},
    {Op::kMatmul, matmul},
    {Op::kNegate, negate},
    {Op::kSigmoid, sigmoid},
    {Op::kTanh, tanh},
    {Op::kRelu, relu},
    {Op::kExp, exp},
    {Op::kLog, log},
    {Op::kLogSigmoid, log_sigmoid},
    {Op::kSoftplus, softplus},
    {Op::kSqrt, sqrt},
    {Op::kSquare, square},
    {Op::kAbs, abs},
    {Op::kReciprocal, reciprocal},
    {Op::kHardSigmoid, hard_sigmoid},
    {Op::kHardSigmoidKeras, hard_sigmoid_keras},
    {Op::kSoftsign, softsign},
    {Op::kElu, elu},
    {Op::kIdentity, identity},
    {Op::kStep, no_gradient},
    {Op::kSign, no_gradient},
    {Op::kInRange, no_gradient},
    {Op::kAdd, add},
    {Op::kSub, sub},
    {Op::kMul, mul},
    {Op::kDiv, div},
    {Op::kMax, max},
    {Op::kMin, min},
    {Op::kSelect, select},
    {Op::kSum, sum},
    {Op::kMean, not_canonical},
    {Op::kDot, not_canonical},
    {Op::kSoftmax, softmax},
    {Op::kLayerNorm, not_canonical},
    {Op::kRmsNorm, not_canonical},
    {Op::kBroadcast, broadcast},
    {Op::kMatmulTransposed, not_canonical},
    {Op::kAdjointOutput, not_canonical},
    {Op::kAdjointState, not_canonical},
    {Op::kAdjointLoss, not_canonical},
    {Op::kComplement, not_canonical},
    {Op::kSigmoidSlope, not_canonical},
    {Op::kTanhSlope, not_canonical},
    {Op::kMulAdd, not_canonical},
    {Op::kMulSub, not_canonical},
    {Op::kSubMul, not_canonical},
    {Op::kMulMul, not_canonical},
    {Op::kAddMul, not_canonical},
    {Op::kAddAdd, not_canonical},
    {Op::kComplementMul, not_canonical},
    {Op::kComplementMulAdd, not_canonical},
    {Op::kSigmoidBack, not_canonical},
    {Op::kTanhBack, not_canonical},
    {Op::kMulSigmoidBack, not_canonical},
    {Op::kMulTanhBack, not_canonical},
    {Op::kMulSigmoid, not_canonical},
    {Op::kMulTanh, not_canonical},
    {Op::kAddSigmoid, not_canonical},
    {Op::kAddTanh, not_canonical},
}};

constexpr bool rules_stand_in_order() {
  for (std::size_t i = 0; i < kOpCount; ++i) {
    if (kRules[i].op != static_cast<Op>(i) || kRules[i].rule == nullptr) return false;
  }
  return true;
}
static_assert(rules_stand_in_order(), "graph/derivative_rules.cpp needs one row an op, in the order of op.h");

}  // namespace

void pass_back(GraphBuilder& builder, NodeId id, NodeId d, AdjointSink& sink) {
  kRules[static_cast<std::size_t>(builder[id].op)].rule(Rule{builder, sink, id, d});
}

}  // namespace cellwright
