// one_window.cpp: one window of one layer, bound, forward and backward, on one thread, with all gradients: to
// count its instructions, or to time two cells in turn.
//
//   one_window T,B,I,H TARGET 0 CELL                 runs once, inside measured_window(), for callgrind
//   one_window T,B,I,H TARGET PAIRS CELL CELL        prints the milliseconds of each run and the ratio of
//   medians
//
// CELL is a shipped cell or a file, with options behind it: cells/clockwork.cell:periods=1,2,4. TARGET as in
// --simd ("avx2": valgrind 3.19 knows no AVX-512), "auto" for the best.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sstream>

#include "base/file.h"
#include "base/rng.h"
#include "kernels/kernels.h"
#include "language/lower.h"
#include "language/parse.h"
#include "language/shipped.h"
#include "run/runner.h"

namespace cellwright {
namespace {

struct Sizes {
  int steps = 0, lanes = 0, inputs = 0, units = 0;
};

std::size_t numbers(int a, int b, int c) {
  return static_cast<std::size_t>(a) * static_cast<std::size_t>(b) * static_cast<std::size_t>(c);
}

/// Numbers that repeat after a while: under callgrind, drawing them all would take longer than the window.
AlignedArray<float> normals(std::size_t count, double deviation, std::uint64_t stream) {
  AlignedArray<float> values(count);
  const Random random(1, stream);
  constexpr std::size_t kDrawn = 4099;
  for (std::size_t i = 0; i < count; ++i)
    values[i] = i < kDrawn ? static_cast<float>(deviation * random.normal(i)) : values[i - kDrawn];
  return values;
}

class Window {
 public:
  Window(const std::string& cell, const Sizes& sizes, const std::string& target)
      : sizes_(sizes), pool_(1), plan_(make_plan(graph_of(cell, sizes), true)) {
    runner_ = std::make_unique<Runner<float>>(plan_, kernels::kernels<float>(target), pool_, RunOptions{});
    runner_->prepare(sizes.steps, sizes.lanes);
    parameters_ = AlignedArray<float>(runner_->layout().size());
    for (std::size_t p = 0; p < plan_.graph.parameters.size(); ++p) {
      const auto values = normals(runner_->layout().stored_size(static_cast<int>(p)), 0.03, 100 + p);
      runner_->layout().pack(static_cast<int>(p), values.data(), parameters_.data());
    }
    gradients_ = AlignedArray<float>(parameters_.size());
    x_ = normals(numbers(sizes.steps, sizes.lanes, sizes.inputs), 1, 1);
    d_y_ = normals(numbers(sizes.steps, sizes.lanes, sizes.units), 1, 2);
    d_x_ = AlignedArray<float>(x_.size());
  }

  void run() {
    LayerState<float> state = make_state<float>(plan_, sizes_.lanes);
    const float *x = x_.data(), *d_y = d_y_.data();
    float* d_x = d_x_.data();
    runner_->bind(parameters_.data());
    runner_->forward(sizes_.steps, &x, state);
    Runner<float>::Backward b;
    b.d_outputs = &d_y;
    b.gradients = gradients_.data();
    b.d_inputs = &d_x;
    runner_->backward(b);
  }

 private:
  static Graph graph_of(const std::string& cell, const Sizes& sizes) {
    const std::size_t colon = std::min(cell.find(':'), cell.size());
    const std::string name = cell.substr(0, colon);
    CellBinding binding;
    binding.units = sizes.units;
    binding.inputs = {sizes.inputs};
    if (colon < cell.size()) {
      const std::size_t equals = cell.find('=');
      std::istringstream values(cell.substr(equals + 1));
      std::vector<double>& option = binding.options[cell.substr(colon + 1, equals - colon - 1)];
      for (std::string value; std::getline(values, value, ',');) option.push_back(std::stod(value));
    }
    const std::vector<std::string> shipped = shipped_cells();
    const bool known = std::find(shipped.begin(), shipped.end(), name) != shipped.end();
    return lower(syntax::parse_cell(known ? std::string(shipped_cell_text(name)) : read_file(name), name),
                 binding);
  }

  Sizes sizes_;
  ThreadPool pool_;
  Plan plan_;
  std::unique_ptr<Runner<float>> runner_;
  AlignedArray<float> parameters_, gradients_, x_, d_y_, d_x_;
};

}  // namespace

/// What callgrind counts: --toggle-collect='*measured_window*'.
[[gnu::noinline]] void measured_window(const std::function<void()>& run) {
  run();
  asm volatile("" ::: "memory");
}

namespace {

double milliseconds(Window& window) {
  const auto begin = std::chrono::steady_clock::now();
  window.run();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

double quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1) + 0.5)];
}

int run(int argc, char** argv) {
  Sizes s;
  const int pairs = argc > 3 ? std::atoi(argv[3]) : -1;
  if (pairs < 0 || argc != (pairs > 0 ? 6 : 5) ||
      std::sscanf(argv[1], "%d,%d,%d,%d", &s.steps, &s.lanes, &s.inputs, &s.units) != 4) {
    std::fprintf(stderr,
                 "usage: one_window T,B,I,H TARGET 0 CELL | one_window T,B,I,H TARGET PAIRS CELL CELL\n");
    return 2;
  }
  Window first(argv[4], s, argv[2]);
  if (pairs == 0) {
    measured_window([&] { first.run(); });
    return 0;
  }
  Window second(argv[5], s, argv[2]);
  first.run(), second.run();
  std::vector<double> a, b, ratios;
  for (int i = 0; i < pairs; ++i) {
    a.push_back(milliseconds(first));
    b.push_back(milliseconds(second));
    ratios.push_back(a.back() / b.back());
    fmt::print("{:.2f} {:.2f}\n", a.back(), b.back());
  }
  fmt::print("medians {:.2f} and {:.2f} ms; ratio {:.3f} (quartiles {:.3f} to {:.3f})\n", quantile(a, 0.5),
             quantile(b, 0.5), quantile(ratios, 0.5), quantile(ratios, 0.25), quantile(ratios, 0.75));
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
