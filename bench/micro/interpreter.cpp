// interpreter.cpp: what it costs that pointwise work is interpreted in tiles: a window of the LSTM's, run as
// a plan, against the same in one loop a step by hand (fused_lstm.h). The gates' sums come as inputs; each
// adds h[t-1], so that nothing leaves the loop.
#include <memory>

#include "compile/plan.h"
#include "fused_lstm.h"
#include "language/lower.h"
#include "language/parse.h"
#include "micro.h"
#include "run/runner.h"

namespace cellwright::micro {
namespace {

constexpr const char* kCell = R"(cell lstm_pointwise(f_in, i_in, g_in, o_in) -> h

f = σ(f_in + h[t-1])
i = σ(i_in + h[t-1])
g = tanh(g_in + h[t-1])
o = σ(o_in + h[t-1])
C = f ⊙ C[t-1] + i ⊙ g
h = o ⊙ tanh(C)
)";

constexpr int kSteps = 16;

struct Inputs {
  explicit Inputs(std::size_t n) {
    for (auto& gate : gates) gate = random_array(n, 3);
  }
  AlignedArray<float> gates[4];
};

void count(benchmark::State& state, std::size_t units) {
  state.counters["s/unit"] =
      benchmark::Counter(static_cast<double>(units),
                         benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void interpreted(benchmark::State& state, int lanes, int units) {
  CellBinding binding;
  binding.units = units;
  binding.inputs = {units, units, units, units};
  const Plan plan = make_plan(lower(syntax::parse_cell(kCell, "lstm_pointwise.cell"), binding), false);
  ThreadPool pool(1);
  Runner<float> runner(plan, kernels::kernels<float>(), pool, RunOptions{});
  runner.prepare(kSteps, lanes);
  const AlignedArray<float> parameters(runner.layout().size());
  runner.bind(parameters.data());
  const Inputs x(static_cast<std::size_t>(kSteps * lanes) * static_cast<std::size_t>(units));
  const float* inputs[] = {x.gates[0].data(), x.gates[1].data(), x.gates[2].data(), x.gates[3].data()};
  LayerState<float> last = make_state<float>(plan, lanes);
  for (auto _ : state) {
    runner.forward(kSteps, inputs, last);
    benchmark::ClobberMemory();
  }
  count(state, x.gates[0].size());
}

/// Every step's h is kept, as the plan's output is.
void by_hand(benchmark::State& state, int lanes, int units) {
  const std::size_t row = static_cast<std::size_t>(lanes) * static_cast<std::size_t>(units);
  const Inputs x(kSteps * row);
  AlignedArray<float> C(row), h(kSteps * row), first(row);
  for (auto _ : state) {
    for (std::size_t t = 0; t < kSteps; ++t) {
      const float* before = t == 0 ? first.data() : h.data() + (t - 1) * row;
      fused_lstm_step(x.gates[0].data() + t * row, x.gates[1].data() + t * row, x.gates[2].data() + t * row,
                      x.gates[3].data() + t * row, C.data(), before, h.data() + t * row, row);
    }
    benchmark::ClobberMemory();
  }
  count(state, kSteps * row);
}

}  // namespace

void register_interpreter() {
  for (const auto& [lanes, units] :
       {std::pair{1, 16}, {1, 128}, {20, 200}, {32, 128}, {64, 256}, {64, 512}}) {
    const int b = lanes, h = units;
    const std::string sizes = "/B:" + std::to_string(b) + "/H:" + std::to_string(h);
    benchmark::RegisterBenchmark(("lstm_pointwise/interpreted" + sizes).c_str(),
                                 [=](benchmark::State& s) { interpreted(s, b, h); });
    benchmark::RegisterBenchmark(("lstm_pointwise/by_hand" + sizes).c_str(),
                                 [=](benchmark::State& s) { by_hand(s, b, h); });
  }
}

}  // namespace cellwright::micro
