// scan.cpp: one window of a layer with and without scans, on one thread and on several, run in turn.
//
//   scan_bench [CELL|FILE] [T,B,I,H] [THREADS] [RUNS] [train|infer]     default: min_gru 16384,1,256,256 2 11
//   train
//
// Prints the median milliseconds of each and the ratios that docs/results.md shows.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/rng.h"
#include "compile/plan.h"
#include "kernels/kernels.h"
#include "language/lower.h"
#include "language/parse.h"
#include "language/shipped.h"
#include "run/runner.h"

namespace cellwright {
namespace {

struct Sizes {
  int T = 16384, B = 1, I = 256, H = 256;
};

syntax::Cell find_cell(const std::string& name) {
  for (const std::string& shipped : shipped_cells()) {
    if (shipped == name) return syntax::parse_cell(shipped_cell_text(name), name + ".cell");
  }
  return syntax::parse_cell(read_file(name), name);
}

class Subject {
 public:
  Subject(const Graph& graph, const Sizes& s, bool scan, int threads, bool training)
      : sizes_(s),
        training_(training),
        pool_(threads),
        plan_(make_plan(graph, training, options(scan))),
        runner_(plan_, kernels::kernels<float>(), pool_) {
    runner_.prepare(s.T, s.B);
    parameters_ = AlignedArray<float>(runner_.layout().size());
    const Random random(1, 0);
    std::uint64_t k = 0;
    for (std::size_t p = 0; p < plan_.graph.parameters.size(); ++p) {
      std::vector<float> values(runner_.layout().stored_size(static_cast<int>(p)));
      for (float& v : values) v = static_cast<float>((random.uniform(k++) - 0.5) * 0.1);
      runner_.layout().pack(static_cast<int>(p), values.data(), parameters_.data());
    }
    runner_.bind(parameters_.data());
    gradients_ = AlignedArray<float>(parameters_.size());
    const auto rows = static_cast<std::size_t>(s.T) * static_cast<std::size_t>(s.B);
    x_ = AlignedArray<float>(rows * static_cast<std::size_t>(s.I));
    d_x_ = AlignedArray<float>(x_.size());
    d_y_ = AlignedArray<float>(rows * static_cast<std::size_t>(s.H));
    for (std::size_t i = 0; i < x_.size(); ++i) x_[i] = static_cast<float>(random.normal(i, 1));
    for (std::size_t i = 0; i < d_y_.size(); ++i) d_y_[i] = static_cast<float>(random.normal(i, 2));
  }

  double milliseconds() {
    const auto begin = std::chrono::steady_clock::now();
    LayerState<float> state = make_state<float>(plan_, sizes_.B);
    const float* inputs[] = {x_.data()};
    runner_.forward(sizes_.T, inputs, state);
    if (training_) {
      const float* d_outputs[] = {d_y_.data()};
      float* d_inputs[] = {d_x_.data()};
      Runner<float>::Backward b;
      b.d_outputs = d_outputs;
      b.gradients = gradients_.data();
      b.d_inputs = d_inputs;
      runner_.backward(b);
    }
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  }

 private:
  static PlanOptions options(bool scan) {
    PlanOptions o;
    o.scan = scan;
    return o;
  }

  Sizes sizes_;
  bool training_;
  ThreadPool pool_;
  Plan plan_;
  Runner<float> runner_;
  AlignedArray<float> parameters_, gradients_, x_, d_x_, d_y_;
};

double median(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}

int run(int argc, char** argv) {
  Sizes s;
  const std::string name = argc > 1 ? argv[1] : "min_gru";
  if (argc > 2 && std::sscanf(argv[2], "%d,%d,%d,%d", &s.T, &s.B, &s.I, &s.H) != 4) {
    std::fprintf(stderr, "usage: scan_bench [CELL|FILE] [T,B,I,H] [THREADS] [RUNS] [train|infer]\n");
    return 2;
  }
  const int threads = argc > 3 ? std::atoi(argv[3]) : 2, runs = argc > 4 ? std::atoi(argv[4]) : 11;
  const bool training = argc < 6 || std::string(argv[5]) != "infer";
  CellBinding binding;
  binding.units = s.H;
  binding.inputs = {s.I};
  const Graph graph = lower(find_cell(name), binding);
  std::vector<std::unique_ptr<Subject>> subjects;
  for (const bool scan : {false, true}) {
    for (const int team : {1, threads})
      subjects.push_back(std::make_unique<Subject>(graph, s, scan, team, training));
  }
  std::vector<std::vector<double>> times(subjects.size());
  for (int r = -1; r < runs; ++r) {  // the first warms up
    for (std::size_t i = 0; i < subjects.size(); ++i) {
      const double ms = subjects[i]->milliseconds();
      if (r >= 0) times[i].push_back(ms);
    }
  }
  const double plain_1 = median(times[0]), plain_n = median(times[1]), scan_1 = median(times[2]),
               scan_n = median(times[3]);
  fmt::print("{} T={} B={} I={} H={} {}: plain {:.2f} ms on 1 thread, {:.2f} on {}; scan {:.2f} and {:.2f}\n",
             name, s.T, s.B, s.I, s.H, training ? "train" : "infer", plain_1, plain_n, threads, scan_1,
             scan_n);
  fmt::print(
      "  scan on {} threads: {:.2f} × scan on 1, {:.2f} × plain on 1, {:.2f} × plain on {}; on 1 thread scan "
      "{:.2f} × "
      "plain\n",
      threads, scan_1 / scan_n, plain_1 / scan_n, plain_n / scan_n, threads, plain_1 / scan_1);
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
