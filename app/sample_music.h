// sample_music.h: `cellwright sample` for models of music: a MIDI file, frame after frame as it is drawn.
#pragma once

#include <cstdint>
#include <string>

#include "nn/engine.h"

namespace cellwright::app {

struct MusicSampleRequest {
  std::string model, out, prime;  ///< prime: a MIDI or JSON file whose first piece is gone on with
  std::int64_t length = 64;       ///< frames
  double temperature = 1, quarters_per_minute = 100;
  std::uint64_t seed = 1;
  EngineOptions engine;
};

int sample_music(const MusicSampleRequest& request);

}  // namespace cellwright::app
