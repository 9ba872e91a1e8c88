// softmax-inl.h: what sums over the elements of one vector: sum, sum of squares, softmax, and its
// cross-entropy in stretches of a row.
//
// Start at SumOf16. Every sum here is the tree of 16 virtual lanes of kernels.h, held in as many vectors as
// 16 lanes need.
#include "kernels/simd-inl.h"

#if defined(CELLWRIGHT_KERNELS_SOFTMAX_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CELLWRIGHT_KERNELS_SOFTMAX_INL_H
#undef CELLWRIGHT_KERNELS_SOFTMAX_INL_H
#else
#define CELLWRIGHT_KERNELS_SOFTMAX_INL_H
#endif

#include "kernels/activations-inl.h"

HWY_BEFORE_NAMESPACE();
namespace cellwright::kernels::HWY_NAMESPACE {

/// Calls f(v, i, count) for the vectors of elements i … i+count of n, v counting the vectors of each 16
/// elements.
template <class T, class F>
HWY_INLINE void each_vector(std::size_t n, F& f) {
  constexpr std::size_t kStep = kLanes<T>;
  constexpr std::size_t kVectors = 16 / kStep;
  std::size_t i = 0;
  for (; i + 16 <= n; i += 16) {
#pragma GCC unroll 8
    for (std::size_t v = 0; v < kVectors; ++v) f.whole(v, i + v * kStep);
  }
#pragma GCC unroll 8
  for (std::size_t v = 0; v < kVectors; ++v, i += kStep) {
    if (i + kStep <= n) {
      f.whole(v, i);
    } else if (i < n) {
      f.part(v, i, n - i);
    }
  }
}

template <class T>
struct SumOf16 {
  static constexpr int kVectors = 16 / kLanes<T>;
  Vec<T> lane[kVectors];

  HWY_INLINE SumOf16() {
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) lane[v] = hn::Zero(Tag<T>());
  }
  HWY_INLINE void add(std::size_t v, Vec<T> x) { lane[v] = hn::Add(lane[v], x); }
  HWY_INLINE T total() const {
    HWY_ALIGN T x[16];
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) hn::Store(lane[v], Tag<T>(), x + v * kLanes<T>);
    for (int half = 8; half > 0; half /= 2) {
      for (int l = 0; l < half; ++l) x[l] += x[l + half];
    }
    return x[0];
  }
};

template <class T>
struct PlainSum {
  const T* x;
  SumOf16<T> sum;
  HWY_INLINE void whole(std::size_t v, std::size_t i) { sum.add(v, hn::LoadU(Tag<T>(), x + i)); }
  HWY_INLINE void part(std::size_t v, std::size_t i, std::size_t n) { sum.add(v, load_n(x + i, n)); }
};

template <class T>
void sum(T* out, const T* a, const T*, const T*, std::size_t n) {
  PlainSum<T> f{a, {}};
  each_vector<T>(n, f);
  out[0] = f.sum.total();
}

/// The squares in double, of as many T as a vector of double has lanes.
template <class T>
struct SquareSum {
  const T* x;
  SumOf16<double> sum;
  HWY_INLINE void add(std::size_t v, const T* from) {
    const Tag<double> d;
    if constexpr (sizeof(T) == 4) {
      const auto y = hn::PromoteTo(d, hn::LoadU(hn::Rebind<float, Tag<double>>(), from));
      sum.add(v, hn::Mul(y, y));
    } else {
      const auto y = hn::LoadU(d, from);
      sum.add(v, hn::Mul(y, y));
    }
  }
  HWY_INLINE void whole(std::size_t v, std::size_t i) { add(v, x + i); }
  HWY_INLINE void part(std::size_t v, std::size_t i, std::size_t n) {
    HWY_ALIGN T buffer[kLanes<double>] = {};
    for (std::size_t l = 0; l < n; ++l) buffer[l] = x[i + l];
    add(v, buffer);
  }
};

template <class T>
double sum_of_squares(const T* x, std::size_t n) {
  SquareSum<T> f{x, {}};
  each_vector<double>(n, f);
  return f.sum.total();
}

template <class T>
struct Largest {
  static constexpr int kVectors = 16 / kLanes<T>;
  const T* x;
  Vec<T> most[kVectors];
  HWY_INLINE explicit Largest(const T* from) : x(from) {
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) most[v] = hn::Neg(hn::Inf(Tag<T>()));
  }
  HWY_INLINE void whole(std::size_t v, std::size_t i) {
    most[v] = hn::Max(hn::LoadU(Tag<T>(), x + i), most[v]);
  }
  HWY_INLINE void part(std::size_t v, std::size_t i, std::size_t n) {
    const Vec<T> a = hn::IfThenElse(hn::FirstN(Tag<T>(), n), load_n(x + i, n), hn::Neg(hn::Inf(Tag<T>())));
    most[v] = hn::Max(a, most[v]);
  }
  HWY_INLINE T value() const {
    HWY_ALIGN T lane[kLanes<T>];
    Vec<T> all = most[0];
#pragma GCC unroll 8
    for (int v = 1; v < kVectors; ++v) all = hn::Max(all, most[v]);
    hn::Store(all, Tag<T>(), lane);
    T result = lane[0];
    for (int l = 1; l < kLanes<T>; ++l) result = lane[l] > result ? lane[l] : result;
    return result;
  }
};

template <class T>
HWY_INLINE T largest(const T* x, std::size_t n) {
  Largest<T> f(x);
  each_vector<T>(n, f);
  return f.value();
}

/// exp(x - shift), stored where kStore, and summed.
template <class T, bool kStore>
struct ExpSum {
  const T* x;
  T* out;
  Vec<T> shift;
  SumOf16<T> sum;
  HWY_INLINE void whole(std::size_t v, std::size_t i) {
    const Vec<T> e = Activations<T>::exp(hn::Sub(hn::LoadU(Tag<T>(), x + i), shift));
    if constexpr (kStore) hn::StoreU(e, Tag<T>(), out + i);
    sum.add(v, e);
  }
  HWY_INLINE void part(std::size_t v, std::size_t i, std::size_t n) {
    const Vec<T> e = Activations<T>::exp(hn::Sub(load_n(x + i, n), shift));
    if constexpr (kStore) store_n(e, out + i, n);
    sum.add(v, hn::IfThenElseZero(hn::FirstN(Tag<T>(), n), e));
  }
};

template <class T, bool kStore>
HWY_INLINE T exp_sum(const T* x, T shift, T* out, std::size_t n) {
  ExpSum<T, kStore> f{x, out, hn::Set(Tag<T>(), shift), {}};
  each_vector<T>(n, f);
  return f.sum.total();
}

template <class T>
HWY_INLINE void scale_all(T* x, T factor, std::size_t n) {
  const Tag<T> d;
  constexpr std::size_t kStep = kLanes<T>;
  const Vec<T> f = hn::Set(d, factor);
  std::size_t i = 0;
  for (; i + kStep <= n; i += kStep) hn::StoreU(hn::Mul(hn::LoadU(d, x + i), f), d, x + i);
  if (i < n) store_n(hn::Mul(load_n(x + i, n - i), f), x + i, n - i);
}

template <class T>
void softmax(T* out, const T* a, const T*, const T*, std::size_t n) {
  const T total = exp_sum<T, true>(a, largest(a, n), out, n);
  scale_all(out, T(1) / total, n);
}

template <class T>
void softmax_stretch(T* x, std::size_t n, T* most, T* sum) {
  // Above -infinity, or a stretch of impossible classes would be NaN.
  const T low = hwy::LowestValue<T>(), top = largest(x, n), shift = top > low ? top : low;
  *most = shift;
  *sum = exp_sum<T, true>(x, shift, x, n);
}

/// exp(most - shift) over the sums, and Σ exp(most - shift)·sum.
template <class T>
struct JoinedSum {
  const T* most;
  T* sums;
  Vec<T> shift;
  SumOf16<T> sum;
  HWY_INLINE void whole(std::size_t v, std::size_t i) {
    const Vec<T> e = Activations<T>::exp(hn::Sub(hn::LoadU(Tag<T>(), most + i), shift));
    sum.add(v, hn::Mul(e, hn::LoadU(Tag<T>(), sums + i)));
    hn::StoreU(e, Tag<T>(), sums + i);
  }
  HWY_INLINE void part(std::size_t v, std::size_t i, std::size_t n) {
    const Vec<T> e = Activations<T>::exp(hn::Sub(load_n(most + i, n), shift));
    sum.add(v, hn::IfThenElseZero(hn::FirstN(Tag<T>(), n), hn::Mul(e, load_n(sums + i, n))));
    store_n(e, sums + i, n);
  }
};

template <class T>
double softmax_join(const T* most, T* sums, int stretches, T target_logit, T scale) {
  const std::size_t n = static_cast<std::size_t>(stretches);
  const T shift = largest(most, n);
  JoinedSum<T> f{most, sums, hn::Set(Tag<T>(), shift), {}};
  each_vector<T>(n, f);
  const T total = f.sum.total();
  scale_all(sums, scale / total, n);
  return natural_log(static_cast<double>(total)) +
         (static_cast<double>(shift) - static_cast<double>(target_logit));
}

/// x = x·factor - less.
template <class T>
void softmax_gradient(T* x, std::size_t n, T factor, T less) {
  const Tag<T> d;
  constexpr std::size_t kStep = kLanes<T>;
  const Vec<T> f = hn::Set(d, factor), l = hn::Set(d, less);
  std::size_t i = 0;
  for (; i + kStep <= n; i += kStep) hn::StoreU(hn::Sub(hn::Mul(hn::LoadU(d, x + i), f), l), d, x + i);
  if (i < n) store_n(hn::Sub(hn::Mul(load_n(x + i, n - i), f), l), x + i, n - i);
}

}  // namespace cellwright::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
