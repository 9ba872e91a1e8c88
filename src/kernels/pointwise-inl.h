// pointwise-inl.h: the loop over a tile for each pointwise op.
//
// Start at unary(), binary(), ternary(): whole vectors, then one partial vector through the same code. Below
// them one line an op.
#include "kernels/simd-inl.h"

#if defined(CELLWRIGHT_KERNELS_POINTWISE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CELLWRIGHT_KERNELS_POINTWISE_INL_H
#undef CELLWRIGHT_KERNELS_POINTWISE_INL_H
#else
#define CELLWRIGHT_KERNELS_POINTWISE_INL_H
#endif

#include "kernels/activations-inl.h"

HWY_BEFORE_NAMESPACE();
namespace cellwright::kernels::HWY_NAMESPACE {

template <class T, class F>
void unary(T* out, const T* a, const T*, const T*, std::size_t n) {
  const Tag<T> d;
  constexpr std::size_t kStep = kLanes<T>;
  std::size_t i = 0;
  for (; i + kStep <= n; i += kStep) hn::StoreU(F::template of<T>(hn::LoadU(d, a + i)), d, out + i);
  if (i < n) store_n(F::template of<T>(load_n(a + i, n - i)), out + i, n - i);
}

template <class T, class F>
void binary(T* out, const T* a, const T* b, const T*, std::size_t n) {
  const Tag<T> d;
  constexpr std::size_t kStep = kLanes<T>;
  std::size_t i = 0;
  for (; i + kStep <= n; i += kStep)
    hn::StoreU(F::template of<T>(hn::LoadU(d, a + i), hn::LoadU(d, b + i)), d, out + i);
  if (i < n) store_n(F::template of<T>(load_n(a + i, n - i), load_n(b + i, n - i)), out + i, n - i);
}

template <class T, class F>
void ternary(T* out, const T* a, const T* b, const T* c, std::size_t n) {
  const Tag<T> d;
  constexpr std::size_t kStep = kLanes<T>;
  std::size_t i = 0;
  for (; i + kStep <= n; i += kStep) {
    hn::StoreU(F::template of<T>(hn::LoadU(d, a + i), hn::LoadU(d, b + i), hn::LoadU(d, c + i)), d, out + i);
  }
  if (i < n) {
    store_n(F::template of<T>(load_n(a + i, n - i), load_n(b + i, n - i), load_n(c + i, n - i)), out + i,
            n - i);
  }
}

template <class T>
void broadcast(T* out, const T* a, const T*, const T*, std::size_t n) {
  const Tag<T> d;
  constexpr std::size_t kStep = kLanes<T>;
  const Vec<T> x = hn::Set(d, a[0]);
  std::size_t i = 0;
  for (; i + kStep <= n; i += kStep) hn::StoreU(x, d, out + i);
  if (i < n) store_n(x, out + i, n - i);
}

/// v where the mask holds, else 0.
template <class T, class Mask>
HWY_INLINE Vec<T> one_where(Mask mask) {
  return hn::IfThenElseZero(mask, hn::Set(Tag<T>(), T(1)));
}

template <class T>
HWY_INLINE Vec<T> number(double x) {
  return hn::Set(Tag<T>(), static_cast<T>(x));
}

// One line an op: CELLWRIGHT_UNARY(name, value of x). Products and sums are not fused here, so these agree on
// every target.
#define CELLWRIGHT_UNARY(name, ...)         \
  struct name {                             \
    template <class T>                      \
    static HWY_INLINE Vec<T> of(Vec<T> x) { \
      return __VA_ARGS__;                   \
    }                                       \
  };
#define CELLWRIGHT_BINARY(name, ...)                  \
  struct name {                                       \
    template <class T>                                \
    static HWY_INLINE Vec<T> of(Vec<T> a, Vec<T> b) { \
      return __VA_ARGS__;                             \
    }                                                 \
  };

CELLWRIGHT_UNARY(Negate, hn::Neg(x))
CELLWRIGHT_UNARY(Sigmoid, Activations<T>::sigmoid(x))
CELLWRIGHT_UNARY(SigmoidFast, Activations<T>::sigmoid_fast(x))
CELLWRIGHT_UNARY(Tanh, Activations<T>::tanh(x))
CELLWRIGHT_UNARY(TanhFast, Activations<T>::tanh_fast(x))
CELLWRIGHT_UNARY(Relu, Activations<T>::positive_part(x))
CELLWRIGHT_UNARY(Exp, Activations<T>::exp(x))
CELLWRIGHT_UNARY(Log, Activations<T>::log(x))
CELLWRIGHT_UNARY(LogSigmoid, Activations<T>::log_sigmoid(x))
CELLWRIGHT_UNARY(Softplus, Activations<T>::softplus(x))
CELLWRIGHT_UNARY(Sqrt, hn::Sqrt(x))
CELLWRIGHT_UNARY(Square, hn::Mul(x, x))
CELLWRIGHT_UNARY(Absolute, hn::Abs(x))
CELLWRIGHT_UNARY(Reciprocal, hn::Div(number<T>(1), x))
CELLWRIGHT_UNARY(HardSigmoid,
                 Activations<T>::clamp(hn::Add(hn::Mul(x, number<T>(0.2)), number<T>(0.5)), 0, 1))
CELLWRIGHT_UNARY(HardSigmoidKeras,
                 Activations<T>::clamp(hn::Add(hn::Mul(x, number<T>(1.0 / 6.0)), number<T>(0.5)), 0, 1))
CELLWRIGHT_UNARY(Elu, Activations<T>::elu(x))
CELLWRIGHT_UNARY(Identity, x)
CELLWRIGHT_UNARY(Step, one_where<T>(hn::Gt(x, number<T>(0))))
CELLWRIGHT_UNARY(Sign, hn::Sub(one_where<T>(hn::Gt(x, number<T>(0))), one_where<T>(hn::Lt(x, number<T>(0)))))
CELLWRIGHT_UNARY(InRange, one_where<T>(hn::And(hn::Gt(x, number<T>(0)), hn::Lt(x, number<T>(1)))))
CELLWRIGHT_BINARY(Plus, hn::Add(a, b))
CELLWRIGHT_BINARY(Minus, hn::Sub(a, b))
CELLWRIGHT_BINARY(Times, hn::Mul(a, b))
CELLWRIGHT_BINARY(Over, hn::Div(a, b))
CELLWRIGHT_BINARY(Larger, hn::IfThenElse(hn::Or(hn::Gt(a, b), hn::IsNaN(a)), a, b))
CELLWRIGHT_BINARY(Smaller, hn::IfThenElse(hn::Or(hn::Lt(a, b), hn::IsNaN(a)), a, b))

// Several in one pass: each rounded by itself, as in passes of their own.
template <class T>
HWY_INLINE Vec<T> complement(Vec<T> a) {
  return hn::Sub(number<T>(1), a);
}
template <class T>
HWY_INLINE Vec<T> sigmoid_slope(Vec<T> a) {
  return hn::Mul(a, complement<T>(a));
}
template <class T>
HWY_INLINE Vec<T> tanh_slope(Vec<T> a) {
  return complement<T>(hn::Mul(a, a));
}
#define CELLWRIGHT_TERNARY(name, ...)                           \
  struct name {                                                 \
    template <class T>                                          \
    static HWY_INLINE Vec<T> of(Vec<T> a, Vec<T> b, Vec<T> c) { \
      return __VA_ARGS__;                                       \
    }                                                           \
  };
CELLWRIGHT_UNARY(Complement, complement<T>(x))
CELLWRIGHT_UNARY(SigmoidSlope, sigmoid_slope<T>(x))
CELLWRIGHT_UNARY(TanhSlope, tanh_slope<T>(x))
CELLWRIGHT_TERNARY(MulAdd, hn::Add(hn::Mul(a, b), c))
CELLWRIGHT_TERNARY(MulSub, hn::Sub(hn::Mul(a, b), c))
CELLWRIGHT_TERNARY(SubMul, hn::Sub(c, hn::Mul(a, b)))
CELLWRIGHT_TERNARY(MulMul, hn::Mul(hn::Mul(a, b), c))
CELLWRIGHT_TERNARY(AddMul, hn::Mul(hn::Add(a, b), c))
CELLWRIGHT_TERNARY(AddAdd, hn::Add(hn::Add(a, b), c))
CELLWRIGHT_BINARY(ComplementMul, hn::Mul(complement<T>(a), b))
CELLWRIGHT_TERNARY(ComplementMulAdd, hn::Add(hn::Mul(complement<T>(a), b), c))
CELLWRIGHT_BINARY(SigmoidBack, hn::Mul(b, sigmoid_slope<T>(a)))
CELLWRIGHT_BINARY(TanhBack, hn::Mul(b, tanh_slope<T>(a)))
CELLWRIGHT_TERNARY(MulSigmoidBack, hn::Mul(hn::Mul(a, b), sigmoid_slope<T>(c)))
CELLWRIGHT_TERNARY(MulTanhBack, hn::Mul(hn::Mul(a, b), tanh_slope<T>(c)))
CELLWRIGHT_BINARY(MulSigmoid, hn::Mul(Activations<T>::sigmoid(a), b))
CELLWRIGHT_BINARY(MulSigmoidFast, hn::Mul(Activations<T>::sigmoid_fast(a), b))
CELLWRIGHT_BINARY(MulTanh, hn::Mul(Activations<T>::tanh(a), b))
CELLWRIGHT_BINARY(MulTanhFast, hn::Mul(Activations<T>::tanh_fast(a), b))
CELLWRIGHT_BINARY(AddSigmoid, Activations<T>::sigmoid(hn::Add(a, b)))
CELLWRIGHT_BINARY(AddSigmoidFast, Activations<T>::sigmoid_fast(hn::Add(a, b)))
CELLWRIGHT_BINARY(AddTanh, Activations<T>::tanh(hn::Add(a, b)))
CELLWRIGHT_BINARY(AddTanhFast, Activations<T>::tanh_fast(hn::Add(a, b)))
#undef CELLWRIGHT_UNARY
#undef CELLWRIGHT_BINARY
#undef CELLWRIGHT_TERNARY

struct Softsign {
  template <class T>
  static HWY_INLINE Vec<T> of(Vec<T> x) {
    // Infinity is brought to the largest number, where the quotient is already 1, for inf/inf would be NaN.
    const Vec<T> y = Activations<T>::clamp(x, hwy::LowestValue<T>(), hwy::HighestValue<T>());
    return hn::Div(y, hn::Add(number<T>(1), hn::Abs(y)));
  }
};

struct Select {
  template <class T>
  static HWY_INLINE Vec<T> of(Vec<T> a, Vec<T> b, Vec<T> c) {
    return hn::IfThenElse(hn::Eq(a, number<T>(0)), c, b);
  }
};

}  // namespace cellwright::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
