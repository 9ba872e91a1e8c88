// rtneural_step.cpp: one step of an LSTM for a single sequence, in turn by us and by RTNeural's compile-time
// layer (github.com/jatinchowdhury18/RTNeural, with the Eigen that comes with it), and the time to read the
// weights once.
//
//   rtneural_step [ROUNDS]      default 60; prints a line a size: microseconds (medians of the rounds), the
//   ratio of
//                               the medians (above 1: ours is faster) with the quartiles of the rounds'
//                               ratios, and the share of what reading the weights allows
//
// Built where RTNEURAL_ROOT is given to CMake; with -march=native, as its users build it.
#include <RTNeural/RTNeural.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <vector>

#include "language/lower.h"
#include "language/parse.h"
#include "language/shipped.h"
#include "run/step_runner.h"

namespace {

using Clock = std::chrono::steady_clock;

volatile float sink;

double quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1) + 0.5)];
}

template <class F>
double microseconds(int repeats, const F& f) {
  const auto begin = Clock::now();
  for (int i = 0; i < repeats; ++i) f();
  return std::chrono::duration<double, std::micro>(Clock::now() - begin).count() / repeats;
}

/// The sum of all numbers, in as many chains as registers allow: how fast they can be read.
[[gnu::noinline]] float read_all(const float* numbers, std::size_t count) {
  float sums[128] = {};
  for (std::size_t i = 0; i + 128 <= count; i += 128) {
#pragma GCC ivdep
    for (std::size_t j = 0; j < 128; ++j) sums[j] += numbers[i + j];
  }
  for (std::size_t n = 64; n >= 16; n /= 2) {
    for (std::size_t j = 0; j < n; ++j) sums[j] += sums[j + n];
  }
  return sums[0] + sums[15];  // the rest of the tree costs as much as the smallest matrix
}

template <int I, int H>
void compare(int rounds) {
  using namespace cellwright;
  const Plan plan = make_plan(
      lower(syntax::parse_cell(shipped_cell_text("lstm"), "lstm.cell"), CellBinding{H, {I}, {}, {}}), false);
  StepRunner<float> ours(plan, kernels::kernels<float>());
  AlignedArray<float> parameters(ours.layout().size());
  std::mt19937 random(1);
  std::uniform_real_distribution<float> uniform(-.1f, .1f);
  for (std::size_t p = 0; p < plan.graph.parameters.size(); ++p) {
    std::vector<float> values(ours.layout().stored_size(static_cast<int>(p)));
    for (float& v : values) v = uniform(random);
    ours.layout().pack(static_cast<int>(p), values.data(), parameters.data());
  }
  ours.bind(parameters.data());

  using Peer = RTNeural::ModelT<float, I, H, RTNeural::LSTMLayerT<float, I, H>>;
  const auto peer = std::make_unique<Peer>();
  std::vector<std::vector<float>> w(I, std::vector<float>(4 * H)), u(H, std::vector<float>(4 * H));
  std::vector<float> b(4 * H);
  for (auto* matrix : {&w, &u}) {
    for (auto& row : *matrix) {
      for (float& v : row) v = uniform(random);
    }
  }
  for (float& v : b) v = uniform(random);
  auto& layer = peer->template get<0>();
  layer.setWVals(w);
  layer.setUVals(u);
  layer.setBVals(b);
  peer->reset();

  alignas(64) float x[I + 16] = {.3f, .1f};
  const float* inputs[] = {x};
  const std::size_t weights = std::size_t{4} * H * (I + H);
  const int repeats = std::max(4, static_cast<int>(3e7 / static_cast<double>(weights + 3000)));
  const auto step = [&] {
    ours.step(inputs);
    sink = ours.output(0)[0];
    x[0] = -x[0];
  };
  const auto peer_step = [&] {
    peer->forward(x);
    sink = peer->getOutputs()[0];
    x[0] = -x[0];
  };
  const auto read = [&] { sink = read_all(parameters.data(), weights); };
  std::vector<double> mine, theirs, reading, ratios;
  for (int r = -3; r < rounds; ++r) {
    const double first = microseconds(repeats, step), second = microseconds(repeats, peer_step),
                 third = microseconds(repeats, read);
    if (r < 0) continue;  // warming up
    mine.push_back(first);
    theirs.push_back(second);
    reading.push_back(third);
    ratios.push_back(second / first);
  }
  const double own = quantile(mine, 0.5);
  fmt::print(
      "{:>7}  ours {:8.3f} µs  RTNeural {:8.3f} µs  ratio {:.2f} ({:.2f}–{:.2f})  reading {:8.3f} µs, {:.0f} "
      "% of it\n",
      fmt::format("{},{}", I, H), own, quantile(theirs, 0.5), quantile(theirs, 0.5) / own,
      quantile(ratios, 0.25), quantile(ratios, 0.75), quantile(reading, 0.5),
      100 * quantile(reading, 0.5) / own);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 60;
  compare<1, 16>(rounds);
  compare<1, 32>(rounds);
  compare<1, 64>(rounds);
  compare<40, 128>(rounds);
  compare<128, 256>(rounds);
  compare<256, 512>(rounds);
}
