// simd-inl.h: what all loops of one SIMD target share: its vector of T, and loads and stores of fewer than a
// vector.
//
// The *-inl.h files of this folder are included once for each target by simd_float.cpp and simd_double.cpp,
// so their include guard is Highway's toggle. No std:: function is called between HWY_BEFORE_NAMESPACE and
// HWY_AFTER_NAMESPACE: a copy of it, compiled for a better target, might be the one that the linker keeps for
// everyone.
#include <cstddef>

#include "hwy/highway.h"
#include "kernels/kernels.h"
#include "kernels/table.h"

#if defined(CELLWRIGHT_KERNELS_SIMD_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CELLWRIGHT_KERNELS_SIMD_INL_H
#undef CELLWRIGHT_KERNELS_SIMD_INL_H
#else
#define CELLWRIGHT_KERNELS_SIMD_INL_H
#endif

HWY_BEFORE_NAMESPACE();
namespace cellwright::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class T>
using Tag = hn::ScalableTag<T>;
template <class T>
using Vec = hn::Vec<Tag<T>>;

template <class T>
inline constexpr int kLanes = static_cast<int>(HWY_LANES(T));

/// Vectors in one panel: 4, 2 or 1.
template <class T>
inline constexpr int kPanelVectors = kPanel<T> / kLanes<T>;

/// 16 vector registers or 32: how many accumulators a tile of a product may have.
inline constexpr bool kManyRegisters = HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_NEON;

/// The first n (0 … lanes) numbers, then zeros; reads no others.
template <class T>
HWY_INLINE Vec<T> load_n(const T* p, std::size_t n) {
  const Tag<T> d;
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3
  return hn::MaskedLoad(hn::FirstN(d, n), d, p);
#else
  // Targets without masked memory operations: Highway's would read a whole vector.
  HWY_ALIGN T buffer[kLanes<T>] = {};
  for (std::size_t i = 0; i < n; ++i) buffer[i] = p[i];
  return hn::Load(d, buffer);
#endif
}

/// Writes the first n (0 … lanes) numbers and no others.
template <class T>
HWY_INLINE void store_n(Vec<T> v, T* p, std::size_t n) {
  const Tag<T> d;
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3
  hn::BlendedStore(v, hn::FirstN(d, n), d, p);
#else
  HWY_ALIGN T buffer[kLanes<T>];
  hn::Store(v, d, buffer);
  for (std::size_t i = 0; i < n; ++i) p[i] = buffer[i];
#endif
}

/// As above for a vector that begins at column `at` of `width` columns: whole, partial or nothing.
template <class T>
HWY_INLINE Vec<T> load_columns(const T* row, int at, int width) {
  if (at + kLanes<T> <= width) return hn::LoadU(Tag<T>(), row + at);
  return at < width ? load_n(row + at, static_cast<std::size_t>(width - at)) : hn::Zero(Tag<T>());
}
template <class T>
HWY_INLINE void store_columns(Vec<T> v, T* row, int at, int width) {
  if (at + kLanes<T> <= width) return hn::StoreU(v, Tag<T>(), row + at);
  if (at < width) store_n(v, row + at, static_cast<std::size_t>(width - at));
}

}  // namespace cellwright::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
