// step_product-inl.h: one row times packed panels, for the step of a single sequence.
//
// Start at step_product(). A chain of multiply-adds waits for its last step, so a few panels run side by
// side: enough to fill the units, few enough that the processor's own prefetching follows each panel's stream
// of weights. Every element is its own chain, in the order of product(), so the bits are the same.
#include "kernels/simd-inl.h"

#if defined(CELLWRIGHT_KERNELS_STEP_PRODUCT_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CELLWRIGHT_KERNELS_STEP_PRODUCT_INL_H
#undef CELLWRIGHT_KERNELS_STEP_PRODUCT_INL_H
#else
#define CELLWRIGHT_KERNELS_STEP_PRODUCT_INL_H
#endif

HWY_BEFORE_NAMESPACE();
namespace cellwright::kernels::HWY_NAMESPACE {

/// Panels that run side by side. Four cost 5 % less than eight where the weights come from the third cache.
template <class T>
inline constexpr int kStepPanels = kManyRegisters || kPanelVectors<T> <= 2 ? 4 : 2;

/// kPanels panels that share their operands.
template <class T, int kPanels>
HWY_INLINE void step_tile(const ProductPanel<T>* panels) {
  constexpr int kV = kPanelVectors<T>;
  const Tag<T> d;
  // Fully unrolled by the pragmas, or gcc 12 keeps the sums in memory.
  Vec<T> sum[kPanels * kV];
#pragma GCC unroll 16
  for (int p = 0; p < kPanels; ++p) {
    const ProductPanel<T>& panel = panels[p];
#pragma GCC unroll 16
    for (int v = 0; v < kV; ++v) {
      sum[p * kV + v] = panel.start == Start::kBias   ? hn::Load(d, panel.bias + v * kLanes<T>)
                        : panel.start == Start::kZero ? hn::Zero(d)
                                                      : load_columns(panel.out, v * kLanes<T>, panel.width);
    }
  }
  for (int t = 0; t < panels->term_count; ++t) {
    const T* weights[kPanels];
#pragma GCC unroll 16
    for (int p = 0; p < kPanels; ++p) weights[p] = panels[p].terms[t].weights;
    if (panels->terms[t].hot != nullptr) {
      const std::ptrdiff_t k = panels->terms[t].hot[0];
#pragma GCC unroll 16
      for (int c = 0; c < kPanels * kV; ++c) {
        sum[c] = hn::Add(sum[c], hn::Load(d, weights[c / kV] + k * kPanel<T> + c % kV * kLanes<T>));
      }
      continue;
    }
    const T* a = panels->terms[t].a;
    const std::ptrdiff_t depth = panels->terms[t].k;
    for (std::ptrdiff_t k = 0; k < depth; ++k) {
      const Vec<T> x = hn::Set(d, a[k]);
#pragma GCC unroll 16
      for (int c = 0; c < kPanels * kV; ++c) {
        const Vec<T> w = hn::Load(d, weights[c / kV] + k * kPanel<T> + c % kV * kLanes<T>);
        sum[c] = hn::MulAdd(x, w, sum[c]);
      }
    }
  }
#pragma GCC unroll 16
  for (int p = 0; p < kPanels; ++p) {
#pragma GCC unroll 16
    for (int v = 0; v < kV; ++v)
      store_columns(sum[p * kV + v], panels[p].out, v * kLanes<T>, panels[p].width);
  }
}

template <class T>
void step_product(const ProductPanel<T>* panels, int panel_count) {
  int p = 0;
  for (; p + kStepPanels<T> <= panel_count; p += kStepPanels<T>) step_tile<T, kStepPanels<T>>(panels + p);
  if (kStepPanels < T >> 2 && p + 2 <= panel_count) {
    step_tile<T, 2>(panels + p);
    p += 2;
  }
  if (p < panel_count) step_tile<T, 1>(panels + p);
}

}  // namespace cellwright::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
