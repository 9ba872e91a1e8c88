// pack-inl.h: the transpose of a packed block, by squares of 128-bit vectors. Start at pack_transpose().
//
// A backward pass makes one of every matrix after each change of the parameters: number by number it takes
// longer than a small window's barriers.
#include "kernels/simd-inl.h"

#if defined(CELLWRIGHT_KERNELS_PACK_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CELLWRIGHT_KERNELS_PACK_INL_H
#undef CELLWRIGHT_KERNELS_PACK_INL_H
#else
#define CELLWRIGHT_KERNELS_PACK_INL_H
#endif

HWY_BEFORE_NAMESPACE();
namespace cellwright::kernels::HWY_NAMESPACE {

/// Rows and columns of a square: the lanes of a 128-bit vector.
template <class T>
inline constexpr int kSquare = static_cast<int>(16 / sizeof(T));

/// to[r][c] = from[c][r], rows kPanel apart on both sides.
HWY_INLINE void transpose_square(const float* from, float* to) {
  const hn::FixedTag<float, 4> d;
  constexpr int kRow = kPanel<float>;
  const auto a = hn::Load(d, from), b = hn::Load(d, from + kRow), c = hn::Load(d, from + 2 * kRow),
             e = hn::Load(d, from + 3 * kRow);
  const auto ab_low = hn::InterleaveLower(d, a, b), ab_high = hn::InterleaveUpper(d, a, b),
             ce_low = hn::InterleaveLower(d, c, e), ce_high = hn::InterleaveUpper(d, c, e);
  hn::Store(hn::ConcatLowerLower(d, ce_low, ab_low), d, to);
  hn::Store(hn::ConcatUpperUpper(d, ce_low, ab_low), d, to + kRow);
  hn::Store(hn::ConcatLowerLower(d, ce_high, ab_high), d, to + 2 * kRow);
  hn::Store(hn::ConcatUpperUpper(d, ce_high, ab_high), d, to + 3 * kRow);
}
HWY_INLINE void transpose_square(const double* from, double* to) {
  const hn::FixedTag<double, 2> d;
  const auto a = hn::Load(d, from), b = hn::Load(d, from + kPanel<double>);
  hn::Store(hn::InterleaveLower(d, a, b), d, to);
  hn::Store(hn::InterleaveUpper(d, a, b), d, to + kPanel<double>);
}

template <class T>
void pack_transpose(const T* packed, int rows, int columns, int first, int last, T* transposed) {
  // Blocks of kPanel × kPanel: both sides of one are kPanel cache lines, so it stays in the first-level
  // cache.
  constexpr int kSide = kSquare<T>;
  const std::ptrdiff_t from_panel = static_cast<std::ptrdiff_t>(columns) * kPanel<T>;
  const std::ptrdiff_t to_panel = static_cast<std::ptrdiff_t>(rows) * kPanel<T>;
  for (int c0 = 0; c0 < columns; c0 += kPanel<T>, transposed += to_panel) {
    const int width = columns - c0 < kPanel<T> ? columns - c0 : kPanel<T>;
    for (int r0 = first; r0 < last; r0 += kPanel<T>) {
      const int height = last - r0 < kPanel<T> ? last - r0 : kPanel<T>;
      const T* from = packed + r0 / kPanel<T> * from_panel + static_cast<std::ptrdiff_t>(c0) * kPanel<T>;
      T* to = transposed + static_cast<std::ptrdiff_t>(r0) * kPanel<T>;
      const int whole_rows = height / kSide * kSide, whole_columns = width / kSide * kSide;
      for (int r = 0; r < whole_rows; r += kSide) {
        for (int c = 0; c < whole_columns; c += kSide)
          transpose_square(from + c * kPanel<T> + r, to + r * kPanel<T> + c);
      }
      for (int r = 0; r < height; ++r) {
        T* row = to + r * kPanel<T>;
        for (int c = r < whole_rows ? whole_columns : 0; c < width; ++c) row[c] = from[c * kPanel<T> + r];
        for (int c = width; c < kPanel<T>; ++c) row[c] = T(0);
      }
    }
  }
}

}  // namespace cellwright::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
