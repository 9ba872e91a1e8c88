// kernels.h: every loop over numbers that is worth SIMD, behind one table of functions for each SIMD target.
//
// Where to start: Kernels<T>. It is looked up once, outside all loops. What always holds, because bits must not depend on
// threads, batch neighbours or blocking: an element of a product is one ascending fused-multiply-add chain; a pointwise result
// depends on the element alone, wherever it stands in a vector (tails are padded or masked vectors, never scalar code);
// a reduction over units uses one fixed tree of 16 virtual lanes (lane l sums elements l, l+16, l+32, … ascending, absent
// elements count 0; then lanes l and l+8, l+4, l+2, l+1 are added). No function allocates or throws. T is float or double.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "graph/op.h"

namespace cellwright::kernels {

/// Output columns of a packed weight panel: 64 bytes, whatever the SIMD target, so that packed parameters are portable.
template <class T>
inline constexpr int kPanel = static_cast<int>(64 / sizeof(T));

/// One stretch of the sum over k of a product: rows of `a` times a packed panel.
template <class T>
struct ProductTerm {
  const T* a = nullptr;        ///< [rows, k], row r at a + r·a_stride
  std::ptrdiff_t a_stride = 0;
  const T* weights = nullptr;  ///< [k][kPanel]: column j of the panel at weights[k·kPanel + j]; padded columns are 0; 64-byte aligned
  int k = 0;
  const std::int32_t* hot = nullptr;  ///< in place of `a`: row r is 1 at column hot[r], in [0, k), and 0 elsewhere
};

enum class Start : std::uint8_t { kZero, kBias, kAccumulate };

/// Up to kPanel columns of an output: out[r][j] = start + Σ_terms Σ_k a[r][k]·weights[k][j], one FMA chain in this order.
template <class T>
struct ProductPanel {
  T* out = nullptr;            ///< [rows, width], row r at out + r·out_stride; only `width` columns are written
  std::ptrdiff_t out_stride = 0;
  int width = 0;               ///< 1 … kPanel
  Start start = Start::kZero;
  const T* bias = nullptr;     ///< kBias: kPanel readable numbers, aligned to 64 bytes
  const ProductTerm<T>* terms = nullptr;
  int term_count = 0;          ///< >= 1
};

/// Memory that is read or written soon after a product, to be fetched into the cache beside it.
struct Ahead {
  const void* at = nullptr;
  std::ptrdiff_t bytes = 0;
};

/// What a gradient d meets: gradient[k][j] += Σ_t Σ_b d[t][b][j] · a[t][b][k].
template <class T>
struct GradientTerm {
  T* gradient = nullptr;  ///< [panels][k][kPanel], packed like the weights; padded columns stay 0
  int k = 0;              ///< columns of a
  const T* a = nullptr;   ///< element (t, b, i) at a + t·a_step + b·a_lane + i. A bias: k = 1, both strides 0 and a 1
  std::ptrdiff_t a_step = 0, a_lane = 0;
  const std::int32_t* hot = nullptr;  ///< in place of `a`: row (t, b) is 1 at column hot[t·hot_step + b] and 0 elsewhere
  std::ptrdiff_t hot_step = 0;
};

/// The gradients of all that share d, for the packed panels of one block: one FMA chain an element, t descending, b
/// ascending, starting from what `gradient` holds.
template <class T>
struct WeightGradient {
  const GradientTerm<T>* terms = nullptr;
  int term_count = 0;    ///< >= 1
  int n = 0;             ///< columns of d (rows of the matrices); panels = ceil(n / kPanel)
  const T* d = nullptr;  ///< element (t, b, j) at d + t·d_step + b·d_lane + j
  std::ptrdiff_t d_step = 0, d_lane = 0;
  int steps = 0, lanes = 0;
  int first_panel = 0, last_panel = 0;  ///< panels [first, last) are computed: how threads split the work
  T* scratch = nullptr;  ///< weight_gradient_scratch<T>() numbers, 64-byte aligned, one per thread
};

/// gradient[j] += Σ_t Σ_b d[t][b][j] · (times ? times[t][b][j] : 1) for j in [first, last), t descending, b ascending; FMA chain.
template <class T>
struct RowSum {
  T* gradient = nullptr;
  const T* d = nullptr;
  std::ptrdiff_t d_step = 0, d_lane = 0;
  const T* times = nullptr;  ///< or null
  std::ptrdiff_t times_step = 0, times_lane = 0;
  int steps = 0, lanes = 0;
  int first = 0, last = 0;
};

/// The recurrence s ← a ⊙ s + b over some steps, for `n` numbers side by side; product and sum are rounded apart, as the ops
/// of a pointwise program are. Step k reads a + k·a_step and b + k·b_step (0: the same at every step; below 0: backwards).
template <class T>
struct Recurrence {
  const T* a = nullptr;
  std::ptrdiff_t a_step = 0;
  const T* b = nullptr;
  std::ptrdiff_t b_step = 0;
  int steps = 0;
  std::size_t n = 0;
};

/// One op over n numbers (or a reduction of n numbers into out[0]); unused operands are null. out may equal an operand.
/// Operands of kBroadcast: a[0] -> out[0..n). kClock, kNormal and other leaves have no function (null).
template <class T>
using TileFunction = void (*)(T* out, const T* a, const T* b, const T* c, std::size_t n);

template <class T>
struct Kernels {
  const char* target = "";  ///< "scalar", "sse4", "avx2", "avx512", "neon"

  /// All panels for all rows; blocks rows so that `a` stays in cache.
  void (*product)(int rows, const ProductPanel<T>* panels, int panel_count) = nullptr;

  /// product() in a loop over steps. It fetches as much of `ahead` as its multiply-adds give time for. With `last_first` it
  /// goes through the panels from the last to the first: every other step, so that weights which the cache had last are met
  /// first. Neither changes a bit.
  void (*loop_product)(int rows, const ProductPanel<T>* panels, int panel_count, const Ahead* ahead, int ahead_count,
                       bool last_first) = nullptr;

  /// product() of one row, to the bit, for panels that share their operands (`a` and k alike, term by term): the step of a
  /// single sequence, whose lists are made once.
  void (*step_product)(const ProductPanel<T>* panels, int panel_count) = nullptr;

  void (*weight_gradient)(const WeightGradient<T>& g) = nullptr;
  void (*row_sum)(const RowSum<T>& g) = nullptr;

  /// pack_transpose() below, of the rows [first, last): for products with the transpose in the backward pass.
  void (*pack_transpose)(const T* packed, int rows, int columns, int first, int last, T* transposed) = nullptr;

  /// From s = start[n] on; s after step k goes to out + k·out_step. `start` may be a row of `out`.
  void (*recurrence)(const Recurrence<T>& r, const T* start, T* out, std::ptrdiff_t out_step) = nullptr;

  /// The steps as one, behind those that `factor` and `rest` hold already (1 and 0: none): factor[n] becomes a ⊙ it, rest[n]
  /// a ⊙ it + b, step by step.
  void (*recurrence_summary)(const Recurrence<T>& r, T* factor, T* rest) = nullptr;

  /// Indexed by Op. `tile` uses the fast activations (sigmoid, tanh: <= 1e-6 absolute in float), `tile_accurate` the accurate
  /// ones (<= 2.5 ulp, relative in the tails too). In double both are accurate. Everything else is the same function in both.
  TileFunction<T> tile[kOpCount] = {};
  TileFunction<T> tile_accurate[kOpCount] = {};

  /// The softmax of a row of logits stretch by stretch, so that a row need never lie in one piece; softmax_row.h puts them
  /// together. How a row is cut decides its last bits, so that must not depend on anything but its length.
  /// A stretch: x becomes exp(x - most), most being its largest, and `sum` their sum in the 16-lane tree.
  void (*softmax_stretch)(T* x, std::size_t n, T* most, T* sum) = nullptr;
  /// Joins the stretches: returns -log p[target] in nats (accurate log, in double); sums[i] becomes scale·p/exp(x - most[i]):
  /// what the stretch's numbers are to be multiplied by.
  double (*softmax_join)(const T* most, T* sums, int stretches, T target_logit, T scale) = nullptr;
  /// x = x·factor - less: with softmax_join's factor scale·p of a stretch, less what label smoothing takes from each class.
  void (*softmax_gradient)(T* x, std::size_t n, T factor, T less) = nullptr;

  /// Σ x² in the 16-lane tree, accumulated in double: for norms.
  double (*sum_of_squares)(const T* x, std::size_t n) = nullptr;
};

/// Targets that this processor can run, best first: for example {"avx2", "sse4", "scalar"}. "scalar" is the plain reference,
/// always there: straight loops over std:: functions with std::fma, so slow, but the same chains.
std::vector<std::string> available_targets();

/// Throws SpecError naming the available targets when `target` is not one; "" or "auto" is the best.
template <class T>
const Kernels<T>& kernels(const std::string& target = "");

/// Numbers that WeightGradient::scratch must hold.
template <class T>
std::size_t weight_gradient_scratch();

/// Packs rows [row, row+rows) × columns [column, column+columns) of a row-major [·, stride] matrix: panel p holds rows
/// p·kPanel …, k runs over the columns. packed_size numbers are written, padding 0.
template <class T>
void pack(const T* matrix, std::ptrdiff_t stride, int row, int rows, int column, int columns, T* packed);

/// Inverse of pack.
template <class T>
void unpack(const T* packed, int row, int rows, int column, int columns, T* matrix, std::ptrdiff_t stride);

/// From the packed block of a [rows, columns] matrix to the packed block of its transpose (panels over columns, k over rows),
/// number by number; Kernels::pack_transpose does it by vectors.
template <class T>
void pack_transpose(const T* packed, int rows, int columns, T* transposed);

/// The part of it that rows [first, last) of the matrix give; `first` is a multiple of kPanel.
template <class T>
void pack_transpose(const T* packed, int rows, int columns, int first, int last, T* transposed);

/// Numbers in a packed [rows, columns] block: ceil(rows/kPanel)·columns·kPanel.
template <class T>
std::size_t packed_size(int rows, int columns);

}  // namespace cellwright::kernels
