// ours.cpp: cellwright as one of the programs that bench/run asks in turn (../serve.h). Usage: ours THREADS
// [SIMD [LANESxUNITS]], the last to force how threads split a loop
#include <fmt/format.h>

#include <cstdlib>
#include <memory>

#include "cellwright/error.h"
#include "kernels/kernels.h"
#include "roofline.h"
#include "works.h"

namespace cellwright {

namespace {

/// The same as `train`, by an engine of its own.
bench::Work scanned(const std::string& cell, const std::string& sizes, const Engine& like) {
  EngineOptions options = like.options;
  options.scan = true;
  auto engine = std::make_shared<Engine>(options);
  bench::Work work = train_or_infer(true, cell, sizes, *engine);
  work.run = [engine, run = work.run] { run(); };
  return work;
}

}  // namespace

bench::Work make_work(const std::vector<std::string>& words, Engine& engine) {
  const auto is = [&](const char* name, std::size_t count) {
    return words.size() == count && words[0] == name;
  };
  if (is("train", 3) || is("infer", 3))
    return train_or_infer(words[0] == "train", words[1], words[2], engine);
  if (is("scan", 3)) return scanned(words[1], words[2], engine);
  if (is("step", 3)) return streaming_step(words[1], words[2], engine);
  if (!words.empty() && words[0] == "text") return text_step({words.begin() + 1, words.end()}, engine);
  if (is("peak", 1)) {
    bench::Work work;
    constexpr long kRounds = 2'000'000;
    work.flop = fma_burst(1) * kRounds * engine.pool.size();
    work.run = [&engine] { engine.pool.run([](int) { fma_burst(kRounds); }); };
    return work;
  }
  throw SpecError(fmt::format("no work '{}' with {} words", words.empty() ? "" : words[0], words.size()));
}

}  // namespace cellwright

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(
        stderr,
        "usage: ours THREADS [SIMD [LANESxUNITS]]; then requests on standard input (bench/serve.h)\n");
    return 2;
  }
  try {
    cellwright::EngineOptions options;
    options.threads = std::atoi(argv[1]);
    if (argc > 2) options.simd = argv[2];
    if (argc > 3 && std::sscanf(argv[3], "%dx%d", &options.split.lanes, &options.split.units) != 2)
      throw cellwright::SpecError("the split over threads should be as 2x1, lanes and units");
    cellwright::Engine engine(options);
    std::printf("cellwright on %s\n", cellwright::kernels::kernels<float>(options.simd).target);
    std::fflush(stdout);
    return bench::serve(
        [&](const std::vector<std::string>& words) { return cellwright::make_work(words, engine); });
  } catch (const std::exception& e) {
    std::fprintf(stderr, "ours: %s\n", e.what());
    return 1;
  }
}
