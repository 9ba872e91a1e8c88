// weight_gradient-inl.h: gradients of weights and of everything that is summed over time and batch.
//
// Start at weight_gradient(). The sum over (t, b) is cut into chunks of kGradientRows rows in the chain's
// order, t descending and b ascending. A chunk's rows of d are copied into the scratch, once for all terms,
// so that a tile reads them straight on; a's rows it reads where they are. The tile takes its sums from the
// gradient, adds the chunk's rows, and puts them back, so that the chain of an element never restarts.
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

/// Rows of a chunk as a tile walks them.
struct Chunk {
  int steps, lanes;
  std::ptrdiff_t skip;
  int rows;
};

/// kRows numbers k from `k` on × the strip from `column` on of kPanels panels: gradient += Σ_row
/// a[row][·]·d[row][·].
template <class T, int kRows, int kPanels>
HWY_NOINLINE void gradient_tile(T* gradient, std::ptrdiff_t panel_stride, const GradientTerm<T>& term,
                                std::ptrdiff_t k, const T* packed_d, const Chunk& chunk) {
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
  std::ptrdiff_t t = chunk.steps - 1 - chunk.skip / chunk.lanes, b = chunk.skip % chunk.lanes;
  const std::ptrdiff_t lane = term.a_lane;
  for (std::ptrdiff_t left = chunk.rows; left > 0; b = 0, --t) {
    const T* a = term.a + t * term.a_step + b * lane + k;
    const std::ptrdiff_t run = chunk.lanes - b < left ? chunk.lanes - b : left;
    left -= run;
    for (std::ptrdiff_t i = 0; i < run; ++i, a += lane, packed_d += kPanel<T>) {
      Vec<T> w[kColumns];
#pragma GCC unroll 16
      for (int c = 0; c < kColumns; ++c) {
        w[c] = hn::Load(d, packed_d + c / kV * kGradientRows * kPanel<T> + c % kV * kLanes<T>);
      }
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) {
        const Vec<T> x = hn::Set(d, a[r]);
#pragma GCC unroll 16
        for (int c = 0; c < kColumns; ++c) sum[r][c] = hn::MulAdd(x, w[c], sum[r][c]);
      }
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

/// kRows numbers k from `k` on, of `panels` panels from `panel` on.
template <class T, int kRows>
HWY_INLINE void gradient_rows(const GradientTerm<T>& term, std::ptrdiff_t k, int panel, int panels,
                              const T* d, const Chunk& chunk) {
  constexpr int kWide = side_by_side<T>(kTileRows);
  const std::ptrdiff_t stride = static_cast<std::ptrdiff_t>(term.k) * kPanel<T>;
  T* gradient = term.gradient + panel * stride + k * kPanel<T>;
  for (int column = 0; column < kPanel<T>; column += kStripVectors<T> * kLanes<T>) {
    int p = 0;
    for (; p + kWide <= panels; p += kWide) {
      gradient_tile<T, kRows, kWide>(gradient + p * stride + column, stride, term, k,
                                     d + p * kGradientRows * kPanel<T> + column, chunk);
    }
    for (; p < panels; ++p) {
      gradient_tile<T, kRows, 1>(gradient + p * stride + column, stride, term, k,
                                 d + p * kGradientRows * kPanel<T> + column, chunk);
    }
  }
}

/// A term of one-hot rows: each of d's rows goes to one column.
template <class T>
HWY_INLINE void gradient_hot(const GradientTerm<T>& term, int panel, int panels, const T* packed_d,
                             const Chunk& chunk) {
  const Tag<T> d;
  const std::ptrdiff_t stride = static_cast<std::ptrdiff_t>(term.k) * kPanel<T>;
  std::ptrdiff_t t = chunk.steps - 1 - chunk.skip / chunk.lanes, b = chunk.skip % chunk.lanes;
  for (int left = chunk.rows; left > 0; --left, packed_d += kPanel<T>) {
    T* line = term.gradient + panel * stride + term.hot[t * term.hot_step + b] * kPanel<T>;
    for (int p = 0; p < panels; ++p, line += stride) {
#pragma GCC unroll 16
      for (int v = 0; v < kPanelVectors<T>; ++v) {
        const Vec<T> row = hn::Load(d, packed_d + p * kGradientRows * kPanel<T> + v * kLanes<T>);
        hn::StoreU(hn::Add(hn::LoadU(d, line + v * kLanes<T>), row), d, line + v * kLanes<T>);
      }
    }
    if (++b == chunk.lanes) b = 0, --t;
  }
}

/// All of one term's numbers k, in tiles as even as can be.
template <class T>
HWY_INLINE void gradient_term(const GradientTerm<T>& term, int panel, int panels, const T* d,
                              const Chunk& chunk) {
  if (term.hot != nullptr) return gradient_hot(term, panel, panels, d, chunk);
  const std::ptrdiff_t tiles = (term.k + kTileRows - 1) / kTileRows;
  std::ptrdiff_t k = 0;
  for (std::ptrdiff_t tile = 1; tile <= tiles; ++tile) {
    const std::ptrdiff_t end = tile * term.k / tiles;
    switch (end - k) {
      case 1:
        gradient_rows<T, 1>(term, k, panel, panels, d, chunk);
        break;
      case 2:
        gradient_rows<T, 2>(term, k, panel, panels, d, chunk);
        break;
      case 3:
        gradient_rows<T, 3>(term, k, panel, panels, d, chunk);
        break;
      case 4:
        gradient_rows<T, 4>(term, k, panel, panels, d, chunk);
        break;
      case 5:
        gradient_rows<T, 5>(term, k, panel, panels, d, chunk);
        break;
      default:
        gradient_rows<T, 6>(term, k, panel, panels, d, chunk);
        break;
    }
    k = end;
  }
}

/// The chunk's rows of one panel of d, padded with zeros.
template <class T>
HWY_INLINE void pack_d(const WeightGradient<T>& g, const Chunk& chunk, int panel, T* packed) {
  const Tag<T> d;
  const int width = g.n - panel * kPanel<T> < kPanel<T> ? g.n - panel * kPanel<T> : kPanel<T>;
  std::ptrdiff_t t = chunk.steps - 1 - chunk.skip / chunk.lanes, b = chunk.skip % chunk.lanes;
  for (std::ptrdiff_t left = chunk.rows; left > 0; b = 0, --t) {
    const T* from = g.d + static_cast<std::ptrdiff_t>(panel) * kPanel<T> + t * g.d_step + b * g.d_lane;
    const std::ptrdiff_t run = chunk.lanes - b < left ? chunk.lanes - b : left;
    left -= run;
    for (std::ptrdiff_t i = 0; i < run; ++i, from += g.d_lane, packed += kPanel<T>) {
#pragma GCC unroll 16
      for (int v = 0; v < kPanelVectors<T>; ++v) {
        hn::Store(load_columns(from, v * kLanes<T>, width), d, packed + v * kLanes<T>);
      }
    }
  }
}

template <class T>
void weight_gradient(const WeightGradient<T>& g) {
  const std::ptrdiff_t total = static_cast<std::ptrdiff_t>(g.steps) * g.lanes;
  for (std::ptrdiff_t skip = 0; skip < total; skip += kGradientRows) {
    const Chunk chunk{g.steps, g.lanes, skip,
                      static_cast<int>(total - skip < kGradientRows ? total - skip : kGradientRows)};
    for (int panel = g.first_panel; panel < g.last_panel; panel += kGradientPanels) {
      const int panels = g.last_panel - panel < kGradientPanels ? g.last_panel - panel : kGradientPanels;
      for (int p = 0; p < panels; ++p) pack_d(g, chunk, panel + p, g.scratch + p * kGradientRows * kPanel<T>);
      for (int t = 0; t < g.term_count; ++t) gradient_term(g.terms[t], panel, panels, g.scratch, chunk);
    }
  }
  // Padding got 0·a, which an infinite a makes NaN.
  const int last = g.n / kPanel<T>, width = g.n % kPanel<T>;
  if (width == 0 || last < g.first_panel || last >= g.last_panel) return;
  for (int t = 0; t < g.term_count; ++t) {
    const GradientTerm<T>& term = g.terms[t];
    if (term.hot != nullptr) continue;  // 0 was added to it
    T* row = term.gradient + static_cast<std::ptrdiff_t>(last) * term.k * kPanel<T>;
    for (int k = 0; k < term.k; ++k, row += kPanel<T>) {
      for (int j = width; j < kPanel<T>; ++j) row[j] = T(0);
    }
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
