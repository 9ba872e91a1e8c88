// music_fuzz.cpp: music from MIDI files (what begins with MThd) and piano rolls in JSON (all else).
//
// What must hold: an Error, or pieces whose frames hold rising pitches of the 88 keys; what a MIDI file of
// notes says is the same when it is written and read again; memory of a small multiple, but for the frames of
// long rests, of which a piece has 2^18 at most.
#include <algorithm>
#include <cmath>
#include <string_view>

#include "cellwright/error.h"
#include "data/piano_roll.h"
#include "held_memory.h"

namespace {

using namespace cellwright;
using cellwright::fuzz::require;

constexpr std::int64_t kMostFrames = 1 << 18;

void check(const PianoRoll& roll) {
  for (const std::vector<int>& frame : roll.frames) {
    require(std::is_sorted(frame.begin(), frame.end()));
    require(std::adjacent_find(frame.begin(), frame.end()) == frame.end());
    require(frame.empty() || (frame.front() >= kLowestPitch && frame.back() < kLowestPitch + kPitches));
  }
}

void read_midi(std::string_view bytes) {
  const Midi midi = parse_midi(bytes, "fuzz.mid");
  require(midi.notes.size() <= bytes.size() && midi.ticks_per_quarter > 0);
  for (const MidiNote& n : midi.notes)
    require(n.start >= 0 && n.start < n.end && n.pitch >= 0 && n.pitch < 128);
  int left_out = 0;
  const PianoRoll roll = roll_of_midi(midi, 4, "fuzz.mid", &left_out);
  check(roll);
  if (roll.frames.size() > 4096) return;
  next_frames({roll}).check();
  // A roll's own MIDI file says the same roll.
  const Midi again = parse_midi(format_midi(midi_of_roll(roll, 4), 120), "again.mid");
  PianoRoll heard = roll_of_midi(again, 4, "again.mid");
  heard.frames.resize(std::max(heard.frames.size(), roll.frames.size()));  // a rest at the end is not written
  require(heard.frames == roll.frames);
}

void read_json(std::string_view text) {
  const PianoRolls rolls = parse_piano_rolls(std::string(text), "fuzz.json");
  for (const auto* part : {&rolls.train, &rolls.valid, &rolls.test}) {
    for (const PianoRoll& roll : *part) check(roll);
    std::size_t frames = 0;
    for (const PianoRoll& roll : *part) frames += roll.frames.size();
    if (frames < 4096) next_frames(*part).check();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const bool midi = bytes.substr(0, 4) == "MThd";
  // A frame as a sequence: 88 inputs and as many targets; with a vector of its own and all its keys.
  const fuzz::HeldMemory held(size, 1500, midi ? kMostFrames * (24 + 2 * 88 * 4) : 1 << 20);
  try {
    midi ? read_midi(bytes) : read_json(bytes);
  } catch (const Error&) {
  }
  return 0;
}
