// weight_gradient-inl.h: gradients of weights and of everything that is summed over time and batch.
//
// Start at weight_gradient(). The sum over (t, b) is cut into chunks of kGradientRows rows in the chain's
// order, t descending and b ascending. A chunk's operands are copied into the scratch so that a tile reads
// them straight on; the tile takes its sums from the gradient, adds the chunk's rows, and puts them back, so
// that the chain of an element never restarts.
#include "kernels/simd-inl.h"

#if defined(CELLWRIGHT_KERNELS_WEIGHT_GRADIENT_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CELLWRIGHT_KERNELS_WEIGHT_GRADIENT_INL_H
#undef CELLWRIGHT_KERNELS_WEIGHT_GRADIENT_INL_H
#else
#define CELLWRIGHT_KERNELS_WEIGHT_GRADIENT_INL_H
#endif

#include "kernels/product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace cellwright::kernels::HWY_NAMESPACE {

/// Walks the rows of [steps, lanes] in the chain's order.
template <class T>
struct RowWalk {
  const T* data;
  std::ptrdiff_t step, lane;
  int lanes;
  std::ptrdiff_t t, b = 0;

  HWY_INLINE RowWalk(const T* p, std::ptrdiff_t p_step, std::ptrdiff_t p_lane, int steps, int p_lanes,
                     std::ptrdiff_t skip)
      : data(p),
        step(p_step),
        lane(p_lane),
        lanes(p_lanes),
        t(steps - 1 - skip / p_lanes),
        b(skip % p_lanes) {}
  HWY_INLINE const T* next() {
    const T* row = data + t * step + b * lane;
    if (++b == lanes) {
      b = 0;
      --t;
    }
    return row;
  }
};

/// kRows numbers k × the strip from `column` on of kPanels panels: gradient += Σ_row a[row][·]·d[row][·].
template <class T, int kRows, int kPanels>
HWY_NOINLINE void gradient_tile(T* gradient, std::ptrdiff_t panel_stride, const T* packed_a,
                                const T* packed_d, int rows) {
  constexpr int kV = kStripVectors<T>;
  constexpr int kColumns = kPanels * kV;
  const Tag<T> d;
  Vec<T> sum[kRows][kColumns];
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
    for (int c = 0; c < kColumns; ++c) {
      sum[r][c] = hn::LoadU(d, gradient + c / kV * panel_stride + r * kPanel<T> + c % kV * kLanes<T>);
    }
  }
  for (int row = 0; row < rows; ++row, packed_a += kRows, packed_d += kPanel<T>) {
    Vec<T> w[kColumns];
#pragma GCC unroll 16
    for (int c = 0; c < kColumns; ++c) {
      w[c] = hn::Load(d, packed_d + c / kV * kGradientRows * kPanel<T> + c % kV * kLanes<T>);
    }
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      const Vec<T> x = hn::Set(d, packed_a[r]);
#pragma GCC unroll 16
      for (int c = 0; c < kColumns; ++c) sum[r][c] = hn::MulAdd(x, w[c], sum[r][c]);
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
    for (int c = 0; c < kColumns; ++c) {
      hn::StoreU(sum[r][c], d, gradient + c / kV * panel_stride + r * kPanel<T> + c % kV * kLanes<T>);
    }
  }
}

template <class T, int kRows>
HWY_INLINE void gradient_rows(T* gradient, std::ptrdiff_t panel_stride, int panels, const T* a, const T* d,
                              int rows) {
  constexpr int kWide = side_by_side<T>(kTileRows);
  for (int column = 0; column < kPanel<T>; column += kStripVectors<T> * kLanes<T>) {
    int p = 0;
    for (; p + kWide <= panels; p += kWide) {
      gradient_tile<T, kRows, kWide>(gradient + p * panel_stride + column, panel_stride, a,
                                     d + p * kGradientRows * kPanel<T> + column, rows);
    }
    for (; p < panels; ++p) {
      gradient_tile<T, kRows, 1>(gradient + p * panel_stride + column, panel_stride, a,
                                 d + p * kGradientRows * kPanel<T> + column, rows);
    }
  }
}

/// Columns [k0, k0+columns) of the chunk's rows of `a`, tile after tile, each [rows][columns of the tile].
template <class T>
void pack_a(const WeightGradient<T>& g, std::ptrdiff_t skip, int rows, int k0, int columns, int tiles,
            T* packed) {
  RowWalk<T> walk(g.a, g.a_step, g.a_lane, g.steps, g.lanes, skip);
  for (int row = 0; row < rows; ++row) {
    const T* from = walk.next() + k0;
    int k = 0;
    for (int tile = 1; tile <= tiles; ++tile) {
      const int end = tile * columns / tiles, width = end - k;
      T* to = packed + static_cast<std::ptrdiff_t>(k) * rows + row * width;
      if (width == kTileRows) {
        for (int i = 0; i < kTileRows; ++i) to[i] = from[k + i];
      } else {
        for (int i = 0; i < width; ++i) to[i] = from[k + i];
      }
      k = end;
    }
  }
}

/// The chunk's rows of one panel of d, padded with zeros.
template <class T>
void pack_d(const WeightGradient<T>& g, std::ptrdiff_t skip, int rows, int panel, T* packed) {
  const Tag<T> d;
  const int width = g.n - panel * kPanel<T> < kPanel<T> ? g.n - panel * kPanel<T> : kPanel<T>;
  RowWalk<T> walk(g.d + static_cast<std::ptrdiff_t>(panel) * kPanel<T>, g.d_step, g.d_lane, g.steps, g.lanes,
                  skip);
  for (int row = 0; row < rows; ++row, packed += kPanel<T>) {
    const T* from = walk.next();
#pragma GCC unroll 16
    for (int v = 0; v < kPanelVectors<T>; ++v) {
      hn::Store(load_columns(from, v * kLanes<T>, width), d, packed + v * kLanes<T>);
    }
  }
}

template <class T>
void weight_gradient(const WeightGradient<T>& g) {
  T* const packed_d = g.scratch;
  T* const packed_a = g.scratch + kGradientPanels * kGradientRows * kPanel<T>;
  const std::ptrdiff_t panel_stride = static_cast<std::ptrdiff_t>(g.k) * kPanel<T>;
  const std::ptrdiff_t total = static_cast<std::ptrdiff_t>(g.steps) * g.lanes;
  for (std::ptrdiff_t skip = 0; skip < total; skip += kGradientRows) {
    const int rows = static_cast<int>(total - skip < kGradientRows ? total - skip : kGradientRows);
    for (int k0 = 0; k0 < g.k; k0 += kGradientColumns) {
      const int columns = g.k - k0 < kGradientColumns ? g.k - k0 : kGradientColumns;
      const int tiles = (columns + kTileRows - 1) / kTileRows;
      pack_a(g, skip, rows, k0, columns, tiles, packed_a);
      for (int panel = g.first_panel; panel < g.last_panel; panel += kGradientPanels) {
        const int panels = g.last_panel - panel < kGradientPanels ? g.last_panel - panel : kGradientPanels;
        for (int p = 0; p < panels; ++p)
          pack_d(g, skip, rows, panel + p, packed_d + p * kGradientRows * kPanel<T>);
        int k = 0;
        for (int tile = 1; tile <= tiles; ++tile) {
          const int end = tile * columns / tiles;
          T* gradient = g.gradient + panel * panel_stride + static_cast<std::ptrdiff_t>(k0 + k) * kPanel<T>;
          const T* a = packed_a + static_cast<std::ptrdiff_t>(k) * rows;
          switch (end - k) {
            case 1:
              gradient_rows<T, 1>(gradient, panel_stride, panels, a, packed_d, rows);
              break;
            case 2:
              gradient_rows<T, 2>(gradient, panel_stride, panels, a, packed_d, rows);
              break;
            case 3:
              gradient_rows<T, 3>(gradient, panel_stride, panels, a, packed_d, rows);
              break;
            case 4:
              gradient_rows<T, 4>(gradient, panel_stride, panels, a, packed_d, rows);
              break;
            case 5:
              gradient_rows<T, 5>(gradient, panel_stride, panels, a, packed_d, rows);
              break;
            default:
              gradient_rows<T, 6>(gradient, panel_stride, panels, a, packed_d, rows);
              break;
          }
          k = end;
        }
      }
    }
  }
  // Padding got 0·a, which an infinite a makes NaN.
  const int last = g.n / kPanel<T>, width = g.n % kPanel<T>;
  if (width == 0 || last < g.first_panel || last >= g.last_panel) return;
  T* row = g.gradient + last * panel_stride;
  for (int k = 0; k < g.k; ++k, row += kPanel<T>) {
    for (int j = width; j < kPanel<T>; ++j) row[j] = T(0);
  }
}

/// kVectors vectors of columns from j on, the last of which may be partial (columns end at `last`).
template <class T, int kVectors>
HWY_INLINE void row_sum_columns(const RowSum<T>& g, int j, int last) {
  Vec<T> sum[kVectors];
  const int width = last - j;
#pragma GCC unroll 16
  for (int v = 0; v < kVectors; ++v) sum[v] = load_columns(g.gradient + j, v * kLanes<T>, width);
  for (std::ptrdiff_t t = g.steps - 1; t >= 0; --t) {
    for (std::ptrdiff_t b = 0; b < g.lanes; ++b) {
      const T* d = g.d + t * g.d_step + b * g.d_lane + j;
      const T* times = g.times != nullptr ? g.times + t * g.times_step + b * g.times_lane + j : nullptr;
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) {
        const Vec<T> x = load_columns(d, v * kLanes<T>, width);
        sum[v] = times != nullptr ? hn::MulAdd(x, load_columns(times, v * kLanes<T>, width), sum[v])
                                  : hn::Add(x, sum[v]);
      }
    }
  }
#pragma GCC unroll 16
  for (int v = 0; v < kVectors; ++v) store_columns(sum[v], g.gradient + j, v * kLanes<T>, width);
}

template <class T>
void row_sum(const RowSum<T>& g) {
  constexpr int kVectors = 8;
  int j = g.first;
  for (; j + kVectors * kLanes<T> <= g.last; j += kVectors * kLanes<T>) {
    row_sum_columns<T, kVectors>(g, j, j + kVectors * kLanes<T>);
  }
  for (; j < g.last; j += kLanes<T>) row_sum_columns<T, 1>(g, j, g.last);
}

}  // namespace cellwright::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
