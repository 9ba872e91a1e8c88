// kernels_bench.cpp: products in GFLOP/s beside the processor's multiply-add peak, and pointwise ops in ns an
// element.
//
// Run with --benchmark_filter=… to choose; names hold the target, the rows M and the units H (N = 4H
// columns). Every product is one step of an LSTM's recurrent product. Peak: independent chains in registers,
// at AVX2's width.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "base/aligned.h"
#include "graph/op.h"
#include "kernels/kernels.h"
#include "kernels/softmax_row.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace cellwright::kernels {
namespace {

AlignedArray<float> random_array(std::size_t n, double range) {
  std::mt19937 generator(1);
  std::uniform_real_distribution<float> uniform(static_cast<float>(-range), static_cast<float>(range));
  AlignedArray<float> x(n);
  for (float& v : x) v = uniform(generator);
  return x;
}

benchmark::Counter gigaflops(double flops) {
  return {flops / 1e9, benchmark::Counter::kIsIterationInvariantRate};
}

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) void peak(benchmark::State& state) {
  // Twelve chains by name, for an array would live in memory.
  __m256 a = _mm256_setzero_ps(), b = a, c = a, d = a, e = a, f = a, g = a, h = a, i = a, j = a, k = a, l = a;
  const __m256 x = _mm256_set1_ps(0.5f), y = _mm256_set1_ps(1.0f);
  constexpr int kRounds = 100000;
  for (auto _ : state) {
    for (int round = 0; round < kRounds; ++round) {
      asm volatile(
          "vfmadd213ps %13, %12, %0\n vfmadd213ps %13, %12, %1\n vfmadd213ps %13, %12, %2\n vfmadd213ps %13, "
          "%12, %3\n"
          "vfmadd213ps %13, %12, %4\n vfmadd213ps %13, %12, %5\n vfmadd213ps %13, %12, %6\n vfmadd213ps %13, "
          "%12, %7\n"
          "vfmadd213ps %13, %12, %8\n vfmadd213ps %13, %12, %9\n vfmadd213ps %13, %12, %10\n vfmadd213ps "
          "%13, %12, %11\n"
          : "+x"(a), "+x"(b), "+x"(c), "+x"(d), "+x"(e), "+x"(f), "+x"(g), "+x"(h), "+x"(i), "+x"(j), "+x"(k),
            "+x"(l)
          : "x"(x), "x"(y));
    }
  }
  state.counters["GFLOP/s"] = gigaflops(2.0 * 8 * 12 * kRounds);
}
#endif

void product(benchmark::State& state, const std::string& target, int m, int h) {
  const int n = 4 * h, panels = (n + kPanel<float> - 1) / kPanel<float>;
  const AlignedArray<float> weights = random_array(packed_size<float>(n, h), 1),
                            a = random_array(static_cast<std::size_t>(m) * h, 1);
  const AlignedArray<float> bias = random_array(static_cast<std::size_t>(n), 1);
  AlignedArray<float> out(static_cast<std::size_t>(m) * n);
  std::vector<ProductTerm<float>> terms(panels);
  std::vector<ProductPanel<float>> list(panels);
  for (int p = 0; p < panels; ++p) {
    terms[p] = {a.data(), h, weights.data() + static_cast<std::ptrdiff_t>(p) * h * kPanel<float>, h};
    list[p].out = out.data() + p * kPanel<float>;
    list[p].out_stride = n;
    list[p].width = kPanel<float>;
    list[p].start = Start::kBias;
    list[p].bias = bias.data() + p * kPanel<float>;
    list[p].terms = &terms[p];
    list[p].term_count = 1;
  }
  const Kernels<float>& k = kernels<float>(target);
  for (auto _ : state) {
    k.product(m, list.data(), panels);
    benchmark::ClobberMemory();
  }
  state.counters["GFLOP/s"] = gigaflops(2.0 * m * n * h);
}

void weight_gradient(benchmark::State& state, const std::string& target, int h) {
  const int n = 4 * h, steps = 35, lanes = 20;
  const AlignedArray<float> d = random_array(static_cast<std::size_t>(steps) * lanes * n, 1);
  const AlignedArray<float> a = random_array(static_cast<std::size_t>(steps) * lanes * h, 1);
  AlignedArray<float> gradient(packed_size<float>(n, h)), scratch(weight_gradient_scratch<float>());
  WeightGradient<float> g;
  g.gradient = gradient.data(), g.n = n, g.k = h, g.steps = steps, g.lanes = lanes;
  g.d = d.data(), g.d_step = static_cast<std::ptrdiff_t>(lanes) * n, g.d_lane = n;
  g.a = a.data(), g.a_step = static_cast<std::ptrdiff_t>(lanes) * h, g.a_lane = h;
  g.last_panel = n / kPanel<float>;
  g.scratch = scratch.data();
  const Kernels<float>& k = kernels<float>(target);
  for (auto _ : state) {
    k.weight_gradient(g);
    benchmark::ClobberMemory();
  }
  state.counters["GFLOP/s"] = gigaflops(2.0 * steps * lanes * n * h);
}

void tile(benchmark::State& state, const std::string& target, Op op, bool accurate) {
  constexpr std::size_t kElements = 512;
  AlignedArray<float> a = random_array(kElements, 6), b = random_array(kElements, 6), out(kElements);
  if (op == Op::kLog) std::for_each(a.begin(), a.end(), [](float& v) { v = v * v + 0.1f; });
  const Kernels<float>& k = kernels<float>(target);
  const TileFunction<float> f = (accurate ? k.tile_accurate : k.tile)[static_cast<std::size_t>(op)];
  for (auto _ : state) {
    f(out.data(), a.data(), b.data(), nullptr, kElements);
    benchmark::ClobberMemory();
  }
  // Rates are printed with SI prefixes: an inverted rate of 500p is 0.5 ns.
  state.counters["s/element"] = benchmark::Counter(
      kElements, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void cross_entropy(benchmark::State& state, const std::string& target, int classes) {
  const AlignedArray<float> logits = random_array(static_cast<std::size_t>(classes), 6);
  AlignedArray<float> d(logits.size());
  const Kernels<float>& k = kernels<float>(target);
  for (auto _ : state)
    benchmark::DoNotOptimize(softmax_cross_entropy(k, logits.data(), classes, 3, 0.0f, 0.1f, d.data()));
}

void register_all() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("fma")) benchmark::RegisterBenchmark("peak/avx2", peak);
#endif
  for (const std::string& target : available_targets()) {
    if (target == "scalar") continue;
    for (int h : {128, 200, 256, 512}) {
      for (int m : {1, 2, 3, 16, 20, 32, 64}) {
        const std::string name = "product/" + target + "/M:" + std::to_string(m) + "/H:" + std::to_string(h);
        benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& s) { product(s, target, m, h); });
      }
      const std::string name = "weight_gradient/" + target + "/H:" + std::to_string(h);
      benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& s) { weight_gradient(s, target, h); });
    }
    for (const auto& [label, op] : {std::pair{"sigmoid", Op::kSigmoid},
                                    {"tanh", Op::kTanh},
                                    {"exp", Op::kExp},
                                    {"log", Op::kLog},
                                    {"softplus", Op::kSoftplus},
                                    {"mul", Op::kMul},
                                    {"softmax", Op::kSoftmax}}) {
      for (bool accurate : {false, true}) {
        if (!accurate && op != Op::kSigmoid && op != Op::kTanh) continue;
        const std::string name = "tile/" + target + "/" + label + (accurate ? "" : "_fast");
        benchmark::RegisterBenchmark(name.c_str(),
                                     [=, f = op](benchmark::State& s) { tile(s, target, f, accurate); });
      }
    }
    for (int classes : {65, 10000}) {
      const std::string name = "cross_entropy/" + target + "/V:" + std::to_string(classes);
      benchmark::RegisterBenchmark(name.c_str(),
                                   [=](benchmark::State& s) { cross_entropy(s, target, classes); });
    }
  }
}

}  // namespace
}  // namespace cellwright::kernels

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  cellwright::kernels::register_all();
  benchmark::RunSpecifiedBenchmarks();
}
