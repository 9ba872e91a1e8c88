// regularisers.cpp: what the regularisers around a model's layers cost a training step, as ratios to the
// plain step, all run in turn. Arguments: rounds (20), threads (1). Prints the median of the rounds' ratios
// of processor time, which a busy machine disturbs less than the clock on the wall.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "nn/test_help.h"

namespace cellwright {
namespace {

constexpr int kClasses = 10000, kSteps = 20, kLanes = 20;

struct Variant {
  std::string name;
  std::unique_ptr<Model<float>> model;
  ModelState<float> state;
  std::vector<double> ratios;
};

double median(std::vector<double> x) {
  std::sort(x.begin(), x.end());
  return x[x.size() / 2];
}

int run(int rounds, int threads) {
  Engine engine({threads});
  std::vector<Variant> variants;
  const auto add = [&](const std::string& name, const std::function<void(ModelSpec&)>& change) {
    ModelSpec spec = test::stack(kClasses, 200, {{"lstm", 200}, {"lstm", 200}});
    change(spec);
    Variant v{name, std::make_unique<Model<float>>(spec, engine), {}, {}};
    v.model->initialise(1);
    v.state = v.model->make_state(kLanes);
    variants.push_back(std::move(v));
  };
  const auto drop = [](ModelSpec& s) {
    for (LayerSpec& l : s.layers) l.regularisation.weight_drop = 0.5;
  };
  add("plain", [](ModelSpec&) {});
  add("plain again", [](ModelSpec&) {});
  add("weight-drop 0.5", drop);
  add("weight noise 0.075", [](ModelSpec& s) { s.weight_noise = 0.075; });
  add("embedding dropout 0.1", [](ModelSpec& s) { s.embedding_dropout = 0.1; });
  add("label smoothing 0.1", [](ModelSpec& s) { s.label_smoothing = 0.1; });
  add("tied", [](ModelSpec& s) { s.tied = true; });
  add("all", [&](ModelSpec& s) {
    drop(s);
    s.weight_noise = 0.075;
    s.embedding_dropout = 0.1;
    s.label_smoothing = 0.1;
    s.tied = true;
  });
  const auto inputs = test::random_tokens(kSteps * kLanes, kClasses, 1),
             targets = test::random_tokens(kSteps * kLanes, kClasses, 2);
  const TokenWindow window{kSteps, kLanes, inputs.data(), targets.data(), 0};
  std::vector<double> plain;
  for (int round = -2; round < rounds; ++round) {  // two to warm up
    double first = 0;
    for (Variant& v : variants) {
      const std::clock_t begin = std::clock();
      v.model->parameters_changed();  // as after an optimiser's step
      v.model->set_noise(1, static_cast<std::uint64_t>(round + 2));
      v.model->train_window(window, v.state);
      const double took = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
      if (&v == &variants.front()) first = took;
      if (round < 0) continue;
      v.ratios.push_back(took / first);
      if (&v == &variants.front()) plain.push_back(first);
    }
  }
  fmt::print(
      "plain: {:.1f} ms of processor time a step (lstm 2x200, T {}, B {}, V {}, {} threads), {} rounds\n",
      1e3 * median(plain), kSteps, kLanes, kClasses, threads, rounds);
  for (const Variant& v : variants) fmt::print("{:24} {:.3f}\n", v.name, median(v.ratios));
  return 0;
}

}  // namespace
}  // namespace cellwright

int main(int argc, char** argv) {
  return cellwright::run(argc > 1 ? std::atoi(argv[1]) : 20, argc > 2 ? std::atoi(argv[2]) : 1);
}
