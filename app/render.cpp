// render.cpp: `cellwright render`: a sound through a model of a device, streamed block by block by the public
// Step, as a plug-in would. What always holds: a sound's length costs no memory.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cmath>
#include <filesystem>

#include "audio_task.h"
#include "cellwright/error.h"
#include "cellwright/step.h"
#include "command.h"
#include "data/audio.h"
#include "interrupt.h"
#include "numbers.h"
#include "tell.h"

namespace cellwright::app {
namespace {

struct Request {
  std::string model, in, out, knobs;
  StepOptions options;
};

constexpr std::size_t kBlock = 512;

int render(const Request& r) {
  if (r.out.empty()) throw SpecError("say where to write: --out OUT.wav");
  std::error_code ignored;
  if (std::filesystem::equivalent(r.in, r.out, ignored))
    throw SpecError(fmt::format("--out {} is the sound that is read; give another name", r.out));
  const SavedSequenceModel saved = load_sequence_model(r.model, "audio");
  const AudioTask task = audio_task_of(saved, r.model);
  const std::vector<double> knobs =
      knob_values(r.knobs.empty() ? Knobs{} : parse_knobs(r.knobs, "--knobs"), task.knobs, "--knobs");
  Step step = Step::load(r.model, r.options);
  AudioReader in(r.in);
  if (in.rate() != task.rate)
    tell(fmt::format("cellwright: {}: resampled from {} to {} Hz, at which the model was trained\n", r.in,
                     in.rate(), task.rate));
  if (in.channels() > 1)
    tell(fmt::format("cellwright: {}: the mean of its {} channels\n", r.in, in.channels()));
  Resampler resampler(r.in, in.rate(), task.rate);
  const Interrupt interrupt;  // Ctrl-C leaves no half of a file behind
  WaveWriter out(r.out, task.rate);
  const std::size_t width = 1 + knobs.size();
  std::vector<float> block(kBlock * width);
  for (std::size_t i = 0; i < kBlock; ++i) {
    for (std::size_t k = 0; k < knobs.size(); ++k) block[i * width + 1 + k] = static_cast<float>(knobs[k]);
  }
  std::vector<float> played(kBlock);
  std::chrono::steady_clock::duration took{0};
  double peak = 0;
  std::uint64_t count = 0;
  for (bool last = false; !last;) {
    if (interrupt.flag()->load()) {
      tell("cellwright: stopped; nothing was written\n");
      return interrupt.status();
    }
    const std::vector<float>& read = in.next();
    last = read.empty();
    const std::vector<float>& samples = resampler.run(read, last);
    count += samples.size();
    for (std::size_t at = 0; at < samples.size(); at += kBlock) {
      const std::size_t n = std::min(kBlock, samples.size() - at);
      for (std::size_t i = 0; i < n; ++i) block[i * width] = samples[at + i];
      const auto began = std::chrono::steady_clock::now();
      step.run(static_cast<int>(n), block.data(), played.data());
      took += std::chrono::steady_clock::now() - began;
      for (std::size_t i = 0; i < n; ++i) peak = std::max(peak, std::abs(static_cast<double>(played[i])));
      out.write(played.data(), n);
    }
  }
  out.commit();
  const double seconds = static_cast<double>(count) / task.rate;
  fmt::print("{}: {:.1f} s at {} Hz, peak {:.3f}; {:.0f} times as fast as it sounds\n", r.out, seconds,
             grouped(task.rate), peak, seconds / std::max(std::chrono::duration<double>(took).count(), 1e-9));
  return 0;
}

}  // namespace

void add_render_command(CLI::App& root, Command& chosen) {
  CLI::App* app = root.add_subcommand("render", "Play a sound through a model of a sound device");
  auto r = std::make_shared<Request>();
  app->add_option("model", r->model, "A model trained by train audio")->required()->type_name("FILE");
  app->add_option("in", r->in, "The sound that goes in")->required()->type_name("FILE");
  app->add_option("--out", r->out, "The WAV file to write")->type_name("FILE");
  app->add_option("--knobs", r->knobs, "The device's setting, as gain=0.5,tone=0.2")->type_name("NAME=X,…");
  app->add_option("--simd", r->options.simd, "SIMD target: auto, or one of --version's")->type_name("NAME");
  app->footer("Examples:\n  cellwright render amp.safetensors guitar.wav --out played.wav --knobs gain=0.7");
  app->callback([&chosen, r] { chosen.run = [r] { return render(*r); }; });
}

}  // namespace cellwright::app
