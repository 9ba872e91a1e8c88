// recurrence-inl.h: s ← a ⊙ s + b over many steps, units side by side in vectors.
//
// Start at recurrence(). A strip of a few vectors stays in registers through all steps; the next strip
// follows.
#include "kernels/simd-inl.h"

#if defined(CELLWRIGHT_KERNELS_RECURRENCE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CELLWRIGHT_KERNELS_RECURRENCE_INL_H
#undef CELLWRIGHT_KERNELS_RECURRENCE_INL_H
#else
#define CELLWRIGHT_KERNELS_RECURRENCE_INL_H
#endif

HWY_BEFORE_NAMESPACE();
namespace cellwright::kernels::HWY_NAMESPACE {

/// Vectors of a strip: enough to hide a step's latency, few enough for 16 registers with two values each.
inline constexpr int kRecurrenceStrip = 4;

/// kV vectors from column `at` on; the last has `tail` numbers, whole where kWhole.
template <class T, int kV, bool kWhole>
HWY_INLINE void recurrence_strip(const Recurrence<T>& r, const T* start, T* out, std::ptrdiff_t out_step,
                                 std::size_t at, std::size_t tail) {
  const Tag<T> d;
  const auto load = [&](const T* p, int v) {
    return kWhole ? hn::LoadU(d, p + at + v * kLanes<T>) : load_n<T>(p + at + v * kLanes<T>, tail);
  };
  Vec<T> s[kV];
#pragma GCC unroll 16
  for (int v = 0; v < kV; ++v) s[v] = load(start, v);
  const T *a = r.a, *b = r.b;
  for (int k = 0; k < r.steps; ++k, a += r.a_step, b += r.b_step, out += out_step) {
#pragma GCC unroll 16
    for (int v = 0; v < kV; ++v) {
      s[v] = hn::Add(hn::Mul(load(a, v), s[v]), load(b, v));
      T* to = out + at + v * kLanes<T>;
      if (kWhole) {
        hn::StoreU(s[v], d, to);
      } else {
        store_n<T>(s[v], to, tail);
      }
    }
  }
}

template <class T>
void recurrence(const Recurrence<T>& r, const T* start, T* out, std::ptrdiff_t out_step) {
  constexpr std::size_t kOne = kLanes<T>, kStrip = kRecurrenceStrip * kOne;
  std::size_t at = 0;
  for (; at + kStrip <= r.n; at += kStrip)
    recurrence_strip<T, kRecurrenceStrip, true>(r, start, out, out_step, at, 0);
  for (; at + kOne <= r.n; at += kOne) recurrence_strip<T, 1, true>(r, start, out, out_step, at, 0);
  if (at < r.n) recurrence_strip<T, 1, false>(r, start, out, out_step, at, r.n - at);
}

template <class T, int kV, bool kWhole>
HWY_INLINE void summary_strip(const Recurrence<T>& r, T* factor, T* rest, std::size_t at, std::size_t tail) {
  const Tag<T> d;
  const auto load = [&](const T* p, int v) {
    return kWhole ? hn::LoadU(d, p + at + v * kLanes<T>) : load_n<T>(p + at + v * kLanes<T>, tail);
  };
  Vec<T> product[kV], s[kV];
#pragma GCC unroll 16
  for (int v = 0; v < kV; ++v) {
    product[v] = load(factor, v);
    s[v] = load(rest, v);
  }
  const T *a = r.a, *b = r.b;
  for (int k = 0; k < r.steps; ++k, a += r.a_step, b += r.b_step) {
#pragma GCC unroll 16
    for (int v = 0; v < kV; ++v) {
      const Vec<T> x = load(a, v);
      product[v] = hn::Mul(x, product[v]);
      s[v] = hn::Add(hn::Mul(x, s[v]), load(b, v));
    }
  }
#pragma GCC unroll 16
  for (int v = 0; v < kV; ++v) {
    if (kWhole) {
      hn::StoreU(product[v], d, factor + at + v * kLanes<T>);
      hn::StoreU(s[v], d, rest + at + v * kLanes<T>);
    } else {
      store_n<T>(product[v], factor + at, tail);
      store_n<T>(s[v], rest + at, tail);
    }
  }
}

template <class T>
void recurrence_summary(const Recurrence<T>& r, T* factor, T* rest) {
  constexpr std::size_t kOne = kLanes<T>, kStrip = kRecurrenceStrip * kOne;
  std::size_t at = 0;
  for (; at + kStrip <= r.n; at += kStrip) summary_strip<T, kRecurrenceStrip, true>(r, factor, rest, at, 0);
  for (; at + kOne <= r.n; at += kOne) summary_strip<T, 1, true>(r, factor, rest, at, 0);
  if (at < r.n) summary_strip<T, 1, false>(r, factor, rest, at, r.n - at);
}

}  // namespace cellwright::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
