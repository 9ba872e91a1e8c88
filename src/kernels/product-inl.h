// product-inl.h: rows times packed panels.
//
// Start at product(). The rows are split into tiles of at most kTileRows rows, as even as can be (20 rows are
// 4 × 5, not 3 × 6 + 2), and product_tile() computes a tile's columns with all sums in registers. Few rows
// would leave the multiply-add units waiting for each chain's last step, so then several panels run side by
// side. Every element is its own chain: neither split changes a bit. What the caller needs next is fetched
// between stretches of the sum over k, where the memory has nothing else to do.
#include "kernels/simd-inl.h"

#if defined(CELLWRIGHT_KERNELS_PRODUCT_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CELLWRIGHT_KERNELS_PRODUCT_INL_H
#undef CELLWRIGHT_KERNELS_PRODUCT_INL_H
#else
#define CELLWRIGHT_KERNELS_PRODUCT_INL_H
#endif

HWY_BEFORE_NAMESPACE();
namespace cellwright::kernels::HWY_NAMESPACE {

inline constexpr int kTileRows = 6;

/// Vectors of a panel that a tile takes at once: with 16 registers and narrow vectors, half a panel.
template <class T>
inline constexpr int kStripVectors = kManyRegisters || kPanelVectors<T> < 4 ? kPanelVectors<T> : 2;

/// Panels side by side in a tile of this many rows.
template <class T>
constexpr int side_by_side(int rows) {
  constexpr int vectors = kStripVectors<T>;
  const int accumulators = kManyRegisters ? (rows > 2 ? 24 : 8) : rows == 1 ? 8 : 12;
  const int most = accumulators / (rows * vectors);
  return most >= 4 ? (most >= 8 ? 8 : 4) : most >= 2 ? 2 : 1;
}

/// Fetches memory bit by bit.
struct Fetch {
  static constexpr std::ptrdiff_t kEvery = 64;  ///< numbers k of a tile between two bits
  static constexpr std::ptrdiff_t kMost = 32;   ///< lines of a bit: about what can be under way at a time

  const Ahead* next = nullptr;
  const Ahead* last = nullptr;
  std::ptrdiff_t lines = 0;  ///< of a bit
  const char* at = nullptr;
  const char* end = nullptr;

  HWY_INLINE void some() {
    if (at >= end) {
      if (next == last) return;
      at = static_cast<const char*>(next->at);
      end = at + next->bytes;
      ++next;
    }
    // Into the second-level cache: the first is the product's.
    for (std::ptrdiff_t i = 0; i < lines; ++i) __builtin_prefetch(at + i * 64, 0, 2);
    at += lines * 64;
  }
};

/// kRows rows from `row` on × the strip of columns from `column` on of kPanels panels that share their `a`s.
template <class T, int kRows, int kPanels>
HWY_NOINLINE void product_tile(const ProductPanel<T>* panels, int row, int column, Fetch& fetch) {
  constexpr int kV = kStripVectors<T>;
  constexpr int kColumns = kPanels * kV;
  const Tag<T> d;
  // Fully unrolled by the pragmas, or gcc 12 keeps the sums in memory.
  Vec<T> sum[kRows][kColumns];
#pragma GCC unroll 16
  for (int p = 0; p < kPanels; ++p) {
    const ProductPanel<T>& panel = panels[p];
    if (panel.start == Start::kAccumulate) {
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) {
        const T* out = panel.out + (row + r) * panel.out_stride;
#pragma GCC unroll 16
        for (int v = 0; v < kV; ++v) {
          sum[r][p * kV + v] = load_columns(out, column + v * kLanes<T>, panel.width);
        }
      }
    } else {
#pragma GCC unroll 16
      for (int v = 0; v < kV; ++v) {
        const Vec<T> start =
            panel.start == Start::kBias ? hn::Load(d, panel.bias + column + v * kLanes<T>) : hn::Zero(d);
#pragma GCC unroll 16
        for (int r = 0; r < kRows; ++r) sum[r][p * kV + v] = start;
      }
    }
  }
  for (int t = 0; t < panels->term_count; ++t) {
    const T* weights[kPanels];
#pragma GCC unroll 16
    for (int p = 0; p < kPanels; ++p) weights[p] = panels[p].terms[t].weights + column;
    const ProductTerm<T>& term = panels->terms[t];
    if (term.hot != nullptr) {
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) {
        const std::ptrdiff_t k = term.hot[row + r];
#pragma GCC unroll 16
        for (int c = 0; c < kColumns; ++c) {
          const Vec<T> w = hn::Load(d, weights[c / kV] + k * kPanel<T> + c % kV * kLanes<T>);
          sum[r][c] = hn::Add(sum[r][c], w);
        }
      }
      continue;
    }
    const T* a[kRows];
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) a[r] = term.a + (row + r) * term.a_stride;
    const std::ptrdiff_t depth = term.k;
    for (std::ptrdiff_t k = 0; k < depth;) {
      const std::ptrdiff_t stop = kRows < 3 || depth - k <= Fetch::kEvery ? depth : k + Fetch::kEvery;
      if (kRows >= 3 && stop - k >= Fetch::kEvery / 2) fetch.some();
      for (; k < stop; ++k) {
        // The fewer of the two kinds of operand are held, the others come one by one: that keeps within 16
        // registers.
        if constexpr (kRows < kColumns) {
          Vec<T> x[kRows];
#pragma GCC unroll 16
          for (int r = 0; r < kRows; ++r) x[r] = hn::Set(d, a[r][k]);
#pragma GCC unroll 16
          for (int c = 0; c < kColumns; ++c) {
            const Vec<T> w = hn::Load(d, weights[c / kV] + k * kPanel<T> + c % kV * kLanes<T>);
#pragma GCC unroll 16
            for (int r = 0; r < kRows; ++r) sum[r][c] = hn::MulAdd(x[r], w, sum[r][c]);
          }
        } else {
          Vec<T> w[kColumns];
#pragma GCC unroll 16
          for (int c = 0; c < kColumns; ++c)
            w[c] = hn::Load(d, weights[c / kV] + k * kPanel<T> + c % kV * kLanes<T>);
#pragma GCC unroll 16
          for (int r = 0; r < kRows; ++r) {
            const Vec<T> x = hn::Set(d, a[r][k]);
#pragma GCC unroll 16
            for (int c = 0; c < kColumns; ++c) sum[r][c] = hn::MulAdd(x, w[c], sum[r][c]);
          }
        }
      }
    }
  }
#pragma GCC unroll 16
  for (int p = 0; p < kPanels; ++p) {
    const ProductPanel<T>& panel = panels[p];
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      T* out = panel.out + (row + r) * panel.out_stride;
#pragma GCC unroll 16
      for (int v = 0; v < kV; ++v)
        store_columns(sum[r][p * kV + v], out, column + v * kLanes<T>, panel.width);
    }
  }
}

/// One tile of rows over panel_count panels that share their `a`s.
template <class T, int kRows>
HWY_INLINE void product_rows(const ProductPanel<T>* panels, int panel_count, int row, Fetch& fetch) {
  constexpr int kWide = side_by_side<T>(kRows);
  for (int column = 0; column < kPanel<T>; column += kStripVectors<T> * kLanes<T>) {
    int p = 0;
    for (; p + kWide <= panel_count; p += kWide) product_tile<T, kRows, kWide>(panels + p, row, column, fetch);
    for (; p < panel_count; ++p) {
      if (column < panels[p].width) product_tile<T, kRows, 1>(panels + p, row, column, fetch);
    }
  }
}

template <class T>
HWY_INLINE bool share_operands(const ProductPanel<T>& p, const ProductPanel<T>& q) {
  if (p.term_count != q.term_count) return false;
  for (int t = 0; t < p.term_count; ++t) {
    const ProductTerm<T>&x = p.terms[t], &y = q.terms[t];
    if (x.a != y.a || x.k != y.k || x.a_stride != y.a_stride || x.hot != y.hot) return false;
  }
  return true;
}

/// Columns of an output that a short vector holds; a whole one would mostly multiply padding.
template <class T>
inline constexpr int kNarrow = 16 / static_cast<int>(sizeof(T)) < kLanes<T> ? 16 / static_cast<int>(sizeof(T)) : 0;

/// kRows rows from `row` on of a panel of at most kNarrow columns.
template <class T, int kRows>
HWY_NOINLINE void narrow_tile(const ProductPanel<T>& panel, std::ptrdiff_t row) {
  const hn::CappedTag<T, 16 / sizeof(T)> d;
  using V = hn::Vec<decltype(d)>;
  HWY_ALIGN T numbers[16 / sizeof(T)] = {};
  V sum[kRows];
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
    const T* from = panel.start == Start::kBias ? panel.bias : panel.out + (row + r) * panel.out_stride;
    for (int j = 0; j < panel.width; ++j) numbers[j] = panel.start == Start::kZero ? T(0) : from[j];
    sum[r] = hn::Load(d, numbers);
  }
  for (int t = 0; t < panel.term_count; ++t) {
    const ProductTerm<T>& term = panel.terms[t];
    if (term.hot != nullptr) {
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r)
        sum[r] = hn::Add(sum[r], hn::Load(d, term.weights + std::ptrdiff_t{term.hot[row + r]} * kPanel<T>));
      continue;
    }
    const T* a[kRows];
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) a[r] = term.a + (row + r) * term.a_stride;
    const std::ptrdiff_t depth = term.k;
    for (std::ptrdiff_t k = 0; k < depth; ++k) {
      const V w = hn::Load(d, term.weights + k * kPanel<T>);
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) sum[r] = hn::MulAdd(hn::Set(d, a[r][k]), w, sum[r]);
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
    hn::Store(sum[r], d, numbers);
    for (int j = 0; j < panel.width; ++j) panel.out[(row + r) * panel.out_stride + j] = numbers[j];
  }
}

/// Rows [row, last): as many chains side by side as the registers and addresses allow.
template <class T>
HWY_INLINE void product_narrow(const ProductPanel<T>& panel, std::ptrdiff_t row, std::ptrdiff_t last) {
  constexpr int kMost = 8;
  for (; row + kMost <= last; row += kMost) narrow_tile<T, kMost>(panel, row);
  for (; row + 4 <= last; row += 4) narrow_tile<T, 4>(panel, row);
  for (; row < last; ++row) narrow_tile<T, 1>(panel, row);
}

template <class T>
void loop_product(int rows, const ProductPanel<T>* panels, int panel_count, const Ahead* ahead, int ahead_count,
                  bool last_first) {
  if (rows <= 0) return;
  // Blocks of tiles whose part of `a` stays in the second-level cache while all panels stream past.
  constexpr std::ptrdiff_t kBlockBytes = 192 * 1024;
  const std::ptrdiff_t tiles = (rows + kTileRows - 1) / kTileRows;
  std::ptrdiff_t depth = 1;
  for (int p = 0; p < panel_count; ++p) {
    std::ptrdiff_t sum = 0;
    for (int t = 0; t < panels[p].term_count; ++t) sum += panels[p].terms[t].k;
    depth = sum > depth ? sum : depth;
  }
  std::ptrdiff_t block = kBlockBytes / (depth * kTileRows * static_cast<std::ptrdiff_t>(sizeof(T)));
  block = block < 4 ? 4 : block;
  const int most = side_by_side<T>(static_cast<int>((rows + tiles - 1) / tiles));
  Fetch fetch;
  if (ahead_count > 0) {
    fetch.next = ahead;
    fetch.last = ahead + ahead_count;
    for (const Ahead* a = ahead; a != fetch.last; ++a) fetch.lines += a->bytes / 64;
    const std::ptrdiff_t bits = tiles * ((panel_count + most - 1) / most) * (depth / Fetch::kEvery) + 1;
    fetch.lines = fetch.lines / bits + 1 < Fetch::kMost ? fetch.lines / bits + 1 : Fetch::kMost;
  }

  for (std::ptrdiff_t first = 0; first < tiles; first += block) {
    const std::ptrdiff_t last = first + block < tiles ? first + block : tiles;
    for (int done = 0; done < panel_count;) {
      // The next panels that share operands, from either end: [p, p + group).
      const int left = panel_count - done, begin = last_first ? left - 1 : done, direction = last_first ? -1 : 1;
      int group = 1;
      while (group < most && group < left && share_operands(panels[begin], panels[begin + direction * group])) ++group;
      const int p = last_first ? left - group : done;
      const int narrow = group < most && panels[p + group - 1].width <= kNarrow<T> ? 1 : 0;
      const int wide = group - narrow;
      for (std::ptrdiff_t tile = first; tile < last && wide > 0; ++tile) {
        const int row = static_cast<int>(tile * rows / tiles);
        switch (static_cast<int>((tile + 1) * rows / tiles) - row) {
          case 1:
            product_rows<T, 1>(panels + p, wide, row, fetch);
            break;
          case 2:
            product_rows<T, 2>(panels + p, wide, row, fetch);
            break;
          case 3:
            product_rows<T, 3>(panels + p, wide, row, fetch);
            break;
          case 4:
            product_rows<T, 4>(panels + p, wide, row, fetch);
            break;
          case 5:
            product_rows<T, 5>(panels + p, wide, row, fetch);
            break;
          default:
            product_rows<T, 6>(panels + p, wide, row, fetch);
            break;
        }
      }
      if (narrow == 1) product_narrow(panels[p + wide], first * rows / tiles, last * rows / tiles);
      done += group;
    }
  }
}

template <class T>
void product(int rows, const ProductPanel<T>* panels, int panel_count) {
  loop_product<T>(rows, panels, panel_count, nullptr, 0, false);
}

}  // namespace cellwright::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
