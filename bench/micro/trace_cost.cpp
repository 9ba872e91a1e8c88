// trace_cost.cpp: what recording every line of every cell to memory costs beside the forward pass it watches,
// one sequence of 4,096 steps, 256 units, one thread, the two run in turn. Argument: rounds (20). Prints
// medians of processor time and of the rounds' ratios.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "explain/trace.h"
#include "nn/test_help.h"

namespace cellwright {
namespace {

constexpr int kSteps = 4096, kWindow = 256, kUnits = 256;

double median(std::vector<double> x) {
  std::sort(x.begin(), x.end());
  return x[x.size() / 2];
}

template <class F>
double seconds(const F& f) {
  timespec before, after;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
  f();
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
  return static_cast<double>(after.tv_sec - before.tv_sec) +
         1e-9 * static_cast<double>(after.tv_nsec - before.tv_nsec);
}

void forward(Model<float>& model, const std::vector<std::int32_t>& tokens) {
  const auto inside = model.inside();
  ModelState<float> state = model.make_state(1);
  for (int first = 0; first < kSteps; first += kWindow) {
    inside.tokens.prepare(kWindow);
    inside.stack.forward(false, kWindow, {inside.tokens.forward(false, tokens.data() + first, kWindow)},
                         state);
  }
}

void compare(const std::string& cell, int rounds) {
  Engine engine({1});
  Model<float> model(test::stack(65, kUnits, {{cell, kUnits}}), engine);
  model.initialise(1);
  const auto tokens = test::random_tokens(kSteps, 65, 1);
  std::vector<double> plain, traced, ratios;
  std::size_t lines = 0;
  for (int i = -2; i < rounds; ++i) {
    const double a = seconds([&] { forward(model, tokens); });
    const double b = seconds([&] { lines = trace(model, tokens.data(), kSteps, 1).lines.size(); });
    if (i < 0) continue;  // warm up
    plain.push_back(a);
    traced.push_back(b);
    ratios.push_back(b / a);
  }
  fmt::print("{:<6} {} lines  forward {:.2f} µs a step  traced {:.2f}  ratio {:.3f}\n", cell, lines,
             1e6 * median(plain) / kSteps, 1e6 * median(traced) / kSteps, median(ratios));
}

}  // namespace
}  // namespace cellwright

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 20;
  for (const std::string cell : {"lstm", "gru"}) cellwright::compare(cell, rounds);
}
