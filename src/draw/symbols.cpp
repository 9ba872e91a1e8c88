#include "draw/symbols.h"

#include <fmt/format.h>

#include <array>

#include "language/functions.h"

namespace cellwright::draw {
namespace {

constexpr std::array<OpSymbol, kOpCount> kSymbols = {{
    {Op::kInput, Look::kNone, ""},
    {Op::kPrevious, Look::kNone, ""},
    {Op::kParameter, Look::kNone, ""},
    {Op::kConstant, Look::kNone, ""},
    {Op::kNormal, Look::kVector, "N(0, 1)"},
    {Op::kClock, Look::kVector, "clock"},
    {Op::kDropMask, Look::kVector, "mask"},
    {Op::kStepMask, Look::kVector, "step mask"},
    {Op::kConcat, Look::kNone, ""},
    {Op::kSlice, Look::kVector, "part"},
    {Op::kMatmul, Look::kNone, ""},
    {Op::kNegate, Look::kRound, "−1×"},
    {Op::kSigmoid, Look::kRound, "σ"},
    {Op::kTanh, Look::kRound, "tanh"},
    {Op::kRelu, Look::kRound, "relu"},
    {Op::kExp, Look::kRound, "exp"},
    {Op::kLog, Look::kRound, "log"},
    {Op::kLogSigmoid, Look::kRound, "log σ"},
    {Op::kSoftplus, Look::kRound, "softplus"},
    {Op::kSqrt, Look::kRound, "√"},
    {Op::kSquare, Look::kRound, "( )²"},
    {Op::kAbs, Look::kRound, "| |"},
    {Op::kReciprocal, Look::kRound, "1÷"},
    {Op::kHardSigmoid, Look::kRound, "hard σ"},
    {Op::kHardSigmoidKeras, Look::kRound, "hard σ (Keras)"},
    {Op::kSoftsign, Look::kRound, "softsign"},
    {Op::kElu, Look::kRound, "elu"},
    {Op::kIdentity, Look::kNone, ""},
    {Op::kStep, Look::kRound, "step"},
    {Op::kSign, Look::kRound, "sign"},
    {Op::kInRange, Look::kRound, "in 0…1"},
    {Op::kAdd, Look::kRound, "+"},
    {Op::kSub, Look::kRound, "−"},
    {Op::kMul, Look::kRound, "×"},
    {Op::kDiv, Look::kRound, "÷"},
    {Op::kMax, Look::kRound, "max"},
    {Op::kMin, Look::kRound, "min"},
    {Op::kSelect, Look::kVector, "select"},
    {Op::kSum, Look::kVector, "sum"},
    {Op::kMean, Look::kVector, "mean"},
    {Op::kDot, Look::kVector, "dot"},
    {Op::kSoftmax, Look::kVector, "softmax"},
    {Op::kLayerNorm, Look::kVector, "layer norm"},
    {Op::kRmsNorm, Look::kVector, "rms norm"},
    {Op::kBroadcast, Look::kNone, ""},
    {Op::kMatmulTransposed, Look::kVector, "transposed"},
    {Op::kAdjointOutput, Look::kVector, "∂ output"},
    {Op::kAdjointState, Look::kVector, "∂ state"},
    {Op::kAdjointLoss, Look::kVector, "∂ loss"},
    {Op::kComplement, Look::kNone, ""},
    {Op::kSigmoidSlope, Look::kNone, ""},
    {Op::kTanhSlope, Look::kNone, ""},
    {Op::kMulAdd, Look::kNone, ""},
    {Op::kMulSub, Look::kNone, ""},
    {Op::kSubMul, Look::kNone, ""},
    {Op::kMulMul, Look::kNone, ""},
    {Op::kAddMul, Look::kNone, ""},
    {Op::kAddAdd, Look::kNone, ""},
    {Op::kComplementMul, Look::kNone, ""},
    {Op::kComplementMulAdd, Look::kNone, ""},
    {Op::kSigmoidBack, Look::kNone, ""},
    {Op::kTanhBack, Look::kNone, ""},
    {Op::kMulSigmoidBack, Look::kNone, ""},
    {Op::kMulTanhBack, Look::kNone, ""},
    {Op::kMulSigmoid, Look::kNone, ""},
    {Op::kMulTanh, Look::kNone, ""},
    {Op::kAddSigmoid, Look::kNone, ""},
    {Op::kAddTanh, Look::kNone, ""},
}};

constexpr bool rows_in_order() {
  for (std::size_t i = 0; i < kOpCount; ++i) {
    if (static_cast<std::size_t>(kSymbols[i].op) != i) return false;
  }
  return true;
}
static_assert(rows_in_order());

constexpr std::size_t kLongest = 600;  // bytes; a title is read by people

/// Strength of the binding: a part weaker than its place stands in parentheses.
int strength(Op op) {
  return op == Op::kAdd || op == Op::kSub   ? 1
         : op == Op::kMul || op == Op::kDiv ? 2
         : op == Op::kNegate                ? 2
                                            : 4;
}

std::string written(const Graph& g, NodeId id, bool open, int least, int depth);

std::string inputs(const Graph& g, const Node& n, std::size_t from, int depth) {
  std::string out;
  for (std::size_t i = from; i < n.inputs.size() && out.size() < kLongest; ++i)
    out += (out.empty() ? "" : ", ") + written(g, n.inputs[i], false, 0, depth);
  return out;
}

std::string in_full(const Graph& g, const Node& n, int depth) {
  const auto arg = [&](std::size_t i, int least) { return written(g, n.inputs[i], false, least, depth); };
  const syntax::OpSpelling& spelling = syntax::op_spelling(n.op);
  switch (n.op) {
    case Op::kInput:
      return g.inputs[static_cast<std::size_t>(n.index)].name;
    case Op::kPrevious: {
      const std::string& name = g.states[static_cast<std::size_t>(n.index)].name;
      const std::size_t at = name.find("[t-");
      return at == std::string::npos
                 ? name + "[t-1]"
                 : fmt::format("{}[t-{}]", name.substr(0, at), std::stoi(name.substr(at + 3)));
    }
    case Op::kParameter:
      return g.parameters[static_cast<std::size_t>(n.index)].name;
    case Op::kConstant: {
      std::string out;
      for (std::size_t i = 0; i < n.values.size() && i < 8; ++i)
        out += (i > 0 ? ", " : "") + fmt::format("{}", n.values[i]);
      return n.values.size() > 8 ? out + ", …" : out;
    }
    case Op::kMatmul: {
      const std::string inner = arg(0, 4);
      return g.parameters[static_cast<std::size_t>(n.index)].name + "·" + inner;
    }
    case Op::kConcat:
      return "[" + inputs(g, n, 0, depth) + "]";
    case Op::kSlice: {
      const int whole = g[n.inputs[0]].size;
      return whole % n.size == 0 && n.offset % n.size == 0
                 ? fmt::format("part {} of {} of ({})", n.offset / n.size + 1, whole / n.size, arg(0, 0))
                 : fmt::format("units {}…{} of ({})", n.offset + 1, n.offset + n.size, arg(0, 0));
    }
    case Op::kIdentity:
    case Op::kBroadcast:
      return arg(0, 0);
    case Op::kNegate:
      return "-" + arg(0, 3);
    case Op::kAdd:
      return arg(0, 1) + " + " + arg(1, 1);
    case Op::kSub:
      return arg(0, 1) + " - " + arg(1, 2);
    case Op::kMul:
      return arg(0, 2) + " ⊙ " + arg(1, 2);
    case Op::kDiv:
      return arg(0, 2) + " / " + arg(1, 3);
    case Op::kSelect:
      return "every(" + inputs(g, n, 0, depth) + ")";
    default:
      break;
  }
  const std::string_view name = !spelling.unicode.empty() ? spelling.unicode
                                : !spelling.name.empty()  ? spelling.name
                                                          : op_symbol(n.op).sign;
  return std::string(name) + "(" + inputs(g, n, 0, depth) + ")";
}

std::string written(const Graph& g, NodeId id, bool open, int least, int depth) {
  const Node& n = g[id];
  if (!open && !n.name.empty() && n.op != Op::kNormal) return n.name;
  if (depth > 40) return "…";
  const std::string text = in_full(g, n, depth + 1);
  if (text.size() > kLongest) return "…";
  const bool leaf = n.inputs.empty() && !(n.op == Op::kConstant && text[0] == '-');
  return !leaf && strength(n.op) < least ? "(" + text + ")" : text;
}

}  // namespace

const OpSymbol& op_symbol(Op op) { return kSymbols[static_cast<std::size_t>(op)]; }

std::string equation(const Graph& graph, NodeId id) { return written(graph, id, true, 0, 0); }
std::string short_number(double value) { return fmt::format("{:.4g}", value); }

std::string called(const Graph& graph, NodeId id) { return written(graph, id, false, 0, 0); }

}  // namespace cellwright::draw
