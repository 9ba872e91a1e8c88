// layer_regularisers.cpp: what dropout, zoneout and penalties cost a layer's step, forward and backward, as
// ratios to the same layers without, all run in turn. Arguments: rounds (20), threads (1). Prints the median
// of the rounds' ratios of processor time, which a busy machine disturbs less than the clock on the wall.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "nn/stack.h"
#include "nn/test_help.h"

namespace cellwright {
namespace {

constexpr int kSteps = 35, kLanes = 20, kUnits = 200;

struct Variant {
  std::string name;
  std::unique_ptr<Stack<float>> stack;
  StackState<float> state;
  std::vector<double> ratios;
};

double median(std::vector<double> x) {
  std::sort(x.begin(), x.end());
  return x[x.size() / 2];
}

AlignedArray<float> numbers(std::size_t n, float scale) {
  const Random random(1, 1);
  AlignedArray<float> all(n);
  for (std::size_t i = 0; i < n; ++i) all[i] = scale * static_cast<float>(random.uniform(i) - 0.5);
  return all;
}

int run(int rounds, int threads) {
  Engine engine({threads});
  std::vector<Variant> variants;
  const auto add = [&](const std::string& name, const std::function<void(Regularisation&)>& change) {
    StackSpec spec;
    spec.layers = {test::layer("lstm", kUnits), test::layer("lstm", kUnits)};
    spec.inputs = {kUnits};
    for (LayerSpec& l : spec.layers) change(l.regularisation);
    spec.layers[1].regularisation.input_dropout = 0;  // dropped on its way up, as by --dropout
    Variant v{name, std::make_unique<Stack<float>>(spec, kernels::kernels<float>(""), engine), {}, {}};
    v.state = v.stack->start(kLanes);
    variants.push_back(std::move(v));
  };
  const auto dropout = [](Regularisation& r) { r.input_dropout = r.output_dropout = 0.5; };
  add("plain", [](Regularisation&) {});
  add("plain again", [](Regularisation&) {});
  add("dropout", dropout);
  add("variational", [&](Regularisation& r) {
    dropout(r);
    r.variational = true;
  });
  add("recurrent", [](Regularisation& r) { r.recurrent_dropout = 0.5; });
  add("variational, recurrent", [&](Regularisation& r) {
    dropout(r);
    r.variational = true;
    r.recurrent_dropout = 0.5;
  });
  add("zoneout", [](Regularisation& r) { r.zoneout = {{"", 0.1}}; });
  add("activation penalty", [](Regularisation& r) { r.activation_penalty = 2; });
  add("temporal penalty", [](Regularisation& r) { r.temporal_penalty = 1; });
  const AlignedArray<float> parameters = numbers(variants[0].stack->size(), 0.1f),
                            x = numbers(kSteps * kLanes * kUnits, 2),
                            d_y = numbers(kSteps * kLanes * kUnits, 1);
  AlignedArray<float> gradients(parameters.size());
  const std::vector<float> d_losses(kSteps, 1e-3f);
  typename Stack<float>::Backward wish;
  wish.d_outputs = {d_y.data()};
  wish.d_losses = d_losses.data();
  wish.wanted = 1;
  wish.gradients = gradients.data();
  std::vector<double> plain;
  for (int round = -2; round < rounds; ++round) {  // two to warm up
    double first = 0;
    for (Variant& v : variants) {
      const std::clock_t begin = std::clock();
      v.stack->bind(parameters.data());  // as after an optimiser's step
      v.stack->set_noise(1, static_cast<std::uint64_t>(round + 2));
      v.stack->forward(true, kSteps, {x.data()}, v.state);
      v.stack->backward(wish);
      const double took = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
      if (&v == &variants.front()) first = took;
      if (round < 0) continue;
      v.ratios.push_back(took / first);
      if (&v == &variants.front()) plain.push_back(first);
    }
  }
  fmt::print(
      "plain: {:.1f} ms of processor time a step (lstm, T {}, B {}, I {}, H {}, 2 layers, {} threads), {} "
      "rounds\n",
      1e3 * median(plain), kSteps, kLanes, kUnits, kUnits, threads, rounds);
  for (const Variant& v : variants) fmt::print("{:24} {:.3f}\n", v.name, median(v.ratios));
  return 0;
}

}  // namespace
}  // namespace cellwright

int main(int argc, char** argv) {
  return cellwright::run(argc > 1 ? std::atoi(argv[1]) : 20, argc > 2 ? std::atoi(argv[2]) : 1);
}
