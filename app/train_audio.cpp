// train_audio.cpp: `cellwright train audio`: a device that makes one sound of another, learned from
// recordings, sample by sample. It is used by `render` (render.cpp).
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <map>

#include "audio_task.h"
#include "cellwright/error.h"
#include "command.h"
#include "data/audio.h"
#include "model_request.h"
#include "numbers.h"
#include "sequence_training.h"
#include "training_options.h"

namespace cellwright::app {
namespace {

struct AudioRequest : RunRequest {
  std::vector<std::string> files, knobs;
  double segment = 0.5, valid_fraction = 0.1, pre_emphasis = 0.85, dc = 1;
  int lead_in = 1000, rate = 0;
};

struct Options {
  AudioRequest request;
  Given given;
};

/// A recording of both sides of the device, at one setting of its knobs.
struct Recording {
  std::string name;
  std::vector<float> input, target;
  std::vector<double> knobs;  ///< in the order of names
};

void check(const AudioRequest& r) {
  if (r.files.size() < 2 || r.files.size() % 2 != 0)
    throw SpecError(
        fmt::format("files come in pairs, what goes in and what comes out; found {}", r.files.size()));
  if (!r.knobs.empty() && r.knobs.size() * 2 != r.files.size())
    throw SpecError(fmt::format(
        "--knobs is given {} time{} for {} pair{} of files; give it once a pair, in their order",
        r.knobs.size(), r.knobs.size() == 1 ? "" : "s", r.files.size() / 2, r.files.size() == 2 ? "" : "s"));
  if (!(r.segment > 0 && r.segment <= 3600))
    throw SpecError(
        fmt::format("--segment must be more than 0 and at most 3600 seconds, found {:g}", r.segment));
  if (r.rate != 0 && (r.rate < 100 || r.rate > 1000000))
    throw SpecError(fmt::format("--rate must lie in 100 … 1000000 samples a second, found {}", r.rate));
  if (!(r.valid_fraction > 0 && r.valid_fraction <= 0.5))
    throw SpecError(
        fmt::format("--valid-fraction must be more than 0 and at most 0.5, found {:g}", r.valid_fraction));
  if (!(r.pre_emphasis >= 0 && r.pre_emphasis < 1))
    throw SpecError(
        fmt::format("--pre-emphasis must be 0 or more, and less than 1, found {:g}", r.pre_emphasis));
  if (!(r.dc >= 0) || !std::isfinite(r.dc))
    throw SpecError(fmt::format("--dc must be 0 or more, found {:g}", r.dc));
  if (r.lead_in < 0) throw SpecError(fmt::format("--lead-in must be 0 samples or more, found {}", r.lead_in));
}

/// Pairs of equal length and rate; `rate` 0: the first file's. Remarks say what was resampled.
std::vector<Recording> read_recordings(const AudioRequest& r, int& rate,
                                       const std::vector<std::string>& names,
                                       std::vector<std::string>& remarks) {
  std::vector<Recording> all;
  const auto read = [&](const std::string& path) {
    const Audio audio = read_audio(path);
    if (rate == 0) rate = audio.rate;
    if (audio.rate != rate)
      remarks.push_back(fmt::format("{} resampled from {} to {} Hz", path, audio.rate, rate));
    if (audio.channels > 1)
      remarks.push_back(fmt::format("{}: the mean of its {} channels", path, audio.channels));
    return resample(path, audio.samples, audio.rate, rate);
  };
  for (std::size_t i = 0; i < r.files.size(); i += 2) {
    Recording one;
    one.name = r.files[i + 1];
    one.input = read(r.files[i]);
    one.target = read(r.files[i + 1]);
    const std::size_t n = std::min(one.input.size(), one.target.size()),
                      more = std::max(one.input.size(), one.target.size()) - n;
    if (more > static_cast<std::size_t>(rate) / 100)
      throw SpecError(fmt::format(
          "'{}' has {} samples and '{}' {}: both sides must be recorded together; cut them to one length",
          r.files[i], one.input.size(), r.files[i + 1], one.target.size()));
    one.input.resize(n);
    one.target.resize(n);
    double power = 0;
    for (const float y : one.target) power += static_cast<double>(y) * static_cast<double>(y);
    if (power == 0)
      throw SpecError(fmt::format("'{}': it is silent; there is nothing to learn", r.files[i + 1]));
    if (!r.knobs.empty()) one.knobs = knob_values(parse_knobs(r.knobs[i / 2], "--knobs"), names, "--knobs");
    all.push_back(std::move(one));
  }
  return all;
}

/// Samples [first, last) as segments, each with a warm-up in front that does not count.
void add_segments(const Recording& r, std::size_t first, std::size_t last, std::size_t length,
                  std::size_t lead_in, SequenceSet& set) {
  for (std::size_t at = first; at < last; at += length) {
    const std::size_t end = std::min(at + length, last), begin = at - std::min(at, lead_in);
    if (end - at < 16) continue;  // a rest that says nothing
    Sequence s;
    s.name = fmt::format("{}: sample {}", r.name, at);
    s.steps = static_cast<int>(end - begin);
    for (std::size_t i = begin; i < end; ++i) {
      s.inputs.push_back(r.input[i]);
      for (const double knob : r.knobs) s.inputs.push_back(static_cast<float>(knob));
      s.targets.push_back(r.target[i]);
      s.counted.push_back(i >= at);
    }
    set.sequences.push_back(std::move(s));
  }
}

int train_audio(AudioRequest& r) {
  check(r);
  TrainOptions defaults = default_options(r);
  defaults.epochs = 200;
  defaults.batch = 32;
  defaults.steps = 2048;
  defaults.clip_norm = 1;
  defaults.patience = 20;
  if (!r.train.optimizer) defaults.learning_rate = 5e-3;
  SequenceStart start = start_sequences(r, "audio", {r.files[1]}, {".wav", ".flac"}, defaults);
  int rate = r.rate;
  if (start.saved) rate = audio_task_of(*start.saved, start.out).rate;
  std::vector<std::string> names;
  if (!r.knobs.empty()) {
    for (const auto& [name, value] : parse_knobs(r.knobs[0], "--knobs")) names.push_back(name);
  }
  SequenceJob job;
  if (r.model.units.empty()) r.model.units = {24};
  job.spec = make_sequence_spec(r.model);
  job.spec.inputs = 1 + static_cast<int>(names.size());
  job.spec.loss.kind = "esr";
  job.spec.loss.outputs = 1;
  job.spec.loss.pre_emphasis = r.pre_emphasis;
  job.spec.loss.dc = r.dc;
  tensors_of(job.spec);
  std::vector<std::string> remarks;
  const std::vector<Recording> recordings = read_recordings(r, rate, names, remarks);
  job.train.inputs = job.valid.inputs = job.spec.inputs;
  job.train.target_width = job.valid.target_width = 1;
  std::size_t samples = 0;
  const auto length = static_cast<std::size_t>(std::max(16.0, r.segment * rate)),
             lead_in = static_cast<std::size_t>(r.lead_in);
  for (const Recording& one : recordings) {
    const std::size_t n = one.input.size(),
                      border = n - static_cast<std::size_t>(r.valid_fraction * static_cast<double>(n));
    add_segments(one, 0, border, length, lead_in, job.train);
    add_segments(one, border, n, n, lead_in, job.valid);  // as one stretch
    samples += n;
  }
  if (job.train.empty() || job.valid.empty())
    throw SpecError(
        fmt::format("'{}': {} samples are too few to train and to validate on", r.files[1], samples));
  job.task = {{"kind", "audio"}, {"rate", rate}, {"knobs", names}};
  job.loss_unit = "error-to-signal ratio";
  job.data =
      fmt::format("{} recording{}, {:.1f} s at {} Hz, in {} segments; the last {:g} % of each to validate",
                  recordings.size(), recordings.size() == 1 ? "" : "s", static_cast<double>(samples) / rate,
                  grouped(rate), job.train.sequences.size(), 100 * r.valid_fraction);
  for (const std::string& remark : remarks) job.data += "; " + remark;
  job.words = {"segments/s", false};
  job.next = {"render {} IN.wav --out OUT.wav", "info {}"};
  job.measure = [&](SequenceModel<float>& model) {
    nlohmann::ordered_json figures = nlohmann::ordered_json::object();
    // The training's loss is a mean over windows; what is published is over all of a sound.
    const double trained = evaluate(model, job.valid, start.options.batch, start.options.steps).mean();
    double errors = 0, signal = 0, filtered_errors = 0, filtered_signal = 0, e_before = 0, y_before = 0;
    bool follows = false;
    evaluate(model, job.valid, 1, 4096, nullptr,
             [&](const std::vector<int>&, int first, const SequenceBatch& b) {
               follows = follows && first > 0;
               for (std::size_t i = 0; i < b.counted.size(); ++i) {
                 const double y = static_cast<double>(b.targets[i]),
                              e = static_cast<double>(model.outputs()[i]) - y;
                 if (b.counted[i] != 0) {
                   errors += e * e;
                   signal += y * y;
                   if (follows) {
                     filtered_errors += std::pow(e - r.pre_emphasis * e_before, 2);
                     filtered_signal += std::pow(y - r.pre_emphasis * y_before, 2);
                   }
                 }
                 e_before = e;
                 y_before = y;
                 follows = true;
               }
             });
    print_measure("validation", trained, "the training's loss, the mean over windows");
    print_measure("", errors / signal,
                  fmt::format("error-to-signal ratio plain ({:.1f} dB)", 10 * std::log10(errors / signal)));
    print_measure("", filtered_errors / filtered_signal,
                  fmt::format("error-to-signal ratio with pre-emphasis {:g}", r.pre_emphasis));
    figures["valid_loss"] = trained;
    figures["valid_esr"] = errors / signal;
    figures["valid_esr_filtered"] = filtered_errors / filtered_signal;
    return figures;
  };
  return train_sequences(r, start, job);
}

constexpr const char* kExamples =
    R"(Both files of a pair are recorded together, sample for sample. They are cut into segments that run side by side;
back-propagation goes back over --steps samples, the state is carried on, and the first --lead-in samples of a segment do not
count. Knobs are columns beside the sound: give each pair its setting.

Examples:
  cellwright train audio guitar.wav amp.wav --out amp.safetensors
  cellwright train audio g.wav low.wav g.wav high.wav --knobs gain=0.2 --knobs gain=0.9 --cell gru --units 32
  cellwright render amp.safetensors other.wav --out played.wav)";

}  // namespace

void add_train_audio_command(CLI::App& train, Command& chosen, const std::string& command) {
  CLI::App* app =
      train.add_subcommand("audio", "Train a model of a sound device from what goes in and what comes out");
  auto o = std::make_shared<Options>();
  AudioRequest& r = o->request;
  r.command = command;
  app->add_option("files", r.files, "Pairs of sound files: what goes in, what comes out")
      ->required()
      ->type_name("IN OUT");
  const auto data = [&](const std::string& name, auto& field, const std::string& text, const char* type) {
    return app->add_option(name, field, text)->type_name(type)->group("Sound");
  };
  data("--knobs", r.knobs, "A pair's setting, as gain=0.5,tone=0.2; once a pair", "NAME=X,…")
      ->allow_extra_args(false);
  data("--segment", r.segment, "Seconds of a segment", "X")->capture_default_str();
  data("--lead-in", r.lead_in, "Samples before a segment that do not count", "N")->capture_default_str();
  data("--valid-fraction", r.valid_fraction, "End of each recording to validate on", "X")
      ->capture_default_str();
  data("--pre-emphasis", r.pre_emphasis, "Filter x[t] - c·x[t-1] of the loss, 0 for none", "X")
      ->capture_default_str();
  data("--dc", r.dc, "Weight of the mean's error in the loss", "X")->capture_default_str();
  data("--rate", r.rate, "Samples a second; other files are resampled (the first file's)", "N");
  TrainTask task;
  task.name = "audio";
  task.examples = kExamples;
  task.units = 24;
  TrainingWords& words = task.words;
  words.epochs = "Times through the segments (200)";
  words.batch = "Segments side by side (32)";
  words.steps = "How far back gradients go, samples (2048)";
  words.stride = "";
  words.clip = "Largest norm of a gradient, 0 for none (1)";
  words.patience = " (20)";
  finish_train_command(app, chosen, r, o->given, task, [o] { return train_audio(o->request); });
}

}  // namespace cellwright::app
