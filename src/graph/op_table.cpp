#include "graph/op_table.h"

#include <array>
#include <cmath>

namespace cellwright {
namespace {

// The scalar arithmetic is the reference for every kernel, so each form is the one that is accurate over the
// whole line: no overflow where the result is finite, relative precision in the tails.

double sigmoid(double x) {
  if (x >= 0) return 1 / (1 + std::exp(-x));
  const double e = std::exp(x);
  return e / (1 + e);
}
double softplus(double x) { return (x > 0 ? x : 0) + std::log1p(std::exp(-std::fabs(x))); }
double clamp01(double x) { return x < 0 ? 0 : (x > 1 ? 1 : x); }

constexpr OpRow leaf(Op op, std::string_view name) { return {op, name, 0, OpKind::kLeaf, false, nullptr}; }
constexpr OpRow linear(Op op, std::string_view name, int arity) {
  return {op, name, arity, OpKind::kLinear, false, nullptr};
}
constexpr OpRow units(Op op, std::string_view name, int arity) {
  return {op, name, arity, OpKind::kUnits, false, nullptr};
}
constexpr OpRow unary(Op op, std::string_view name, double (*scalar)(double, double, double)) {
  return {op, name, 1, OpKind::kPointwise, false, scalar};
}
constexpr OpRow binary(Op op, std::string_view name, bool commutative,
                       double (*scalar)(double, double, double)) {
  return {op, name, 2, OpKind::kPointwise, commutative, scalar};
}

constexpr OpRow ternary(Op op, std::string_view name, double (*scalar)(double, double, double)) {
  return {op, name, 3, OpKind::kPointwise, false, scalar};
}

constexpr std::array<OpRow, kOpCount> kRows{{
    leaf(Op::kInput, "input"),
    leaf(Op::kPrevious, "previous"),
    leaf(Op::kParameter, "parameter"),
    leaf(Op::kConstant, "constant"),
    leaf(Op::kNormal, "normal"),
    leaf(Op::kClock, "clock"),
    leaf(Op::kDropMask, "drop_mask"),
    leaf(Op::kStepMask, "step_mask"),

    linear(Op::kConcat, "concat", kAnyArity),
    linear(Op::kSlice, "slice", 1),
    linear(Op::kMatmul, "matmul", 1),

    unary(Op::kNegate, "negate", [](double x, double, double) { return -x; }),
    unary(Op::kSigmoid, "sigmoid", [](double x, double, double) { return sigmoid(x); }),
    unary(Op::kTanh, "tanh", [](double x, double, double) { return std::tanh(x); }),
    unary(Op::kRelu, "relu", [](double x, double, double) { return x > 0 ? x : 0.0; }),
    unary(Op::kExp, "exp", [](double x, double, double) { return std::exp(x); }),
    unary(Op::kLog, "log", [](double x, double, double) { return std::log(x); }),
    unary(Op::kLogSigmoid, "log_sigmoid", [](double x, double, double) { return -softplus(-x); }),
    unary(Op::kSoftplus, "softplus", [](double x, double, double) { return softplus(x); }),
    unary(Op::kSqrt, "sqrt", [](double x, double, double) { return std::sqrt(x); }),
    unary(Op::kSquare, "square", [](double x, double, double) { return x * x; }),
    unary(Op::kAbs, "abs", [](double x, double, double) { return std::fabs(x); }),
    unary(Op::kReciprocal, "reciprocal", [](double x, double, double) { return 1 / x; }),
    unary(Op::kHardSigmoid, "hard_sigmoid", [](double x, double, double) { return clamp01(0.2 * x + 0.5); }),
    unary(Op::kHardSigmoidKeras, "hard_sigmoid_keras",
          [](double x, double, double) { return clamp01(x / 6 + 0.5); }),
    unary(Op::kSoftsign, "softsign", [](double x, double, double) { return x / (1 + std::fabs(x)); }),
    unary(Op::kElu, "elu", [](double x, double, double) { return x > 0 ? x : std::expm1(x); }),
    unary(Op::kIdentity, "identity", [](double x, double, double) { return x; }),
    unary(Op::kStep, "step", [](double x, double, double) { return x > 0 ? 1.0 : 0.0; }),
    unary(Op::kSign, "sign", [](double x, double, double) { return x > 0 ? 1.0 : (x < 0 ? -1.0 : 0.0); }),
    unary(Op::kInRange, "in_range", [](double x, double, double) { return x > 0 && x < 1 ? 1.0 : 0.0; }),

    binary(Op::kAdd, "add", true, [](double a, double b, double) { return a + b; }),
    binary(Op::kSub, "sub", false, [](double a, double b, double) { return a - b; }),
    binary(Op::kMul, "mul", true, [](double a, double b, double) { return a * b; }),
    binary(Op::kDiv, "div", false, [](double a, double b, double) { return a / b; }),
    binary(Op::kMax, "max", false, [](double a, double b, double) { return b > a ? b : a; }),
    binary(Op::kMin, "min", false, [](double a, double b, double) { return b < a ? b : a; }),

    ternary(Op::kSelect, "select", [](double c, double a, double b) { return c != 0 ? a : b; }),

    units(Op::kSum, "sum", 1),
    units(Op::kMean, "mean", 1),
    units(Op::kDot, "dot", 2),
    units(Op::kSoftmax, "softmax", 1),
    units(Op::kLayerNorm, "layernorm", 1),
    units(Op::kRmsNorm, "rmsnorm", 1),
    units(Op::kBroadcast, "broadcast", 1),

    linear(Op::kMatmulTransposed, "matmul_transposed", 1),
    leaf(Op::kAdjointOutput, "adjoint_output"),
    leaf(Op::kAdjointState, "adjoint_state"),
    leaf(Op::kAdjointLoss, "adjoint_loss"),

    unary(Op::kComplement, "complement", [](double a, double, double) { return 1 - a; }),
    unary(Op::kSigmoidSlope, "sigmoid_slope", [](double a, double, double) { return a * (1 - a); }),
    unary(Op::kTanhSlope, "tanh_slope", [](double a, double, double) { return 1 - a * a; }),
    ternary(Op::kMulAdd, "mul_add", [](double a, double b, double c) { return a * b + c; }),
    ternary(Op::kMulSub, "mul_sub", [](double a, double b, double c) { return a * b - c; }),
    ternary(Op::kSubMul, "sub_mul", [](double a, double b, double c) { return c - a * b; }),
    ternary(Op::kMulMul, "mul_mul", [](double a, double b, double c) { return a * b * c; }),
    ternary(Op::kAddMul, "add_mul", [](double a, double b, double c) { return (a + b) * c; }),
    ternary(Op::kAddAdd, "add_add", [](double a, double b, double c) { return a + b + c; }),
    binary(Op::kComplementMul, "complement_mul", false, [](double a, double b, double) { return (1 - a) * b; }),
    ternary(Op::kComplementMulAdd, "complement_mul_add", [](double a, double b, double c) { return (1 - a) * b + c; }),
    binary(Op::kSigmoidBack, "sigmoid_back", false, [](double a, double b, double) { return b * (a * (1 - a)); }),
    binary(Op::kTanhBack, "tanh_back", false, [](double a, double b, double) { return b * (1 - a * a); }),
    ternary(Op::kMulSigmoidBack, "mul_sigmoid_back", [](double a, double b, double c) { return a * b * (c * (1 - c)); }),
    ternary(Op::kMulTanhBack, "mul_tanh_back", [](double a, double b, double c) { return a * b * (1 - c * c); }),
    binary(Op::kMulSigmoid, "mul_sigmoid", false, [](double a, double b, double) { return sigmoid(a) * b; }),
    binary(Op::kMulTanh, "mul_tanh", false, [](double a, double b, double) { return std::tanh(a) * b; }),
    binary(Op::kAddSigmoid, "add_sigmoid", false, [](double a, double b, double) { return sigmoid(a + b); }),
    binary(Op::kAddTanh, "add_tanh", false, [](double a, double b, double) { return std::tanh(a + b); }),
}};

constexpr bool rows_stand_in_order() {
  for (std::size_t i = 0; i < kOpCount; ++i) {
    if (kRows[i].op != static_cast<Op>(i) || kRows[i].name.empty()) return false;
    if ((kRows[i].kind == OpKind::kPointwise) != (kRows[i].scalar != nullptr)) return false;
  }
  return true;
}
static_assert(rows_stand_in_order(), "graph/op_table.cpp needs one row an op, in the order of op.h");

}  // namespace

const OpRow& op_row(Op op) { return kRows[static_cast<std::size_t>(op)]; }

}  // namespace cellwright
