// each_target-inl.h: the body of simd_float.cpp and simd_double.cpp; CELLWRIGHT_KERNELS_T is the number type.
//
// Highway includes the .cpp again for each target in HWY_TARGETS and ends with the baseline, which on x86-64
// has no SIMD worth its while: there the plain reference serves.
#ifndef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS \
  (HWY_SSSE3 | HWY_AVX3_DL | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV | HWY_PPC8)
#endif
#include "hwy/foreach_target.h"
// After it, for it sets the target.
#include "hwy/highway.h"
#include "kernels/table.h"

#if HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128
#include "kernels/table-inl.h"

HWY_BEFORE_NAMESPACE();
namespace cellwright::kernels::HWY_NAMESPACE {
#if HWY_TARGET == HWY_SSE4
inline constexpr const char* kTargetName = "sse4";
#elif HWY_TARGET == HWY_AVX2
inline constexpr const char* kTargetName = "avx2";
#elif HWY_TARGET == HWY_AVX3
inline constexpr const char* kTargetName = "avx512";
#elif HWY_TARGET == HWY_NEON
inline constexpr const char* kTargetName = "neon";
#else
inline constexpr const char* kTargetName = "simd";
#endif
constexpr Kernels<CELLWRIGHT_KERNELS_T> kTable = simd_kernels<CELLWRIGHT_KERNELS_T>(kTargetName);
}  // namespace cellwright::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#if HWY_ONCE
namespace cellwright::kernels {

template <>
const CompiledTarget<CELLWRIGHT_KERNELS_T>* compiled_targets<CELLWRIGHT_KERNELS_T>() {
  static constexpr CompiledTarget<CELLWRIGHT_KERNELS_T> kTargets[] = {
#if HWY_TARGETS & HWY_AVX3
    {HWY_AVX3, &N_AVX3::kTable},
#endif
#if HWY_TARGETS & HWY_AVX2
    {HWY_AVX2, &N_AVX2::kTable},
#endif
#if HWY_TARGETS & HWY_SSE4
    {HWY_SSE4, &N_SSE4::kTable},
#endif
#if HWY_TARGETS & HWY_NEON
    {HWY_NEON, &N_NEON::kTable},
#endif
#if HWY_TARGETS & HWY_WASM
    {HWY_WASM, &N_WASM::kTable},
#endif
    {0, nullptr},
  };
  return kTargets;
}

}  // namespace cellwright::kernels
#endif
