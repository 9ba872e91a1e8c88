// softmax.cpp: what the softmax over a vocabulary costs an update (loss and all gradients, T=20, B=20, a top
// of 200 units), over all classes and adaptive, in turn; targets fall as 1/rank. Arguments: classes (50000),
// rounds (20), threads (1), cutoffs (2000,10000). Prints medians of the clock on the wall, and the bytes of
// the working arrays.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "base/rng.h"
#include "nn/output_layer.h"

namespace cellwright {
namespace {

constexpr int kInputs = 200, kSteps = 20, kLanes = 20, kRows = kSteps * kLanes;

struct Variant {
  Variant(const std::string& n, int classes, const std::vector<int>& cutoffs, ThreadPool& pool)
      : name(n),
        layer(kInputs, classes, cutoffs, kernels::kernels<float>(), pool),
        parameters(layer.size()),
        gradients(layer.size()),
        d_h(static_cast<std::size_t>(kRows) * kInputs) {
    const Random random(1, hash_name(n));
    for (std::size_t i = 0; i < parameters.size(); ++i)
      parameters[i] = static_cast<float>(0.1 * (random.uniform(i) - 0.5));
  }
  std::string name;
  OutputLayer<float> layer;
  AlignedArray<float> parameters, gradients, d_h;
  std::vector<double> seconds;
};

int run(int classes, int rounds, int threads, const std::vector<int>& cutoffs) {
  ThreadPool pool(threads);
  std::vector<Variant> variants;
  variants.reserve(2);
  variants.emplace_back("full", classes, std::vector<int>{}, pool);
  if (!cutoffs.empty()) variants.emplace_back("adaptive", classes, cutoffs, pool);
  const Random random(1, hash_name("bench.softmax"));
  AlignedArray<float> h(static_cast<std::size_t>(kRows) * kInputs);
  for (std::size_t i = 0; i < h.size(); ++i) h[i] = static_cast<float>(random.normal(i));
  std::vector<std::int32_t> targets(static_cast<std::size_t>(kRows));
  for (std::size_t r = 0; r < targets.size(); ++r)  // log-uniform: a chance of about 1/rank
    targets[r] = static_cast<std::int32_t>(std::pow(classes, random.uniform(1000000 + r))) - 1;
  for (int round = 0; round < rounds; ++round) {
    for (Variant& v : variants) {
      const auto start = std::chrono::steady_clock::now();
      v.layer.bind(v.parameters.data());
      const OutputLayer<float>::Gradients g{1.0f / kRows, v.gradients.data(), v.d_h.data(), 0, true};
      v.layer.loss({h.data(), targets.data(), kSteps, kLanes, 0}, &g);
      v.seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
  }
  for (Variant& v : variants) {
    std::sort(v.seconds.begin(), v.seconds.end());
    const double s = v.seconds[v.seconds.size() / 2];
    fmt::print(
        "{:9} {} classes, {} threads: {:8.2f} ms an update ({:.2f} at best), {:6.1f} GFLOP/s of the full "
        "softmax, at most {:.1f} MB held\n",
        v.name, classes, threads, 1e3 * s, 1e3 * v.seconds[0], 6e-9 * kRows * kInputs * classes / s,
        static_cast<double>(v.layer.fixed_bytes() + v.layer.window_bytes(kSteps, kLanes, true)) / 1e6);
  }
  return 0;
}

}  // namespace
}  // namespace cellwright

int main(int argc, char** argv) {
  std::vector<int> cutoffs;
  std::istringstream list(argc > 4 ? argv[4] : "2000,10000");
  for (std::string one; std::getline(list, one, ',');) cutoffs.push_back(std::atoi(one.c_str()));
  return cellwright::run(argc > 1 ? std::atoi(argv[1]) : 50000, argc > 2 ? std::atoi(argv[2]) : 20,
                         argc > 3 ? std::atoi(argv[3]) : 1, cutoffs);
}
