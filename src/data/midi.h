// midi.h: standard MIDI files: the notes in them, and notes written as one.
//
// Where to start: parse_midi. Reading knows formats 0 and 1, running status, both divisions of time and what
// is to be skipped (meta and system exclusive events, controllers); tempo is not needed, since times are in
// quarters. What always holds: no file makes it read past its end or hold more than a small multiple of its
// size.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cellwright {

struct MidiNote {
  std::int64_t start = 0, end = 0;  ///< ticks; start < end
  int pitch = 60;                   ///< 0 … 127
  int channel = 0;                  ///< 0 … 15; 9 is percussion
};

struct Midi {
  int ticks_per_quarter = 480;  ///< of a file in seconds: of 120 quarters a minute
  std::vector<MidiNote> notes;  ///< by start, then pitch
};

/// FormatError "FILE: byte N: …". A note that nobody ends ends with its track; one that is struck again while
/// it sounds ends there.
Midi parse_midi(std::string_view bytes, std::string_view name);

/// A file of format 0 at this tempo. SpecError for ticks, pitches or channels out of range.
std::string format_midi(const Midi& midi, double quarters_per_minute);

}  // namespace cellwright
