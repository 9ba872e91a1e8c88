#include "fused_lstm.h"

#define HWY_DISABLED_TARGETS \
  (HWY_SSSE3 | HWY_AVX3_DL | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV | HWY_PPC8)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "micro/fused_lstm.cpp"
#include "hwy/foreach_target.h"
// After it, for it sets the target.
#include "hwy/highway.h"
#if HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128
#include "kernels/activations-inl.h"
#endif

HWY_BEFORE_NAMESPACE();
namespace cellwright::micro::HWY_NAMESPACE {

#if HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128
namespace hn = hwy::HWY_NAMESPACE;

void step(const float* f, const float* i, const float* g, const float* o, float* C, const float* before,
          float* h, std::size_t n) {
  using A = kernels::HWY_NAMESPACE::Activations<float>;
  const kernels::HWY_NAMESPACE::Tag<float> tag;
  for (std::size_t k = 0; k < n; k += hn::Lanes(tag)) {
    const auto z = hn::Load(tag, before + k);
    const auto forget = A::sigmoid_fast(hn::Add(hn::Load(tag, f + k), z));
    const auto input = A::sigmoid_fast(hn::Add(hn::Load(tag, i + k), z));
    const auto candidate = A::tanh_fast(hn::Add(hn::Load(tag, g + k), z));
    const auto c = hn::Add(hn::Mul(forget, hn::Load(tag, C + k)), hn::Mul(input, candidate));
    const auto output = A::sigmoid_fast(hn::Add(hn::Load(tag, o + k), z));
    hn::Store(c, tag, C + k);
    hn::Store(hn::Mul(output, A::tanh_fast(c)), tag, h + k);
  }
}
#else
void step(const float*, const float*, const float*, const float*, float*, const float*, float*, std::size_t) {
}
#endif

}  // namespace cellwright::micro::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cellwright::micro {

HWY_EXPORT(step);

void fused_lstm_step(const float* f, const float* i, const float* g, const float* o, float* C,
                     const float* before, float* h, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(step)(f, i, g, o, C, before, h, n);
}

}  // namespace cellwright::micro
#endif
