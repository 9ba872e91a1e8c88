// sample_music.cpp: see sample_music.h. A key sounds in the next frame with the probability that the model
// gives it, each key for itself: the model is one of independent keys, given the frames before.
#include "sample_music.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/file.h"
#include "base/rng.h"
#include "cellwright/error.h"
#include "data/piano_roll.h"
#include "numbers.h"
#include "train/sequence_file.h"

namespace cellwright::app {

int sample_music(const MusicSampleRequest& r) {
  if (r.out.empty()) throw SpecError("a model of music writes a MIDI file; say where to: --out new.mid");
  if (r.length < 1 || r.length > 1000000)
    throw SpecError(fmt::format("--length must lie in 1 … 1000000 frames, found {}", r.length));
  const SavedSequenceModel saved = load_sequence_model(r.model, "music");
  double grid = 0;
  try {
    grid = saved.task.at("grid").get<double>();
  } catch (const nlohmann::json::exception& e) {
    throw FormatError(fmt::format("{}: task: {}", r.model, e.what()));
  }
  if (!(grid > 0 && grid <= 96) || saved.spec.inputs != kPitches || saved.spec.loss.kind != "bernoulli" ||
      saved.spec.loss.outputs != kPitches || saved.spec.reading != Reading::each)
    throw FormatError(fmt::format("{}: this is no model of frames of {} keys", r.model, kPitches));
  Engine engine(r.engine);
  SequenceModel<float> model(saved.spec, engine);
  saved.apply(model);

  PianoRoll roll;
  if (!r.prime.empty()) {
    PianoRolls primes = read_piano_rolls({r.prime}, grid);
    if (primes.train.empty() || primes.train[0].frames.empty())
      throw SpecError(fmt::format("--prime '{}': there is no frame in it", r.prime));
    roll.frames = std::move(primes.train[0].frames);
  }
  const std::size_t given = roll.frames.size();
  StackState<float> state = model.make_state(1);
  std::vector<float> frame(kPitches);
  SequenceWindow<float> window;
  window.steps = window.lanes = 1;
  window.inputs = frame.data();
  const Random random(r.seed, hash_name("sample.music"));
  std::int64_t notes = 0;
  for (std::size_t f = 0; f < given + static_cast<std::size_t>(r.length); ++f) {
    if (f >= given) {
      roll.frames.emplace_back();
      for (std::size_t k = 0; k < kPitches && f > 0; ++k) {  // the first frame of all is silent
        const double a = static_cast<double>(model.outputs()[k]);
        const bool sounds =
            r.temperature > 0 ? random.uniform(f, k) < 1 / (1 + std::exp(-a / r.temperature)) : a > 0;
        if (sounds) roll.frames[f].push_back(kLowestPitch + static_cast<int>(k));
      }
      notes += static_cast<std::int64_t>(roll.frames[f].size());
    }
    std::fill(frame.begin(), frame.end(), 0.0f);
    for (const int pitch : roll.frames[f]) frame[static_cast<std::size_t>(pitch - kLowestPitch)] = 1;
    model.evaluate(window, state);
  }
  write_file_atomically(r.out, format_midi(midi_of_roll(roll, grid), r.quarters_per_minute));
  fmt::print(
      "{}: {} frames{}, {:.1f} keys a frame, {:g} frames a quarter note\n", r.out,
      grouped(static_cast<std::int64_t>(roll.frames.size())),
      given > 0 ? fmt::format(", the first {} of them given", grouped(static_cast<std::int64_t>(given))) : "",
      static_cast<double>(notes) / static_cast<double>(r.length), grid);
  return 0;
}

}  // namespace cellwright::app
