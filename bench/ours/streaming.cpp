// streaming.cpp: one lane, one step after the other, on the caller's thread.
#include <algorithm>
#include <memory>

#include "base/denormals.h"
#include "run/step_runner.h"
#include "stack.h"
#include "works.h"

namespace cellwright {
namespace {

class Streaming {
 public:
  Streaming(const std::string& cell, int inputs, int units, Engine& engine)
      : plan_(make_plan(lower_layer(layer_of(cell, units), 0, {inputs}), false)),
        runner_(plan_, kernels::kernels<float>(engine.options.simd), RunOptions{engine.options.accurate}),
        parameters_(random_parameters(runner_.layout(), 2)),
        x_(normals(static_cast<std::size_t>(inputs), 1)) {
    runner_.bind(parameters_.data());
  }

  double flop() const { return flop_of(runner_.layout()); }

  void step() {
    const float* x = x_.data();
    runner_.step(&x);
    x_[0] = -x_[0];
  }

 private:
  Plan plan_;
  StepRunner<float> runner_;
  AlignedArray<float> parameters_, x_;
};

}  // namespace

bench::Work streaming_step(const std::string& cell, const std::string& sizes, Engine& engine) {
  const std::vector<int> n = bench::numbers(sizes, 2);
  auto streaming = std::make_shared<Streaming>(cell, n[0], n[1], engine);
  bench::Work work;
  work.flop = streaming->flop();
  // Long enough for the clock, short enough to be interrupted seldom.
  const int steps = static_cast<int>(std::clamp(4e7 / work.flop, 50.0, 5000.0));
  work.units = steps;
  work.run = [streaming, steps] {
    const FlushDenormals flush;  // as a host of streams does for its whole thread; so for the peer
    for (int t = 0; t < steps; ++t) streaming->step();
  };
  return work;
}

}  // namespace cellwright
