// Cells that random search found broken, each the smallest that showed its fault.
#include <gtest/gtest.h>

#include "language/parse.h"
#include "run/runner.h"
#include "verify/verify.h"

namespace cellwright {
namespace {

void expect_passes(const char* text, const CellBinding& binding) {
  VerifyOptions options;
  options.binding = binding;
  options.steps = 4;
  const Verification v = verify_cell(syntax::parse_cell(text, "found.cell"), options);
  EXPECT_TRUE(v.passed) << v.failure << "\n" << text;
}

// The transposed product wrote the columns that two rows of blocks have in common twice, the second time over
// the first.
TEST(Found, BlockUpperSumsItsInputsGradient) {
  expect_passes("cell a(x) -> h\nh = tanh(U·x)\nwhere U = block_upper(2)\n", {4, {4}, {}, {}});
  expect_passes("cell a(x) -> h\nh = tanh(U·h[t-1] + W·x)\nwhere U = block_upper(3)\n", {6, {2}, {}, {}});
}

// One pointwise value that is the only reader of two products took over the arrays of both.
TEST(Found, DifferenceOfTwoProducts) {
  expect_passes("cell a(x, y) -> z\nz = tanh(min(W·y - U·z[t-1], x))\n", {2, {2, 3}, {}, {}});
  expect_passes("cell a(x) -> z\nz = tanh(W·x - U·z[t-1])\n", {3, {2}, {}, {}});
  expect_passes("cell a(x) -> z\nz = σ(W·x) ⊙ tanh(U·x - R·z[t-1])\n", {3, {2}, {}, {}});
}

// bind() of no parameters at all was taken for no bind().
TEST(Found, CellWithoutParameters) {
  expect_passes("cell a(x) -> h\nh = 0.5 ⊙ h[t-1] + tanh(x)\n", {3, {3}, {}, {}});
}

// A start declares one part of a split a vector; the other parts were left without a size, and lowering read
// out of bounds.
TEST(Found, SplitOfWhichOnePartHasAStart) {
  expect_passes("cell a(x) -> u\nh, u = split(tanh(W·[x, h[t-1]] + b))\nstart h = p_0\n", {3, {2}, {}, {}});
  expect_passes("cell a(x) -> u\nh, u = split(tanh(W·[x, h[t-1]] + b))\nsize u = units\n", {3, {2}, {}, {}});
}

// Gradients of inputs that the caller does not want are left out, also where one program makes them together
// with wanted ones.
TEST(Found, UnwantedInputGradientBesideWantedOnes) {
  for (const char* text : {"cell a(x, y) -> h\nh = x ⊙ y + σ(x) ⊙ h[t-1] + p_1 ⊙ x\n",
                           "cell a(x, y) -> h\nh = tanh(x) - y ⊙ x ⊙ x[t-1]\nloss l = sum(x)\n",
                           "cell a(x, y) -> h\nh = softmax(p_1 ⊙ x + W·y) + layernorm(x ⊙ y)\n"}) {
    const Graph graph = lower(syntax::parse_cell(text, "found.cell"), {3, {3, 3}, {}, {}});
    const Plan plan = make_plan(graph, true);
    ThreadPool pool(1);
    const int steps = 4, lanes = 2;
    const std::size_t count = 3 * steps * lanes;
    // Bit k of `wanted`: the gradient of input k is asked for. What is asked for never depends on what else
    // is.
    std::vector<AlignedArray<double>> parameters(4), d_x(4), d_y(4);
    for (int wanted = 0; wanted < 4; ++wanted) {
      const auto w = static_cast<std::size_t>(wanted);
      Runner<double> runner(plan, kernels::kernels<double>(), pool);
      runner.prepare(steps, lanes);
      AlignedArray<double> p(runner.layout().size()), x(count), y(count), d(count);
      for (std::size_t i = 0; i < p.size(); ++i) p[i] = 0.1 * static_cast<double>(i % 7) - 0.2;
      for (std::size_t i = 0; i < count; ++i)
        x[i] = 0.3 * static_cast<double>(i % 5) - 0.5, y[i] = 0.2 * static_cast<double>(i % 9) - 0.7,
        d[i] = 1.0 / static_cast<double>(i + 1);
      runner.bind(p.data());
      LayerState<double> state = make_state<double>(plan, lanes);
      const double* inputs[] = {x.data(), y.data()};
      runner.forward(steps, inputs, state);
      parameters[w] = AlignedArray<double>(p.size());
      d_x[w] = AlignedArray<double>(count);
      d_y[w] = AlignedArray<double>(count);
      double* d_inputs[] = {wanted & 1 ? d_x[w].data() : nullptr, wanted & 2 ? d_y[w].data() : nullptr};
      const double* d_outputs[] = {d.data()};
      const std::vector<double> ones(steps, 1.0);
      runner.backward(
          {d_outputs, ones.data(), nullptr, parameters[w].data(), wanted ? d_inputs : nullptr, nullptr});
    }
    for (std::size_t w = 0; w < 4; ++w) {
      for (std::size_t i = 0; i < parameters[w].size(); ++i)
        EXPECT_EQ(parameters[w][i], parameters[3][i]) << text << w;
      for (std::size_t i = 0; i < count && (w & 1); ++i) EXPECT_EQ(d_x[w][i], d_x[3][i]) << text << w;
      for (std::size_t i = 0; i < count && (w & 2); ++i) EXPECT_EQ(d_y[w][i], d_y[3][i]) << text << w;
    }
  }
}

}  // namespace
}  // namespace cellwright
