// reference.cpp: the "scalar" target, which the SIMD targets are tested against: straight loops, std::fma and
// <cmath>.
//
// Start at reference_kernels(). The chains and trees are those that kernels.h promises, so on a processor
// with fused multiply-add the SIMD products, weight gradients and sums have these very bits.
#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/kernels.h"
#include "kernels/table.h"

namespace cellwright::kernels {
namespace {

template <class T>
void product(int rows, const ProductPanel<T>* panels, int panel_count) {
  for (int p = 0; p < panel_count; ++p) {
    const ProductPanel<T>& panel = panels[p];
    for (int r = 0; r < rows; ++r) {
      T* out = panel.out + r * panel.out_stride;
      for (int j = 0; j < panel.width; ++j) {
        T sum = panel.start == Start::kZero ? T(0) : panel.start == Start::kBias ? panel.bias[j] : out[j];
        for (int t = 0; t < panel.term_count; ++t) {
          const ProductTerm<T>& term = panel.terms[t];
          if (term.hot) {
            sum += term.weights[static_cast<std::ptrdiff_t>(term.hot[r]) * kPanel<T> + j];
            continue;
          }
          const T* a = term.a + r * term.a_stride;
          for (int k = 0; k < term.k; ++k) {
            sum = std::fma(a[k], term.weights[static_cast<std::ptrdiff_t>(k) * kPanel<T> + j], sum);
          }
        }
        out[j] = sum;
      }
    }
  }
}

template <class T>
void loop_product(int rows, const ProductPanel<T>* panels, int panel_count, const Ahead*, int, bool) {
  product(rows, panels, panel_count);
}

template <class T>
void step_product(const ProductPanel<T>* panels, int panel_count) {
  product(1, panels, panel_count);
}

template <class T>
void weight_gradient(const WeightGradient<T>& g) {
  for (int i = 0; i < g.term_count; ++i) {
    const GradientTerm<T>& term = g.terms[i];
    for (int p = g.first_panel; p < g.last_panel; ++p) {
      const int width = std::min(kPanel<T>, g.n - p * kPanel<T>);
      for (int k = 0; k < term.k; ++k) {
        T* row = term.gradient + (static_cast<std::ptrdiff_t>(p) * term.k + k) * kPanel<T>;
        for (int t = g.steps - 1; t >= 0; --t) {
          for (int b = 0; b < g.lanes; ++b) {
            const T* d = g.d + t * g.d_step + b * g.d_lane + static_cast<std::ptrdiff_t>(p) * kPanel<T>;
            if (term.hot && term.hot[t * term.hot_step + b] != k) continue;
            const T a = term.hot ? T(1) : term.a[t * term.a_step + b * term.a_lane + k];
            for (int j = 0; j < width; ++j) row[j] = std::fma(d[j], a, row[j]);
          }
        }
      }
    }
  }
}

template <class T>
void row_sum(const RowSum<T>& g) {
  for (int t = g.steps - 1; t >= 0; --t) {
    for (int b = 0; b < g.lanes; ++b) {
      const T* d = g.d + t * g.d_step + b * g.d_lane;
      const T* times = g.times ? g.times + t * g.times_step + b * g.times_lane : nullptr;
      for (int j = g.first; j < g.last; ++j)
        g.gradient[j] = std::fma(d[j], times ? times[j] : T(1), g.gradient[j]);
    }
  }
}

template <class T>
void recurrence(const Recurrence<T>& r, const T* start, T* out, std::ptrdiff_t out_step) {
  for (std::size_t j = 0; j < r.n; ++j) {
    T s = start[j];
    for (int k = 0; k < r.steps; ++k) {
      s = r.a[k * r.a_step + static_cast<std::ptrdiff_t>(j)] * s +
          r.b[k * r.b_step + static_cast<std::ptrdiff_t>(j)];
      out[k * out_step + static_cast<std::ptrdiff_t>(j)] = s;
    }
  }
}

template <class T>
void recurrence_summary(const Recurrence<T>& r, T* factor, T* rest) {
  for (std::size_t j = 0; j < r.n; ++j) {
    T product = factor[j], s = rest[j];
    for (int k = 0; k < r.steps; ++k) {
      const T a = r.a[k * r.a_step + static_cast<std::ptrdiff_t>(j)];
      product = a * product;
      s = a * s + r.b[k * r.b_step + static_cast<std::ptrdiff_t>(j)];
    }
    factor[j] = product;
    rest[j] = s;
  }
}

/// The fixed tree of 16 virtual lanes over value(0) … value(n-1).
template <class T, class Value>
T tree_sum(std::size_t n, const Value& value) {
  T lane[16] = {};
  for (std::size_t i = 0; i < n; ++i) lane[i % 16] += value(i);
  for (int half = 8; half > 0; half /= 2) {
    for (int l = 0; l < half; ++l) lane[l] += lane[l + half];
  }
  return lane[0];
}

template <class T>
T largest(const T* x, std::size_t n) {
  T result = -std::numeric_limits<T>::infinity();
  for (std::size_t i = 0; i < n; ++i) result = x[i] > result ? x[i] : result;
  return result;
}

template <class T>
void softmax(T* out, const T* a, const T*, const T*, std::size_t n) {
  const T shift = largest(a, n);
  for (std::size_t i = 0; i < n; ++i) out[i] = std::exp(a[i] - shift);
  const T inverse = T(1) / tree_sum<T>(n, [&](std::size_t i) { return out[i]; });
  for (std::size_t i = 0; i < n; ++i) out[i] *= inverse;
}

template <class T>
void softmax_stretch(T* x, std::size_t n, T* most, T* sum) {
  // Above -infinity, or a stretch of impossible classes would be NaN.
  const T shift = std::max(largest(x, n), std::numeric_limits<T>::lowest());
  for (std::size_t i = 0; i < n; ++i) x[i] = std::exp(x[i] - shift);
  *most = shift;
  *sum = tree_sum<T>(n, [&](std::size_t i) { return x[i]; });
}

template <class T>
double softmax_join(const T* most, T* sums, int stretches, T target_logit, T scale) {
  const std::size_t n = static_cast<std::size_t>(stretches);
  const T shift = largest(most, n);
  const T total = tree_sum<T>(n, [&](std::size_t i) { return std::exp(most[i] - shift) * sums[i]; });
  for (std::size_t i = 0; i < n; ++i) sums[i] = std::exp(most[i] - shift) * (scale / total);
  return std::log(static_cast<double>(total)) +
         (static_cast<double>(shift) - static_cast<double>(target_logit));
}

template <class T>
void softmax_gradient(T* x, std::size_t n, T factor, T less) {
  for (std::size_t i = 0; i < n; ++i) x[i] = x[i] * factor - less;
}

template <class T>
double sum_of_squares(const T* x, std::size_t n) {
  return tree_sum<double>(
      n, [&](std::size_t i) { return static_cast<double>(x[i]) * static_cast<double>(x[i]); });
}

template <class T>
void sum(T* out, const T* a, const T*, const T*, std::size_t n) {
  out[0] = tree_sum<T>(n, [&](std::size_t i) { return a[i]; });
}

template <class T>
void broadcast(T* out, const T* a, const T*, const T*, std::size_t n) {
  std::fill_n(out, n, a[0]);
}

template <class T, T (*f)(T)>
void unary(T* out, const T* a, const T*, const T*, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = f(a[i]);
}

template <class T, T (*f)(T, T)>
void binary(T* out, const T* a, const T* b, const T*, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = f(a[i], b[i]);
}

template <class T, T (*f)(T, T, T)>
void ternary(T* out, const T* a, const T* b, const T* c, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = f(a[i], b[i], c[i]);
}

// One line an op. Comparisons are written so that NaN stays NaN wherever the op's value is not a flag.
template <class T>
T negate(T x) {
  return -x;
}
template <class T>
T tanh(T x) {
  return std::tanh(x);
}
template <class T>
T relu(T x) {
  return x < 0 ? T(0) : x;
}
template <class T>
T exp(T x) {
  return std::exp(x);
}
template <class T>
T log(T x) {
  return std::log(x);
}
template <class T>
T sqrt(T x) {
  return std::sqrt(x);
}
template <class T>
T square(T x) {
  return x * x;
}
template <class T>
T abs(T x) {
  return std::fabs(x);
}
template <class T>
T reciprocal(T x) {
  return T(1) / x;
}
template <class T>
T elu(T x) {
  return x < 0 ? std::expm1(x) : x;
}
template <class T>
T identity(T x) {
  return x;
}
template <class T>
T step(T x) {
  return x > 0 ? T(1) : T(0);
}
template <class T>
T sign(T x) {
  return x > 0 ? T(1) : x < 0 ? T(-1) : T(0);
}
template <class T>
T in_range(T x) {
  return x > 0 && x < 1 ? T(1) : T(0);
}
template <class T>
T add(T a, T b) {
  return a + b;
}
template <class T>
T sub(T a, T b) {
  return a - b;
}
template <class T>
T mul(T a, T b) {
  return a * b;
}
template <class T>
T div(T a, T b) {
  return a / b;
}
template <class T>
T max(T a, T b) {
  return a > b || a != a ? a : b;
}
template <class T>
T min(T a, T b) {
  return a < b || a != a ? a : b;
}
template <class T>
T select(T a, T b, T c) {
  return a != 0 ? b : c;
}
template <class T>
T unit_clamp(T x) {
  return x < 0 ? T(0) : x > 1 ? T(1) : x;
}
template <class T>
T hard_sigmoid(T x) {
  return unit_clamp(x * T(0.2) + T(0.5));
}
template <class T>
T hard_sigmoid_keras(T x) {
  return unit_clamp(x * T(1.0 / 6.0) + T(0.5));
}

template <class T>
T sigmoid(T x) {
  const T z = std::exp(-std::fabs(x));
  return (x < 0 ? z : T(1)) / (T(1) + z);
}
template <class T>
T softplus(T x) {
  return (x < 0 ? T(0) : x) + std::log1p(std::exp(-std::fabs(x)));
}
template <class T>
T log_sigmoid(T x) {
  return (x > 0 ? T(0) : x) - std::log1p(std::exp(-std::fabs(x)));
}
template <class T>
T softsign(T x) {
  // Infinity is brought to the largest number, where the quotient is already 1, for inf/inf would be NaN.
  const T most = std::numeric_limits<T>::max();
  const T y = x > most ? most : x < -most ? -most : x;
  return y / (T(1) + std::fabs(y));
}

#include "kernels/reference_fused.h"

template <class T, T (*f)(T)>
constexpr TileRow<T> one(Op op) {
  return {op, unary<T, f>, unary<T, f>};
}
template <class T, T (*f)(T, T)>
constexpr TileRow<T> two(Op op) {
  return {op, binary<T, f>, binary<T, f>};
}
template <class T, T (*f)(T, T, T)>
constexpr TileRow<T> three(Op op) {
  return {op, ternary<T, f>, ternary<T, f>};
}

template <class T>
constexpr TileRow<T> kRows[] = {
    {Op::kInput},
    {Op::kPrevious},
    {Op::kParameter},
    {Op::kConstant},
    {Op::kNormal},
    {Op::kClock},
    {Op::kDropMask},
    {Op::kStepMask},
    {Op::kConcat},
    {Op::kSlice},
    {Op::kMatmul},
    one<T, negate<T>>(Op::kNegate),
    one<T, sigmoid<T>>(Op::kSigmoid),
    one<T, tanh<T>>(Op::kTanh),
    one<T, relu<T>>(Op::kRelu),
    one<T, exp<T>>(Op::kExp),
    one<T, log<T>>(Op::kLog),
    one<T, log_sigmoid<T>>(Op::kLogSigmoid),
    one<T, softplus<T>>(Op::kSoftplus),
    one<T, sqrt<T>>(Op::kSqrt),
    one<T, square<T>>(Op::kSquare),
    one<T, abs<T>>(Op::kAbs),
    one<T, reciprocal<T>>(Op::kReciprocal),
    one<T, hard_sigmoid<T>>(Op::kHardSigmoid),
    one<T, hard_sigmoid_keras<T>>(Op::kHardSigmoidKeras),
    one<T, softsign<T>>(Op::kSoftsign),
    one<T, elu<T>>(Op::kElu),
    one<T, identity<T>>(Op::kIdentity),
    one<T, step<T>>(Op::kStep),
    one<T, sign<T>>(Op::kSign),
    one<T, in_range<T>>(Op::kInRange),
    two<T, add<T>>(Op::kAdd),
    two<T, sub<T>>(Op::kSub),
    two<T, mul<T>>(Op::kMul),
    two<T, div<T>>(Op::kDiv),
    two<T, max<T>>(Op::kMax),
    two<T, min<T>>(Op::kMin),
    three<T, select<T>>(Op::kSelect),
    {Op::kSum, sum<T>, sum<T>},
    {Op::kMean},  // kMean, kDot, kLayerNorm, kRmsNorm: canonical graphs hold their parts instead
    {Op::kDot},
    {Op::kSoftmax, softmax<T>, softmax<T>},
    {Op::kLayerNorm},
    {Op::kRmsNorm},
    {Op::kBroadcast, broadcast<T>, broadcast<T>},
    {Op::kMatmulTransposed},
    {Op::kAdjointOutput},
    {Op::kAdjointState},
    {Op::kAdjointLoss},
    one<T, complement<T>>(Op::kComplement),
    one<T, sigmoid_slope<T>>(Op::kSigmoidSlope),
    one<T, tanh_slope<T>>(Op::kTanhSlope),
    three<T, mul_add<T>>(Op::kMulAdd),
    three<T, mul_sub<T>>(Op::kMulSub),
    three<T, sub_mul<T>>(Op::kSubMul),
    three<T, mul_mul<T>>(Op::kMulMul),
    three<T, add_mul<T>>(Op::kAddMul),
    three<T, add_add<T>>(Op::kAddAdd),
    two<T, complement_mul<T>>(Op::kComplementMul),
    three<T, complement_mul_add<T>>(Op::kComplementMulAdd),
    two<T, sigmoid_back<T>>(Op::kSigmoidBack),
    two<T, tanh_back<T>>(Op::kTanhBack),
    three<T, mul_sigmoid_back<T>>(Op::kMulSigmoidBack),
    three<T, mul_tanh_back<T>>(Op::kMulTanhBack),
    two<T, mul_sigmoid<T>>(Op::kMulSigmoid),
    two<T, mul_tanh<T>>(Op::kMulTanh),
    two<T, add_sigmoid<T>>(Op::kAddSigmoid),
    two<T, add_tanh<T>>(Op::kAddTanh),
};
static_assert(lists_every_op(kRows<float>) && lists_every_op(kRows<double>),
              "a row an op, in the order of op.h");

}  // namespace

template <class T>
const Kernels<T>& reference_kernels() {
  static const Kernels<T> table = [] {
    Kernels<T> k;
    k.target = "scalar";
    k.product = product<T>;
    k.loop_product = loop_product<T>;
    k.step_product = step_product<T>;
    k.weight_gradient = weight_gradient<T>;
    k.row_sum = row_sum<T>;
    k.pack_transpose = static_cast<decltype(k.pack_transpose)>(pack_transpose<T>);
    k.recurrence = recurrence<T>;
    k.recurrence_summary = recurrence_summary<T>;
    for (const TileRow<T>& row : kRows<T>) {
      k.tile[static_cast<std::size_t>(row.op)] = row.fast;
      k.tile_accurate[static_cast<std::size_t>(row.op)] = row.accurate;
    }
    k.softmax_stretch = softmax_stretch<T>;
    k.softmax_join = softmax_join<T>;
    k.softmax_gradient = softmax_gradient<T>;
    k.sum_of_squares = sum_of_squares<T>;
    return k;
  }();
  return table;
}

template const Kernels<float>& reference_kernels();
template const Kernels<double>& reference_kernels();

}  // namespace cellwright::kernels
