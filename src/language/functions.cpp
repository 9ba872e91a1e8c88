// functions.cpp: the table, one row an op in the order of op.h, and what is searched in it.
#include "language/functions.h"

#include <algorithm>
#include <array>

namespace cellwright::syntax {
namespace {

constexpr std::array<OpSpelling, kOpCount> kSpellings = {{
    {Op::kInput, "", "", "", 0},
    {Op::kPrevious, "", "", "", 0},
    {Op::kParameter, "", "", "", 0},
    {Op::kConstant, "", "", "", 0},
    {Op::kNormal, "", "", "", 0},
    {Op::kClock, "", "", "", 0},
    {Op::kDropMask, "", "", "", 0},
    {Op::kStepMask, "", "", "", 0},
    {Op::kConcat, "", "", "", 0},
    {Op::kSlice, "", "", "", 0},
    {Op::kMatmul, "", "", "\\cdot", 0},
    {Op::kNegate, "", "", "-", 0},
    {Op::kSigmoid, "sigmoid", "σ", "\\sigma", 1},
    {Op::kTanh, "tanh", "", "\\tanh", 1},
    {Op::kRelu, "relu", "", "\\mathrm{ReLU}", 1},
    {Op::kExp, "exp", "", "\\exp", 1},
    {Op::kLog, "log", "", "\\log", 1},
    {Op::kLogSigmoid, "log_sigmoid", "", "\\log\\, \\sigma", 1},
    {Op::kSoftplus, "softplus", "", "", 1},
    {Op::kSqrt, "sqrt", "", "\\sqrt", 1},
    {Op::kSquare, "square", "", "", 1},
    {Op::kAbs, "abs", "", "", 1},
    {Op::kReciprocal, "reciprocal", "", "", 1},
    {Op::kHardSigmoid, "hard_sigmoid", "", "\\sigma_{\\mathrm{hard}}", 1},
    {Op::kHardSigmoidKeras, "hard_sigmoid_keras", "", "\\sigma_{\\mathrm{hard,Keras}}", 1},
    {Op::kSoftsign, "softsign", "", "", 1},
    {Op::kElu, "elu", "", "\\mathrm{ELU}", 1},
    {Op::kIdentity, "identity", "", "\\mathrm{id}", 1},
    {Op::kStep, "", "", "", 0},
    {Op::kSign, "", "", "", 0},
    {Op::kInRange, "", "", "", 0},
    {Op::kAdd, "", "", "+", 0},
    {Op::kSub, "", "", "-", 0},
    {Op::kMul, "", "", "\\odot", 0},
    {Op::kDiv, "", "", "\\frac", 0},
    {Op::kMax, "max", "", "\\max", 2},
    {Op::kMin, "min", "", "\\min", 2},
    {Op::kSelect, "", "", "", 0},
    {Op::kSum, "sum", "", "", 1},
    {Op::kMean, "mean", "", "", 1},
    {Op::kDot, "dot", "", "", 2},
    {Op::kSoftmax, "softmax", "", "", 1},
    {Op::kLayerNorm, "layernorm", "", "\\mathrm{LayerNorm}", 1},
    {Op::kRmsNorm, "rmsnorm", "", "\\mathrm{RMSNorm}", 1},
    {Op::kBroadcast, "", "", "", 0},
    {Op::kMatmulTransposed, "", "", "", 0},
    {Op::kAdjointOutput, "", "", "", 0},
    {Op::kAdjointState, "", "", "", 0},
    {Op::kAdjointLoss, "", "", "", 0},
    {Op::kComplement, "", "", "", 0},
    {Op::kSigmoidSlope, "", "", "", 0},
    {Op::kTanhSlope, "", "", "", 0},
    {Op::kMulAdd, "", "", "", 0},
    {Op::kMulSub, "", "", "", 0},
    {Op::kSubMul, "", "", "", 0},
    {Op::kMulMul, "", "", "", 0},
    {Op::kAddMul, "", "", "", 0},
    {Op::kAddAdd, "", "", "", 0},
    {Op::kComplementMul, "", "", "", 0},
    {Op::kComplementMulAdd, "", "", "", 0},
    {Op::kSigmoidBack, "", "", "", 0},
    {Op::kTanhBack, "", "", "", 0},
    {Op::kMulSigmoidBack, "", "", "", 0},
    {Op::kMulTanhBack, "", "", "", 0},
    {Op::kMulSigmoid, "", "", "", 0},
    {Op::kMulTanh, "", "", "", 0},
    {Op::kAddSigmoid, "", "", "", 0},
    {Op::kAddTanh, "", "", "", 0},
}};

// Rows stand where their op says, so that a new op without a row here does not compile.
constexpr bool rows_in_order() {
  for (std::size_t i = 0; i < kOpCount; ++i) {
    if (static_cast<std::size_t>(kSpellings[i].op) != i) return false;
  }
  return true;
}
static_assert(rows_in_order());

constexpr std::array<std::string_view, 15> kKeywords = {"cell", "language", "param", "const",      "option",
                                                        "size", "start",    "init",  "where",      "share",
                                                        "zone", "loss",     "when",  "generating", "t"};

std::vector<Function> make_functions() {
  using Kind = Function::Kind;
  std::vector<Function> all;
  for (const OpSpelling& row : kSpellings) {
    if (row.name.empty()) continue;
    const bool over_units = row.op >= Op::kSum && row.op <= Op::kRmsNorm;
    all.push_back({over_units ? Kind::kOverUnits : Kind::kPointwise, row.name, row.unicode, row.latex,
                   row.arity, row.op});
  }
  all.push_back({Kind::kSplit, "split", "", "", 1, Op::kSlice});
  all.push_back({Kind::kEvery, "every", "", "", 3, Op::kSelect});
  all.push_back({Kind::kNormal, "normal", "", "\\mathcal{N}", 0, Op::kNormal});
  all.push_back({Kind::kBernoulli, "bernoulli", "", "\\mathrm{Bernoulli}", 1, Op::kConstant});
  return all;
}

const std::vector<Function>& functions() {
  static const std::vector<Function> all = make_functions();
  return all;
}

}  // namespace

const OpSpelling& op_spelling(Op op) { return kSpellings[static_cast<std::size_t>(op)]; }

const Function* find_function(std::string_view name) {
  for (const Function& f : functions()) {
    if (f.name == name || (!f.unicode.empty() && f.unicode == name)) return &f;
  }
  return nullptr;
}

std::vector<std::string> function_names() {
  std::vector<std::string> names;
  for (const Function& f : functions()) names.emplace_back(f.name);
  return names;
}

bool is_keyword(std::string_view word) {
  return std::find(kKeywords.begin(), kKeywords.end(), word) != kKeywords.end();
}

bool is_reserved(std::string_view name) { return is_keyword(name) || find_function(name) != nullptr; }

}  // namespace cellwright::syntax
