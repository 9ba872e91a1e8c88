// micro.h: the small benchmarks, by Google Benchmark; run by bench/run micro. Names are paths: filter with
// --benchmark_filter=product, activation/tanh, …
#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>
#include <random>
#include <string>
#include <vector>

#include "base/aligned.h"
#include "kernels/kernels.h"

namespace cellwright::micro {

void register_products();     ///< packed products and weight gradients, as share of the multiply-add peak
void register_activations();  ///< every pointwise op: its time and its largest error
void register_interpreter();  ///< a plan's pointwise program against a hand-fused loop

/// The SIMD targets, the scalar reference left out.
std::vector<std::string> simd_targets();

inline AlignedArray<float> random_array(std::size_t n, double range) {
  std::mt19937 generator(1);
  std::uniform_real_distribution<float> uniform(static_cast<float>(-range), static_cast<float>(range));
  AlignedArray<float> x(n);
  for (float& v : x) v = uniform(generator);
  return x;
}

inline benchmark::Counter rate(double per_iteration) {
  return {per_iteration, benchmark::Counter::kIsIterationInvariantRate};
}

}  // namespace cellwright::micro
