// music_data.h: music from files, for every command that trains on it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/piano_roll.h"
#include "nn/sequence_spec.h"

namespace CLI {
class App;
}

namespace cellwright::app {

struct MusicFiles {
  std::vector<std::string> files, valid, test;
  std::optional<double> valid_fraction, test_fraction;
  double grid = 4;  ///< MIDI: frames a quarter note
};

void add_music_options(CLI::App* app, MusicFiles& music);

/// What is read, parts taken out of what comes without a split. IoError, FormatError, SpecError.
PianoRolls read_music(const MusicFiles& music, std::uint64_t seed);

/// What a model of music reads and says: 88 keys, each sounding or not.
void put_music(SequenceSpec& spec);

}  // namespace cellwright::app
