// activations.cpp: every pointwise op in its fast and its accurate form: nanoseconds a number in the
// first-level cache, and the largest error against the op's own accurate double (graph/op_table.h), in units
// of the last place and absolute.
//
// Errors are looked for at 600 random numbers of each sign and exponent and on fine grids; operands behind
// the first are random. Beyond the range of float nothing is counted, and below its normal numbers a unit is
// the smallest denormal.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "graph/op_table.h"
#include "kernels/softmax_row.h"
#include "micro.h"

namespace cellwright::micro {
namespace {

using namespace kernels;

bool positive_only(Op op) { return op == Op::kLog || op == Op::kSqrt; }

std::vector<float> arguments(Op op) {
  std::vector<float> x;
  std::mt19937 generator(7);
  for (int exponent = -126; exponent <= 127; ++exponent) {
    for (int i = 0; i < 600; ++i) {
      const float v = std::ldexp(1.0f + static_cast<float>(generator() >> 9) * 0x1p-23f, exponent);
      x.push_back(v);
      x.push_back(-v);
    }
  }
  for (int i = -100000; i <= 100000; ++i) {
    x.push_back(static_cast<float>(i) * (110.0f / 100000));
    x.push_back(static_cast<float>(i) * (4.0f / 100000));
  }
  if (positive_only(op)) {
    for (float& v : x) v = std::fabs(v);
  }
  return x;
}

struct Errors {
  double ulp = 0, absolute = 0;
};

Errors errors_of(Op op, TileFunction<float> f) {
  const std::vector<float> x = arguments(op);
  AlignedArray<float> a(x.size()), b = random_array(x.size(), 6), c = random_array(x.size(), 6),
                                   found(x.size());
  std::copy(x.begin(), x.end(), a.begin());
  f(found.data(), a.data(), b.data(), c.data(), x.size());
  Errors most;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double exact =
        op_row(op).scalar(static_cast<double>(a[i]), static_cast<double>(b[i]), static_cast<double>(c[i]));
    if (!std::isfinite(exact) || std::fabs(exact) > static_cast<double>(std::numeric_limits<float>::max()))
      continue;
    const double error = std::fabs(static_cast<double>(found[i]) - exact);
    int exponent = 0;
    std::frexp(exact, &exponent);
    most.ulp = std::max(most.ulp, error / std::ldexp(1.0, std::max(exponent, -125) - 24));
    // What is exact but for one rounding has no absolute error worth naming where numbers are large.
    if (std::fabs(exact) <= 100) most.absolute = std::max(most.absolute, error);
  }
  return most;
}

void activation(benchmark::State& state, const std::string& target, Op op, bool accurate) {
  const Kernels<float>& k = kernels::kernels<float>(target);
  const TileFunction<float> f = (accurate ? k.tile_accurate : k.tile)[static_cast<std::size_t>(op)];
  constexpr std::size_t kElements = 512;
  AlignedArray<float> a = random_array(kElements, 6), b = a, c = a, out(kElements);
  if (positive_only(op)) std::for_each(a.begin(), a.end(), [](float& v) { v = std::fabs(v) + 0.1f; });
  for (auto _ : state) {
    f(out.data(), a.data(), b.data(), c.data(), kElements);
    benchmark::ClobberMemory();
  }
  const Errors errors = errors_of(op, f);
  // Printed with SI prefixes: 500p is 0.5 ns.
  state.counters["s/number"] = benchmark::Counter(
      kElements, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
  state.counters["ulp"] = errors.ulp;
  state.counters["absolute"] = errors.absolute;
}

void softmax(benchmark::State& state, const std::string& target, int classes) {
  const AlignedArray<float> logits = random_array(static_cast<std::size_t>(classes), 6);
  AlignedArray<float> d(logits.size());
  const Kernels<float>& k = kernels::kernels<float>(target);
  for (auto _ : state)
    benchmark::DoNotOptimize(softmax_cross_entropy(k, logits.data(), classes, 3, 0.0f, 0.1f, d.data()));
  state.counters["s/number"] = benchmark::Counter(
      classes, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

}  // namespace

void register_activations() {
  for (const std::string& target : simd_targets()) {
    const Kernels<float>& k = kernels::kernels<float>(target);
    for (std::size_t i = 0; i < kOpCount; ++i) {
      const Op op = static_cast<Op>(i);
      if (!is_pointwise(op) || k.tile[i] == nullptr) continue;
      for (const bool accurate : {false, true}) {
        if (accurate && k.tile_accurate[i] == k.tile[i]) continue;
        const bool two = k.tile_accurate[i] != k.tile[i];
        const std::string name = "activation/" + target + "/" + std::string(op_name(op)) +
                                 (two ? accurate ? "/accurate" : "/fast" : "");
        benchmark::RegisterBenchmark(name.c_str(),
                                     [=](benchmark::State& s) { activation(s, target, op, accurate); });
      }
    }
    for (const int classes : {65, 10000}) {
      const std::string name = "softmax_cross_entropy/" + target + "/V:" + std::to_string(classes);
      benchmark::RegisterBenchmark(name.c_str(),
                                   [=](benchmark::State& s) { softmax(s, target, classes); });
    }
  }
}

}  // namespace cellwright::micro
