// products.cpp: the packed product of one LSTM step (M rows, K = H, N = 4H) and the gradient of its weights,
// beside the multiply-add peak, which is measured just before each. One thread.
#include "base/thread_pool.h"
#include "micro.h"
#include "roofline.h"

namespace cellwright::micro {
namespace {

using namespace kernels;

void count(benchmark::State& state, double flop, double peak) {
  state.counters["GFLOP/s"] = rate(flop / 1e9);
  state.counters["share"] = rate(flop / 1e9 / peak);
}

double peak_now() {
  static ThreadPool one(1);
  return fma_peak(one, 3);
}

void product(benchmark::State& state, const std::string& target, int m, int h) {
  const int n = 4 * h, panels = (n + kPanel<float> - 1) / kPanel<float>;
  const AlignedArray<float> weights = random_array(packed_size<float>(n, h), 1),
                            a = random_array(static_cast<std::size_t>(m) * static_cast<std::size_t>(h), 1),
                            bias = random_array(static_cast<std::size_t>(n), 1);
  AlignedArray<float> out(static_cast<std::size_t>(m) * static_cast<std::size_t>(n));
  std::vector<ProductTerm<float>> terms(static_cast<std::size_t>(panels));
  std::vector<ProductPanel<float>> list(terms.size());
  for (int p = 0; p < panels; ++p) {
    const auto i = static_cast<std::size_t>(p);
    terms[i].a = a.data();
    terms[i].a_stride = h;
    terms[i].weights = weights.data() + static_cast<std::ptrdiff_t>(p) * h * kPanel<float>;
    terms[i].k = h;
    list[i].out = out.data() + p * kPanel<float>;
    list[i].out_stride = n;
    list[i].width = kPanel<float>;
    list[i].start = Start::kBias;
    list[i].bias = bias.data() + p * kPanel<float>;
    list[i].terms = &terms[i];
    list[i].term_count = 1;
  }
  const Kernels<float>& k = kernels::kernels<float>(target);
  const double peak = peak_now();
  for (auto _ : state) {
    k.product(m, list.data(), panels);
    benchmark::ClobberMemory();
  }
  count(state, 2.0 * m * n * h, peak);
}

void weight_gradient(benchmark::State& state, const std::string& target, int h) {
  const int n = 4 * h, steps = 35, lanes = 20;
  const auto rows = static_cast<std::size_t>(steps * lanes);
  const AlignedArray<float> d = random_array(rows * static_cast<std::size_t>(n), 1),
                            a = random_array(rows * static_cast<std::size_t>(h), 1);
  AlignedArray<float> gradient(packed_size<float>(n, h)), scratch(weight_gradient_scratch<float>());
  GradientTerm<float> term;
  term.gradient = gradient.data(), term.k = h;
  term.a = a.data(), term.a_step = static_cast<std::ptrdiff_t>(lanes) * h, term.a_lane = h;
  WeightGradient<float> g;
  g.terms = &term, g.term_count = 1, g.n = n, g.steps = steps, g.lanes = lanes;
  g.d = d.data(), g.d_step = static_cast<std::ptrdiff_t>(lanes) * n, g.d_lane = n;
  g.last_panel = n / kPanel<float>;
  g.scratch = scratch.data();
  const Kernels<float>& k = kernels::kernels<float>(target);
  const double peak = peak_now();
  for (auto _ : state) {
    k.weight_gradient(g);
    benchmark::ClobberMemory();
  }
  count(state, 2.0 * steps * lanes * n * h, peak);
}

}  // namespace

void register_products() {
  for (const std::string& target : simd_targets()) {
    for (const int h : {64, 128, 200, 256, 512, 650, 1024}) {
      for (const int m : {1, 2, 6, 16, 20, 32, 64}) {
        const std::string name = "product/" + target + "/M:" + std::to_string(m) + "/H:" + std::to_string(h);
        benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& s) { product(s, target, m, h); });
      }
      const std::string name = "weight_gradient/" + target + "/T:35/B:20/H:" + std::to_string(h);
      benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& s) { weight_gradient(s, target, h); });
    }
  }
}

}  // namespace cellwright::micro
