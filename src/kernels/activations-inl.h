// activations-inl.h: exp, log, tanh, sigmoid and what is made of them, a vector at a time.
//
// Start at Activations<T>. Nothing but add, multiply, fused multiply-add, divide and bit moves, so a result
// depends on the element alone and is the same on every target that has fused multiply-add. NaN gives NaN:
// the argument stands second in Min and Max, whose x86 forms return their second operand then (the tests hold
// every target to it). The coefficients are minimax fits by the Remez exchange; the error in a comment is the
// fit's, relative, before rounding.
#include "kernels/simd-inl.h"

#if defined(CELLWRIGHT_KERNELS_ACTIVATIONS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CELLWRIGHT_KERNELS_ACTIVATIONS_INL_H
#undef CELLWRIGHT_KERNELS_ACTIVATIONS_INL_H
#else
#define CELLWRIGHT_KERNELS_ACTIVATIONS_INL_H
#endif

HWY_BEFORE_NAMESPACE();
namespace cellwright::kernels::HWY_NAMESPACE {

/// What differs between float and double: the format's layout, ranges, and the length of the series.
template <class T>
struct Format;

template <>
struct Format<float> {
  using Bits = std::uint32_t;
  static constexpr int kMantissa = 23;
  static constexpr Bits kOne = 0x3F800000, kSqrtHalf = 0x3F3504F3, kMantissaMask = 0x007FFFFF,
                        kTwoToMantissa = 0x4B000000;
  static constexpr float kBias = 127, kInteger = 0x1.8p23f, kSmallest = 0x1p-126f, kLift = 0x1p24f,
                         kLifted = 24;
  static constexpr float kExpLow = -105, kExpHigh = 89.5f;  // exp is 0 below, infinite above
  // ln 2 in two parts; the first has so few bits that its products with exponents are exact.
  static constexpr float kLn2High = 0x1.62e4p-1f, kLn2Low = 0x1.7f7d1cp-20f;
  static constexpr float kExp[] = {0.50000000676819720402f,   0.16666665868937676681f,
                                   0.041666294947556875012f,  0.0083334970746951371447f,
                                   0.0013944659614254989804f, 0.00019790341495094893805f};  // 5e-11
  static constexpr float kLog[] = {0.66666776716582806875f, 0.39977495625360466303f,
                                   0.29873072308992162248f};  // 8e-10
  static constexpr float kLog1p[] = {0.66666675621862584234f, 0.39998877751668209057f,
                                     0.28616884592603437409f, 0.21427659819598831405f,
                                     0.24300928063424783948f};  // 1e-10
};

template <>
struct Format<double> {
  using Bits = std::uint64_t;
  static constexpr int kMantissa = 52;
  static constexpr Bits kOne = 0x3FF0000000000000, kSqrtHalf = 0x3FE6A09E667F3BCD,
                        kMantissaMask = 0x000FFFFFFFFFFFFF, kTwoToMantissa = 0x4330000000000000;
  static constexpr double kBias = 1023, kInteger = 0x1.8p52, kSmallest = 0x1p-1022, kLift = 0x1p54,
                          kLifted = 54;
  static constexpr double kExpLow = -746, kExpHigh = 710.5;
  static constexpr double kLn2High = 0x1.62e42fefa0000p-1, kLn2Low = 0x1.cf79abc9e3b3ap-40;
  static constexpr double kExp[] = {
      0.50000000000000000439,   0.1666666666666668342,    0.041666666666666094271,  0.0083333333333170342707,
      0.0013888888889115630475, 0.0001984126989638379773, 2.4801586926629714549e-5, 2.7557234861919094634e-6,
      2.7557581850622589308e-7, 2.5112036844589647839e-8, 2.0826626457825866863e-9};  // 5e-20
  static constexpr double kLog[] = {0.66666666666667348947, 0.39999999999411096303, 0.28571428743261956464,
                                    0.22222198476053196731, 0.18183569736506415556, 0.15313903328602080421,
                                    0.14797506906957764456};  // 1e-18
  static constexpr double kLog1p[] = {0.66666666666666678319,  0.39999999999993977932, 0.28571428572509983036,
                                      0.22222222125474124286,  0.18181823202760754079, 0.15384451936530516136,
                                      0.13336805744121604724,  0.11715951478897641876, 0.109725614019006394,
                                      0.069942674216639697241, 0.16467601429905875876};  // 4e-20
};

template <class T>
struct Activations {
  using V = Vec<T>;
  using F = Format<T>;
  using BitTag = hn::RebindToUnsigned<Tag<T>>;

  static HWY_INLINE V set(T x) { return hn::Set(Tag<T>(), x); }

  /// c[0] + c[1] y + …
  template <std::size_t n>
  static HWY_INLINE V series(V y, const T (&c)[n]) {
    V sum = set(c[n - 1]);
#pragma GCC unroll 16
    for (std::size_t i = n - 1; i-- > 0;) sum = hn::MulAdd(sum, y, set(c[i]));
    return sum;
  }

  /// NaN stays NaN: of x86's minimum and maximum it is the second operand; ARM's give the number.
  static HWY_INLINE V clamp(V x, T low, T high) {
    const V y = hn::Min(set(high), hn::Max(set(low), x));
#if HWY_ARCH_X86
    return y;
#else
    return hn::IfThenElse(hn::IsNaN(x), x, y);
#endif
  }

  /// 2^n, where `shifted` is n + kInteger + kBias: the sum's low bits are the biased exponent.
  static HWY_INLINE V power(V shifted) {
    return hn::BitCast(Tag<T>(), hn::ShiftLeft<F::kMantissa>(hn::BitCast(BitTag(), shifted)));
  }

  /// x = n ln 2 + high + low, |high + low| <= ln 2 / 2, high exact; exp(high + low) is 1 + high + rest.
  struct Reduced {
    V shifted, high, rest;  // `shifted` is n + kInteger + kBias
  };
  static HWY_INLINE Reduced reduce(V x) {
    const V shift = set(F::kInteger + F::kBias);
    const V shifted = hn::MulAdd(x, set(T(1.442695040888963407)), shift);
    const V n = hn::Sub(shifted, shift);
    const V high = hn::NegMulAdd(n, set(F::kLn2High), x);
    const V low = hn::Mul(n, set(-F::kLn2Low));
    const V r = hn::Add(high, low);
    // No default constructor: on ARM Highway's vectors have one, and gcc would make Reduced's outside the
    // target.
    return {shifted, high, hn::MulAdd(hn::Mul(r, r), series(r, F::kExp), low)};
  }

  static HWY_INLINE V exp(V x) {
    const Reduced y = reduce(clamp(x, F::kExpLow, F::kExpHigh));
    const V p = hn::Add(set(1), hn::Add(y.high, y.rest));
    // In two factors: 2^n alone leaves the format's range at both ends, where the result need not.
    const V shift = set(F::kInteger + F::kBias);
    const V n = hn::Sub(y.shifted, shift);
    const V half = hn::MulAdd(n, set(T(0.5)), shift);
    const V rest = hn::Add(hn::Sub(n, hn::Sub(half, shift)), shift);
    return hn::Mul(hn::Mul(p, power(half)), power(rest));
  }

  /// exp(x) - 1 for x up to 44; infinity stays away.
  static HWY_INLINE V expm1(V x) {
    const Reduced y = reduce(clamp(x, -40, 44));
    const V scale = power(y.shifted);
    // Near 0, where tanh has no error to spare, the inner sum is exact.
    return hn::MulAdd(scale, y.rest, hn::MulAdd(scale, y.high, hn::Sub(scale, set(1))));
  }

  /// log((1+s)/(1-s)) with s = f/(2+f) is log(1+f); it is 2s + s³q(s²), rewritten so that f itself is the
  /// leading term.
  template <std::size_t n>
  static HWY_INLINE V log1p_tail(V f, const T (&c)[n]) {
    const V s = hn::Div(f, hn::Add(set(2), f));
    const V y = hn::Mul(s, s);
    return hn::Mul(s, hn::NegMulAdd(y, series(y, c), f));
  }

  /// log(1 + z) for z in [0, 1], relative to the result.
  static HWY_INLINE V log1p(V z) { return hn::Sub(z, log1p_tail(z, F::kLog1p)); }

  static HWY_INLINE V log(V x) {
    const Tag<T> d;
    const BitTag bits;
    const auto tiny = hn::Lt(x, set(F::kSmallest));
    const V lifted = hn::IfThenElse(tiny, hn::Mul(x, set(F::kLift)), x);
    // x = 2^k (1 + f) with 1 + f in [√½, √2).
    const auto moved = hn::Add(hn::BitCast(bits, lifted), hn::Set(bits, F::kOne - F::kSqrtHalf));
    const auto exponent = hn::Or(hn::ShiftRight<F::kMantissa>(moved), hn::Set(bits, F::kTwoToMantissa));
    const V two_to_mantissa = hn::BitCast(d, hn::Set(bits, F::kTwoToMantissa));
    const V k = hn::Sub(hn::Sub(hn::BitCast(d, exponent), hn::Add(two_to_mantissa, set(F::kBias))),
                        hn::IfThenElseZero(tiny, set(F::kLifted)));
    const auto fraction =
        hn::Add(hn::And(moved, hn::Set(bits, F::kMantissaMask)), hn::Set(bits, F::kSqrtHalf));
    const V f = hn::Sub(hn::BitCast(d, fraction), set(1));
    const V small = hn::Sub(hn::Mul(k, set(F::kLn2Low)), log1p_tail(f, F::kLog));
    V result = hn::Add(hn::Mul(k, set(F::kLn2High)), hn::Add(f, small));
    const V infinity = hn::Inf(d);
    result = hn::IfThenElse(hn::Lt(x, infinity), result, x);
    result = hn::IfThenElse(hn::Eq(x, set(0)), hn::Neg(infinity), result);
    return hn::IfThenElse(hn::Lt(x, set(0)), hn::NaN(d), result);
  }

  /// 1/(1+e^-x) for x >= 0 and e^x/(1+e^x) below: full relative accuracy in both tails.
  static HWY_INLINE V sigmoid(V x) {
    const V z = exp(hn::Neg(hn::Abs(x)));
    return hn::Div(hn::IfThenElse(hn::Lt(x, set(0)), z, set(1)), hn::Add(set(1), z));
  }

  static HWY_INLINE V tanh(V x) {
    const V e = expm1(hn::Mul(set(2), hn::Abs(x)));
    return hn::CopySign(hn::Div(e, hn::Add(e, set(2))), x);
  }

  static HWY_INLINE V positive_part(V x) { return hn::IfThenZeroElse(hn::Lt(x, set(0)), x); }
  static HWY_INLINE V softplus(V x) { return hn::Add(positive_part(x), log1p(exp(hn::Neg(hn::Abs(x))))); }
  static HWY_INLINE V log_sigmoid(V x) { return hn::Neg(softplus(hn::Neg(x))); }
  static HWY_INLINE V elu(V x) { return hn::IfThenElse(hn::Lt(x, set(0)), expm1(x), x); }

  /// tanh by one odd rational function, within 4e-7 and exactly ±1 from 9 on: its last coefficient is raised
  /// a little, so that it passes 1 there whatever the rounding. Double has no use for less than full
  /// accuracy.
  static HWY_INLINE V tanh_fast(V x) {
    if constexpr (sizeof(T) == 8) {
      return tanh(x);
    } else {
      constexpr T kUpper[] = {0.999999979454f, 0.13381023925f, 0.00349558609358f, 2.0609048554e-5f,
                              1.33550e-8f};  // 2e-8
      constexpr T kLower[] = {1.0f, 0.467143395173f, 0.0258769744612f, 0.00032856314829f, 7.77653900538e-7f};
      const V z = clamp(x, -9, 9);
      const V y = hn::Mul(z, z);
      return clamp(hn::Div(hn::Mul(z, series(y, kUpper)), series(y, kLower)), -1, 1);
    }
  }

  static HWY_INLINE V sigmoid_fast(V x) {
    if constexpr (sizeof(T) == 8) {
      return sigmoid(x);
    } else {
      return hn::MulAdd(set(0.5f), tanh_fast(hn::Mul(set(0.5f), x)), set(0.5f));
    }
  }
};

}  // namespace cellwright::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
