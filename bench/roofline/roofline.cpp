#include "roofline.h"

// The SIMD targets that the library's kernels have, so that the peak is one they could reach.
#define HWY_DISABLED_TARGETS \
  (HWY_SSSE3 | HWY_AVX3_DL | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV | HWY_PPC8)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "roofline.cpp"
#include "hwy/foreach_target.h"
// After it, for it sets the target.
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace cellwright::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

double burst(long rounds, float* sink) {
  const hn::ScalableTag<float> tag;
  using V = hn::Vec<decltype(tag)>;
  // Twelve by name, for an array would live in memory; each tends to a constant, far from denormals.
  V a = hn::Set(tag, 1.0f), b = a, c = a, d = a, e = a, f = a, g = a, h = a, i = a, j = a, k = a, l = a;
  const V x = hn::Set(tag, 0.999f), y = hn::Set(tag, 0.002f);
  for (long round = 0; round < rounds; ++round) {
    a = hn::MulAdd(a, x, y), b = hn::MulAdd(b, x, y), c = hn::MulAdd(c, x, y), d = hn::MulAdd(d, x, y);
    e = hn::MulAdd(e, x, y), f = hn::MulAdd(f, x, y), g = hn::MulAdd(g, x, y), h = hn::MulAdd(h, x, y);
    i = hn::MulAdd(i, x, y), j = hn::MulAdd(j, x, y), k = hn::MulAdd(k, x, y), l = hn::MulAdd(l, x, y);
#if defined(__GNUC__) && (defined(__x86_64__) || defined(__aarch64__)) && HWY_TARGET != HWY_SCALAR && \
    HWY_TARGET != HWY_EMU128
    // Twelve equal chains are one to a compiler that sees through them.
#if defined(__x86_64__)
#define CELLWRIGHT_REGISTER "+v"
#else
#define CELLWRIGHT_REGISTER "+w"
#endif
    asm volatile(""
                 : CELLWRIGHT_REGISTER(a.raw), CELLWRIGHT_REGISTER(b.raw), CELLWRIGHT_REGISTER(c.raw),
                   CELLWRIGHT_REGISTER(d.raw), CELLWRIGHT_REGISTER(e.raw), CELLWRIGHT_REGISTER(f.raw));
    asm volatile(""
                 : CELLWRIGHT_REGISTER(g.raw), CELLWRIGHT_REGISTER(h.raw), CELLWRIGHT_REGISTER(i.raw),
                   CELLWRIGHT_REGISTER(j.raw), CELLWRIGHT_REGISTER(k.raw), CELLWRIGHT_REGISTER(l.raw));
#endif
  }
  const V sum = hn::Add(hn::Add(hn::Add(a, b), hn::Add(c, d)), hn::Add(hn::Add(e, f), hn::Add(g, h)));
  hn::StoreU(hn::Add(sum, hn::Add(hn::Add(i, j), hn::Add(k, l))), tag, sink);
  return 2.0 * 12.0 * static_cast<double>(hn::Lanes(tag)) * static_cast<double>(rounds);
}

}  // namespace cellwright::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <algorithm>
#include <chrono>

#include "base/thread_pool.h"

namespace cellwright {

HWY_EXPORT(burst);

double fma_burst(long rounds) {
  alignas(64) float sink[64];
  const double flop = HWY_DYNAMIC_DISPATCH(burst)(rounds, sink);
  volatile float kept = sink[0];
  static_cast<void>(kept);
  return flop;
}

double fma_peak(ThreadPool& pool, int tries) {
  constexpr long kRounds = 2'000'000;  // of 12 multiply-adds, two a cycle: about 4 ms
  double best = 0;
  for (int i = 0; i < tries; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    double flop = 0;
    pool.run([&](int thread) {
      const double done = fma_burst(kRounds);
      if (thread == 0) flop = done;
    });
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    best = std::max(best, flop * pool.size() / seconds / 1e9);
  }
  return best;
}

}  // namespace cellwright
#endif
