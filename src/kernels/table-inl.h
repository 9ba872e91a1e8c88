// table-inl.h: the table of one SIMD target, a row an op. Start at simd_kernels().
#include "kernels/simd-inl.h"

#if defined(CELLWRIGHT_KERNELS_TABLE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CELLWRIGHT_KERNELS_TABLE_INL_H
#undef CELLWRIGHT_KERNELS_TABLE_INL_H
#else
#define CELLWRIGHT_KERNELS_TABLE_INL_H
#endif

#include "kernels/pack-inl.h"
#include "kernels/pointwise-inl.h"
#include "kernels/product-inl.h"
#include "kernels/recurrence-inl.h"
#include "kernels/softmax-inl.h"
#include "kernels/step_product-inl.h"
#include "kernels/weight_gradient-inl.h"

HWY_BEFORE_NAMESPACE();
namespace cellwright::kernels::HWY_NAMESPACE {

template <class T, class F, class Fast = F>
constexpr TileRow<T> one(Op op) {
  return {op, unary<T, Fast>, unary<T, F>};
}
template <class T, class F, class Fast = F>
constexpr TileRow<T> two(Op op) {
  return {op, binary<T, Fast>, binary<T, F>};
}
template <class T, class F>
constexpr TileRow<T> three(Op op) {
  return {op, ternary<T, F>, ternary<T, F>};
}
template <class T>
constexpr TileRow<T> same(Op op, TileFunction<T> f) {
  return {op, f, f};
}

template <class T>
constexpr TileRow<T> kRows[] = {
    {Op::kInput, nullptr, nullptr},
    {Op::kPrevious, nullptr, nullptr},
    {Op::kParameter, nullptr, nullptr},
    {Op::kConstant, nullptr, nullptr},
    {Op::kNormal, nullptr, nullptr},
    {Op::kClock, nullptr, nullptr},
    {Op::kDropMask, nullptr, nullptr},
    {Op::kStepMask, nullptr, nullptr},
    {Op::kConcat, nullptr, nullptr},
    {Op::kSlice, nullptr, nullptr},
    {Op::kMatmul, nullptr, nullptr},
    one<T, Negate>(Op::kNegate),
    one<T, Sigmoid, SigmoidFast>(Op::kSigmoid),
    one<T, Tanh, TanhFast>(Op::kTanh),
    one<T, Relu>(Op::kRelu),
    one<T, Exp>(Op::kExp),
    one<T, Log>(Op::kLog),
    one<T, LogSigmoid>(Op::kLogSigmoid),
    one<T, Softplus>(Op::kSoftplus),
    one<T, Sqrt>(Op::kSqrt),
    one<T, Square>(Op::kSquare),
    one<T, Absolute>(Op::kAbs),
    one<T, Reciprocal>(Op::kReciprocal),
    one<T, HardSigmoid>(Op::kHardSigmoid),
    one<T, HardSigmoidKeras>(Op::kHardSigmoidKeras),
    one<T, Softsign>(Op::kSoftsign),
    one<T, Elu>(Op::kElu),
    one<T, Identity>(Op::kIdentity),
    one<T, Step>(Op::kStep),
    one<T, Sign>(Op::kSign),
    one<T, InRange>(Op::kInRange),
    two<T, Plus>(Op::kAdd),
    two<T, Minus>(Op::kSub),
    two<T, Times>(Op::kMul),
    two<T, Over>(Op::kDiv),
    two<T, Larger>(Op::kMax),
    two<T, Smaller>(Op::kMin),
    three<T, Select>(Op::kSelect),
    same<T>(Op::kSum, sum<T>),
    {Op::kMean, nullptr,
     nullptr},  // kMean, kDot, kLayerNorm, kRmsNorm: canonical graphs hold their parts instead
    {Op::kDot, nullptr, nullptr},
    same<T>(Op::kSoftmax, softmax<T>),
    {Op::kLayerNorm, nullptr, nullptr},
    {Op::kRmsNorm, nullptr, nullptr},
    same<T>(Op::kBroadcast, broadcast<T>),
    {Op::kMatmulTransposed, nullptr, nullptr},
    {Op::kAdjointOutput, nullptr, nullptr},
    {Op::kAdjointState, nullptr, nullptr},
    {Op::kAdjointLoss, nullptr, nullptr},
    one<T, Complement>(Op::kComplement),
    one<T, SigmoidSlope>(Op::kSigmoidSlope),
    one<T, TanhSlope>(Op::kTanhSlope),
    three<T, MulAdd>(Op::kMulAdd),
    three<T, MulSub>(Op::kMulSub),
    three<T, SubMul>(Op::kSubMul),
    three<T, MulMul>(Op::kMulMul),
    three<T, AddMul>(Op::kAddMul),
    three<T, AddAdd>(Op::kAddAdd),
    two<T, ComplementMul>(Op::kComplementMul),
    three<T, ComplementMulAdd>(Op::kComplementMulAdd),
    two<T, SigmoidBack>(Op::kSigmoidBack),
    two<T, TanhBack>(Op::kTanhBack),
    three<T, MulSigmoidBack>(Op::kMulSigmoidBack),
    three<T, MulTanhBack>(Op::kMulTanhBack),
    two<T, MulSigmoid, MulSigmoidFast>(Op::kMulSigmoid),
    two<T, MulTanh, MulTanhFast>(Op::kMulTanh),
    two<T, AddSigmoid, AddSigmoidFast>(Op::kAddSigmoid),
    two<T, AddTanh, AddTanhFast>(Op::kAddTanh),
};
static_assert(lists_every_op(kRows<float>) && lists_every_op(kRows<double>),
              "a row an op, in the order of op.h");

/// The table as a constant, so that no code of this target runs before it is known to be supported.
template <class T>
constexpr Kernels<T> simd_kernels(const char* name) {
  Kernels<T> k;
  k.target = name;
  k.product = product<T>;
  k.loop_product = loop_product<T>;
  k.step_product = step_product<T>;
  k.weight_gradient = weight_gradient<T>;
  k.row_sum = row_sum<T>;
  k.pack_transpose = pack_transpose<T>;
  k.recurrence = recurrence<T>;
  k.recurrence_summary = recurrence_summary<T>;
  for (const TileRow<T>& row : kRows<T>) {
    k.tile[static_cast<std::size_t>(row.op)] = row.fast;
    k.tile_accurate[static_cast<std::size_t>(row.op)] = row.accurate;
  }
  k.softmax_stretch = softmax_stretch<T>;
  k.softmax_join = softmax_join<T>;
  k.softmax_gradient = softmax_gradient<T>;
  k.sum_of_squares = sum_of_squares<T>;
  return k;
}

}  // namespace cellwright::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
