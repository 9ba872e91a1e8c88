// bench.cpp: `cellwright bench`: how fast this machine is, for a model file or for default shapes, on one
// thread and on all.
//
// Times are medians of runs that together last about the seconds asked for. Backward is what a pass for
// training takes beyond its forward part; the share of the peak counts the products alone.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "base/rng.h"
#include "cellwright/error.h"
#include "command.h"
#include "kernels/kernels.h"
#include "language/shipped.h"
#include "model_request.h"
#include "numbers.h"
#include "option_tree.h"
#include "roofline.h"
#include "table.h"
#include "train/checkpoint.h"
#include "train/parameter_update.h"

namespace cellwright::app {
namespace {

struct Request {
  std::string model;
  double seconds = 0.3;
  int batch = 0, steps = 0;
  EngineOptions engine;
};

/// Seconds of the median run.
double median_seconds(double seconds, const std::function<void()>& run) {
  using Clock = std::chrono::steady_clock;
  run();  // makes room
  std::vector<double> times;
  const auto begin = Clock::now();
  do {
    const auto one = Clock::now();
    run();
    times.push_back(std::chrono::duration<double>(Clock::now() - one).count());
  } while (std::chrono::duration<double>(Clock::now() - begin).count() < seconds || times.size() < 3);
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

/// GFLOP/s of an LSTM step's product: 32 lanes, 256 units, the weights packed.
double product_rate(const kernels::Kernels<float>& k, double seconds) {
  constexpr int kLanes = 32, kUnits = 256, kColumns = 4 * kUnits, kPanels = kColumns / kernels::kPanel<float>;
  AlignedArray<float> weights(kernels::packed_size<float>(kColumns, kUnits)), a(kLanes * kUnits),
      out(kLanes * kColumns);
  std::fill(weights.begin(), weights.end(), 0.5f);
  std::fill(a.begin(), a.end(), 0.25f);
  std::vector<kernels::ProductTerm<float>> terms(kPanels);
  std::vector<kernels::ProductPanel<float>> panels(kPanels);
  for (std::size_t p = 0; p < kPanels; ++p) {
    terms[p].a = a.data();
    terms[p].a_stride = kUnits;
    terms[p].weights = weights.data() + p * kUnits * kernels::kPanel<float>;
    terms[p].k = kUnits;
    panels[p].out = out.data() + p * kernels::kPanel<float>;
    panels[p].out_stride = kColumns;
    panels[p].width = kernels::kPanel<float>;
    panels[p].terms = &terms[p];
    panels[p].term_count = 1;
  }
  const double s = median_seconds(seconds, [&] { k.product(kLanes, panels.data(), kPanels); });
  return 2.0 * kLanes * kUnits * kColumns / s / 1e9;
}

struct Shape {
  std::string name;
  ModelSpec spec;
  TrainOptions options;
  const SavedModel* saved = nullptr;
};

std::vector<std::int32_t> random_tokens(std::size_t count, int classes, std::uint64_t seed) {
  const Random random(seed, hash_name("bench.tokens"));
  std::vector<std::int32_t> tokens;
  for (std::size_t i = 0; i < count; ++i)
    tokens.push_back(static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(classes), i)));
  return tokens;
}

/// Multiplications and additions of the products of a token, forward: two a weight.
double flop_a_token(const ModelSpec& spec) {
  double sum = 0;
  for (const TensorInfo& t : tensors_of(spec)) {
    const bool looked_up = t.name == "embedding.weight" && !spec.tied;
    if (t.shape.size() > 1 && !looked_up) sum += 2.0 * static_cast<double>(t.trained);
  }
  return sum;
}

/// What one number of threads takes; seconds.
struct Times {
  double forward = 0, backward = 0, update = 0, step = 0;
};

Times measure(const Shape& shape, Engine& engine, double seconds) {
  Model<float> model(shape.spec, engine);
  if (shape.saved != nullptr) {
    shape.saved->apply(model);
  } else {
    model.initialise(1);
  }
  const int steps = shape.options.steps, lanes = shape.options.batch;
  const std::size_t count = static_cast<std::size_t>(steps) * static_cast<std::size_t>(lanes);
  const std::vector<std::int32_t> inputs = random_tokens(count, shape.spec.classes, 1),
                                  targets = random_tokens(count, shape.spec.classes, 2);
  const TokenWindow window{steps, lanes, inputs.data(), targets.data(), 0};
  ModelState<float> state = model.make_state(lanes), one = model.make_state(1);
  Times t;
  std::vector<float> logits(static_cast<std::size_t>(shape.spec.classes));
  constexpr int kTokens = 20;
  t.step = median_seconds(seconds,
                          [&] {
                            for (int i = 0; i < kTokens; ++i)
                              model.step(&inputs[static_cast<std::size_t>(i) % count], one, logits.data());
                          }) /
           kTokens;
  t.forward = median_seconds(seconds, [&] { model.evaluate_window(window, state); });
  const double both = median_seconds(seconds, [&] {
    model.parameters_changed();
    model.train_window(window, state);
  });
  t.backward = std::max(0.0, both - t.forward);
  // A rate of 0: what the update does is timed, and the model stays what it is.
  ParameterUpdate update(model, shape.options);
  std::int64_t updates = 0;
  t.update = median_seconds(seconds, [&] { update.apply(0, update.gradient_norm(), updates++); });
  return t;
}

std::string duration(double seconds) {
  if (seconds < 1e-3) return fmt::format("{:.3g} µs", 1e6 * seconds);
  return seconds < 1 ? fmt::format("{:.3g} ms", 1e3 * seconds) : fmt::format("{:.3g} s", seconds);
}

void print_shape(const Shape& shape, const std::vector<std::unique_ptr<Engine>>& engines,
                 std::vector<double>& peaks, double seconds) {
  const double tokens = static_cast<double>(shape.options.steps) * shape.options.batch;
  fmt::print("\n{}, batch {} × {} steps, {}\n", shape.name, shape.options.batch, shape.options.steps,
             shape.options.optimizer.kind);
  Table table("l" + std::string(2 * engines.size(), 'r'));
  std::vector<std::vector<std::string>> rows = {
      {""}, {"forward"}, {"backward"}, {"training step"}, {"share of the peak"}, {"streaming step"}};
  for (std::size_t e = 0; e < engines.size(); ++e) {
    const int threads = engines[e]->pool.size();
    const Times t = measure(shape, *engines[e], seconds);
    const double whole = t.forward + t.backward + t.update;
    peaks[e] = std::max(peaks[e], fma_peak(engines[e]->pool, 9));
    const auto add = [&](int row, const std::string& time, const std::string& rate) {
      rows[static_cast<std::size_t>(row)].push_back(time);
      rows[static_cast<std::size_t>(row)].push_back(rate);
    };
    const auto per_second = [](double n) { return short_count(n) + " tokens/s"; };
    add(0, fmt::format("{} thread{}", threads, threads == 1 ? "" : "s"), "");
    add(1, duration(t.forward), per_second(tokens / t.forward));
    add(2, duration(t.backward), "");
    add(3, duration(whole), per_second(tokens / whole));
    add(4, fmt::format("{:.0f} %", 100 * 3 * flop_a_token(shape.spec) * tokens / whole / 1e9 / peaks[e]), "");
    add(5, duration(t.step), per_second(1 / t.step));
  }
  for (std::vector<std::string>& row : rows) table.row(std::move(row));
  fmt::print("{}", table.text("  "));
}

ModelSpec default_spec(int layers, int units) {
  ModelSpec spec;
  spec.classes = 65;
  spec.embedding = 64;
  for (int l = 0; l < layers; ++l) {
    LayerSpec layer;
    layer.cell_text = std::string(shipped_cell_text("lstm"));
    layer.cell_file = "lstm.cell";
    layer.units = units;
    spec.layers.push_back(layer);
  }
  return spec;
}

int bench(const Request& r) {
  std::vector<Shape> shapes;
  std::optional<SavedModel> saved;
  if (!r.model.empty()) {
    saved = load_model(r.model);
    shapes.push_back({describe(saved->spec, saved->vocabulary), saved->spec, saved->options(), &*saved});
  } else {
    shapes.push_back({"lstm 128 over 65 characters", default_spec(1, 128), {}, nullptr});
    shapes.push_back({"lstm 512, lstm 512 over 65 characters", default_spec(2, 512), {}, nullptr});
  }
  for (Shape& shape : shapes) {
    if (r.batch > 0) shape.options.batch = r.batch;
    if (r.steps > 0) shape.options.steps = r.steps;
    shape.options.stride = 0;
    told_as_options([&] { check(shape.options); });
  }
  const kernels::Kernels<float>& k = kernels::kernels<float>(r.engine.simd);
  const int most = r.engine.threads > 0 ? r.engine.threads : ThreadPool::available_processors();
  std::vector<int> teams = {most};
  if (r.engine.threads == 0 && most > 1) teams.insert(teams.begin(), 1);
  std::vector<std::unique_ptr<Engine>> engines;
  std::vector<double> peaks;
  for (const int threads : teams) {
    EngineOptions options = r.engine;
    options.threads = threads;
    engines.push_back(std::make_unique<Engine>(options));
    peaks.push_back(fma_peak(engines.back()->pool, 9));
  }
  fmt::print("machine   {} thread{}, {}\n", most, most == 1 ? "" : "s", k.target);
  for (std::size_t e = 0; e < engines.size(); ++e)
    fmt::print("{} {:.0f} GFLOP/s on {} thread{}\n", e == 0 ? "peak     " : "         ", peaks[e],
               engines[e]->pool.size(), engines[e]->pool.size() == 1 ? "" : "s");
  ThreadPool one(1);
  double peak = fma_peak(one, 9);
  const double rate = product_rate(k, r.seconds);
  peak = std::max(peak, fma_peak(one, 9));  // whatever disturbs a burst makes it too low
  fmt::print("product   {:.0f} GFLOP/s, {:.0f} % of the peak on 1 thread: 32 × 256 by 256 × 1024, packed\n",
             rate, 100 * rate / peak);
  for (const Shape& shape : shapes) print_shape(shape, engines, peaks, r.seconds);
  return 0;
}

}  // namespace

void add_bench_command(CLI::App& root, Command& chosen) {
  CLI::App* app =
      root.add_subcommand("bench", "Measure how fast this machine is, for a model or for default shapes");
  auto r = std::make_shared<Request>();
  app->add_option("model", r->model, "A model file; without one, two language models of common sizes")
      ->type_name("FILE");
  app->add_option("--batch", r->batch, "Parallel streams (default: the model's training's, else 50)")
      ->type_name("N")
      ->check(CLI::Range(1, 1 << 20).description(""));
  app->add_option("--steps", r->steps, "Steps of a window (default: the model's training's, else 50)")
      ->type_name("N")
      ->check(CLI::Range(1, 1 << 20).description(""));
  app->add_option("--seconds", r->seconds, "How long each figure is measured")
      ->type_name("S")
      ->check(CLI::Range(0.0, 3600.0).description(""))
      ->capture_default_str();
  app->add_option("--threads", r->engine.threads,
                  "Measure with so many alone (default: with one and with all)")
      ->type_name("N")
      ->check(CLI::Range(0, 4096).description(""));
  app->add_option("--simd", r->engine.simd, "SIMD target: auto, or one of --version's")->type_name("NAME");
  app->add_flag("--accurate", r->engine.accurate, "Activations to the last bits, slower");
  app->footer("Examples:\n  cellwright bench\n  cellwright bench book.safetensors --batch 1 --steps 100");
  app->callback([&chosen, r] { chosen.run = [r] { return bench(*r); }; });
}

}  // namespace cellwright::app
