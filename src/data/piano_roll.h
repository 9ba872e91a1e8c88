// piano_roll.h: music as frames of equal length, each the set of pitches that sound in it: from JSON and MIDI
// files, to MIDI files, and as sequences to train on.
//
// Where to start: read_piano_rolls, next_frames. What always holds: pitches are MIDI's 21 … 108, a piano's 88
// keys, rising within a frame; a roll does not say whether a note that sounds on was struck again.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/midi.h"
#include "data/sequences.h"

namespace cellwright {

inline constexpr int kLowestPitch = 21, kPitches = 88;

struct PianoRoll {
  std::string name;
  std::vector<std::vector<int>> frames;
};

/// Pieces as a file has them; from files without a split all are in `train`.
struct PianoRolls {
  std::vector<PianoRoll> train, valid, test;
  int left_out = 0;  ///< notes outside the 88 keys, and percussion, in MIDI files
};

/// {"train": […], "valid": […], "test": […]} or a list of pieces; a piece is a list of frames, a frame a list
/// of pitches in any order, with -1 for a voice that is silent. FormatError naming piece and frame.
PianoRolls parse_piano_rolls(const std::string& json, const std::string& name);

/// A frame holds what sounds at its middle; `frames_per_quarter` of them are a quarter note. Percussion is
/// left out. FormatError for a piece of more than 262,144 frames.
PianoRoll roll_of_midi(const Midi& midi, double frames_per_quarter, const std::string& name,
                       int* left_out = nullptr);
Midi midi_of_roll(const PianoRoll& roll, double frames_per_quarter);

/// From files: .json, or .mid and .midi, a folder standing for the MIDI files in it, in the order of their
/// names. IoError, FormatError; SpecError where JSON comes with other files, or a folder has no MIDI file.
PianoRolls read_piano_rolls(const std::vector<std::string>& paths, double frames_per_quarter);

/// Inputs are a piece's frames but the last, targets those but the first: frames 2 … T are predicted. Pieces
/// of fewer than two frames are left out.
SequenceSet next_frames(const std::vector<PianoRoll>& rolls);

}  // namespace cellwright
