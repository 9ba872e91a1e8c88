// op.h: the one list of operations. Everything a cell can compute, forward and backward, is one of these.
//
// Each room that needs to know something about an op keeps a table with one row an op, in its own folder, and a
// static_assert on kOpCount: graph/ (arity and size rule, scalar evaluation, derivative), kernels/ (SIMD loop), language/
// (spelling). A new op is one row in each table and one kernel; a new cell needs no code at all.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cellwright {

enum class Op : std::uint8_t {
  // Leaves: values that come from outside the step.
  kInput,      // port `index` at step t                                                  [size of the port]
  kPrevious,   // state `index` at step t-1                                               [size of the state]
  kParameter,  // entries [offset, offset+size) of vector parameter `index`               [size]
  kConstant,   // `values`: one number (a scalar) or one a unit
  kNormal,     // standard normal noise, keyed by the node's name                         [size]
  kClock,      // 1 where the unit's clock is due at step t, else 0; periods in `values`  [size]
  kDropMask,   // a random mask, keyed by the node's name: `values` = {chance to keep, what a kept unit gets}, 0 else;
               // `index` 0: drawn anew at each step, 1: once for the whole sequence          [size]
  kStepMask,   // 1 where step t of the lane counts, 0 where it is padding; comes with the batch  [size]

  // Linear.
  kConcat,  // the inputs one after the other
  kSlice,   // entries [offset, offset+size) of the input
  kMatmul,  // rows [row, row+size) and columns [column, column+size of input) of matrix parameter `index`, times the input

  // Pointwise, one operand.
  kNegate,
  kSigmoid,
  kTanh,
  kRelu,
  kExp,
  kLog,
  kLogSigmoid,
  kSoftplus,
  kSqrt,
  kSquare,
  kAbs,
  kReciprocal,
  kHardSigmoid,       // ONNX: max(0, min(1, 0.2 x + 0.5))
  kHardSigmoidKeras,  // Keras 3: max(0, min(1, x/6 + 0.5))
  kSoftsign,
  kElu,       // alpha = 1
  kIdentity,  // a second name for a value
  kStep,      // 1 where x > 0, else 0: derivative of relu; of max and min through a difference
  kSign,      // -1, 0, 1: derivative of abs
  kInRange,   // 1 where 0 < x < 1, else 0: derivative of the hard sigmoids, applied to their value

  // Pointwise, two operands of equal size (or one of them a scalar, until canonicalize() writes the broadcast out).
  kAdd,
  kSub,
  kMul,
  kDiv,
  kMax,
  kMin,

  // Pointwise, three operands: inputs[0] != 0 ? inputs[1] : inputs[2].
  kSelect,

  // Over the units of one vector.
  kSum,        // [n] -> scalar
  kMean,       // [n] -> scalar
  kDot,        // [n], [n] -> scalar
  kSoftmax,    // [n] -> [n]
  kLayerNorm,  // [n] -> [n]: (x - mean) / sqrt(variance + 1e-5), no gain
  kRmsNorm,    // [n] -> [n]: x / sqrt(mean(x²) + 1e-5), no gain
  kBroadcast,  // scalar -> [size]

  // Only in backward graphs.
  kMatmulTransposed,  // transpose of the block [row, row+size of input) × [column, column+size) of matrix parameter `index`, times the input
  kAdjointOutput,     // gradient of the objective with respect to output port `index`, given from above
  kAdjointState,      // gradient that reaches state `index` at step t from step t+1
  kAdjointLoss,       // gradient of the objective with respect to loss `index` at step t (a scalar)

  // Only in pointwise programs: several of the above in one pass over the numbers, each rounded by itself, so with the same
  // bits (compile/fuse_tiles.h). a, b, c are the operands in their order.
  kComplement,         // 1 - a
  kSigmoidSlope,       // a·(1 - a)
  kTanhSlope,          // 1 - a²
  kMulAdd,             // a·b + c
  kMulSub,             // a·b - c
  kSubMul,             // c - a·b
  kMulMul,             // (a·b)·c
  kAddMul,             // (a + b)·c
  kAddAdd,             // (a + b) + c
  kComplementMul,      // (1 - a)·b
  kComplementMulAdd,   // (1 - a)·b + c
  kSigmoidBack,        // b·(a·(1 - a))
  kTanhBack,           // b·(1 - a²)
  kMulSigmoidBack,     // (a·b)·(c·(1 - c))
  kMulTanhBack,        // (a·b)·(1 - c²)
  kMulSigmoid,         // σ(a)·b
  kMulTanh,            // tanh(a)·b
  kAddSigmoid,         // σ(a + b)
  kAddTanh,            // tanh(a + b)
};

inline constexpr std::size_t kOpCount = static_cast<std::size_t>(Op::kAddTanh) + 1;

}  // namespace cellwright
