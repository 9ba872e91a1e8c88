// layers.cpp: one training step (forward and backward) or inference of a stack of recurrent layers, for comparison with peers.
//
//   layers CELL|FILE T,B,I,H,L THREADS [train|infer] [RUNS]     prints the milliseconds of each run, one a line
//   layers CELL|FILE T,B,I,H,L THREADS train serve             runs once for every line on standard input: for interleaving
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "base/file.h"
#include "base/rng.h"
#include "cellwright/error.h"
#include "compile/plan.h"
#include "kernels/kernels.h"
#include "language/lower.h"
#include "language/parse.h"
#include "language/shipped.h"
#include "run/runner.h"

namespace cellwright {
namespace {

struct Layer {
  Plan plan;
  std::unique_ptr<Runner<float>> runner;
  AlignedArray<float> parameters, gradients, d_input;
  LayerState<float> start;
};

syntax::Cell find_cell(const std::string& name) {
  for (const std::string& shipped : shipped_cells()) {
    if (shipped == name) return syntax::parse_cell(shipped_cell_text(name), name + ".cell");
  }
  return syntax::parse_cell(read_file(name), name);
}

int run(int argc, char** argv) {
  int T = 0, B = 0, I = 0, H = 0, L = 0;
  if (argc < 4 || std::sscanf(argv[2], "%d,%d,%d,%d,%d", &T, &B, &I, &H, &L) != 5) {
    std::fprintf(stderr, "usage: layers CELL T,B,I,H,L THREADS [train|infer] [RUNS|serve]\n");
    return 2;
  }
  const syntax::Cell cell = find_cell(argv[1]);
  ThreadPool pool(std::atoi(argv[3]));
  const bool training = argc < 5 || std::strcmp(argv[4], "infer") != 0;
  std::vector<std::unique_ptr<Layer>> layers;
  for (int l = 0; l < L; ++l) {
    auto layer = std::make_unique<Layer>();
    CellBinding binding;
    binding.units = H;
    binding.inputs = {l == 0 ? I : H};
    layer->plan = make_plan(lower(cell, binding), training);
    layer->runner = std::make_unique<Runner<float>>(layer->plan, kernels::kernels<float>(), pool, RunOptions{});
    layer->runner->prepare(T, B);
    layer->parameters = AlignedArray<float>(layer->runner->layout().size());
    const Random random(1, static_cast<std::uint64_t>(l));
    std::uint64_t k = 0;
    for (std::size_t p = 0; p < layer->plan.graph.parameters.size(); ++p) {
      std::vector<float> values(layer->runner->layout().stored_size(static_cast<int>(p)));
      for (float& v : values) v = static_cast<float>((random.uniform(k++) - 0.5) * 0.1);
      layer->runner->layout().pack(static_cast<int>(p), values.data(), layer->parameters.data());
    }
    layer->gradients = AlignedArray<float>(layer->parameters.size());
    layer->d_input = AlignedArray<float>(static_cast<std::size_t>(T) * static_cast<std::size_t>(B) * static_cast<std::size_t>(binding.inputs[0]));
    layer->start = make_state<float>(layer->plan, B);
    layers.push_back(std::move(layer));
  }
  AlignedArray<float> x(static_cast<std::size_t>(T) * static_cast<std::size_t>(B) * static_cast<std::size_t>(I));
  AlignedArray<float> d_y(static_cast<std::size_t>(T) * static_cast<std::size_t>(B) * static_cast<std::size_t>(H));
  const Random random(2, 0);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(random.normal(i));
  for (std::size_t i = 0; i < d_y.size(); ++i) d_y[i] = static_cast<float>(random.normal(i, 1));

  const auto step = [&] {
    const auto begin = std::chrono::steady_clock::now();
    const float* input = x.data();
    for (auto& layer : layers) {
      layer->runner->bind(layer->parameters.data());
      LayerState<float> state = layer->start;
      layer->runner->forward(T, &input, state);
      input = layer->runner->output(0);
    }
    if (training) {
      const float* d_out = d_y.data();
      for (std::size_t l = layers.size(); l-- > 0;) {
        Layer& layer = *layers[l];
        layer.gradients.fill(0);
        float* d_in = layer.d_input.data();
        Runner<float>::Backward b;
        b.d_outputs = &d_out;
        b.gradients = layer.gradients.data();
        b.d_inputs = &d_in;
        layer.runner->backward(b);
        d_out = d_in;
      }
    }
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  };
  if (argc > 5 && std::strcmp(argv[5], "serve") == 0) {
    step();
    for (std::string line; std::getline(std::cin, line);) {
      std::printf("%.4f\n", step());
      std::fflush(stdout);
    }
    return 0;
  }
  const int runs = argc > 5 ? std::atoi(argv[5]) : 10;
  step();
  for (int r = 0; r < runs; ++r) std::printf("%.4f\n", step());
  return 0;
}

}  // namespace
}  // namespace cellwright

int main(int argc, char** argv) {
  try {
    return cellwright::run(argc, argv);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
}
