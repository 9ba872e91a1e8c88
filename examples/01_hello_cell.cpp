// 01_hello_cell: a cell is its equations. Read one from a string, give it weights, and watch its state move,
// step by step.
#include <cellwright/cellwright.h>

#include <cstdio>
#include <exception>

int main() try {
  const auto cell = cellwright::Cell::from_text(R"(
cell leaky(x) -> h
f = σ(W_f·[h[t-1], x] + b_f)        # how much of the past to keep
h = f ⊙ h[t-1] + (1 - f) ⊙ tanh(W·x + b)
)");

  cellwright::CellSizes sizes;
  sizes.units = 2;
  sizes.inputs = {1};
  cellwright::CellRun run(cell, sizes);
  run.set("b_f", {2, -2});  // the first unit forgets slowly, the second at once

  for (int t = 0; t < 4; ++t) {
    const auto h = run.step({t == 0 ? 1.0 : 0.0});
    std::printf("step %d: h = %+.4f %+.4f\n", t, h[0], h[1]);
  }
} catch (const std::exception& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
