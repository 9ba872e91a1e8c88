// piano_roll.cpp: see piano_roll.h.
#include "data/piano_roll.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "cellwright/error.h"
#include "data/json_text.h"

namespace cellwright {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::int64_t kMostFrames = 1 << 18;  // a small file may hold long notes

void sort_frame(std::vector<int>& frame) {
  std::sort(frame.begin(), frame.end());
  frame.erase(std::unique(frame.begin(), frame.end()), frame.end());
}

std::vector<PianoRoll> pieces_of(const Json& list, const std::string& name, const std::string& part) {
  std::vector<PianoRoll> rolls;
  const auto where = [&](std::size_t piece) {
    return fmt::format("{}: piece {}{}", name, piece, part.empty() ? "" : " of " + part);
  };
  if (!list.is_array())
    throw FormatError(fmt::format("{}: {} is no list of pieces", name, part.empty() ? "the top" : part));
  for (std::size_t p = 0; p < list.size(); ++p) {
    if (!list[p].is_array()) throw FormatError(where(p) + " is no list of frames");
    PianoRoll roll;
    roll.name = where(p);
    for (std::size_t f = 0; f < list[p].size(); ++f) {
      const Json& pitches = list[p][f];
      if (!pitches.is_array())
        throw FormatError(fmt::format("{}, frame {} is no list of pitches", where(p), f));
      std::vector<int> frame;
      for (const Json& pitch : pitches) {
        const auto n = pitch.is_number_integer() ? pitch.get<std::int64_t>() : std::int64_t{0};
        if (n == -1) continue;
        if (n < kLowestPitch || n >= kLowestPitch + kPitches)
          throw FormatError(fmt::format("{}, frame {}: {} is no pitch of {} … {}", where(p), f,
                                        pitch.is_number() ? pitch.dump() : "something", kLowestPitch,
                                        kLowestPitch + kPitches - 1));
        frame.push_back(static_cast<int>(n));
      }
      sort_frame(frame);
      roll.frames.push_back(std::move(frame));
    }
    rolls.push_back(std::move(roll));
  }
  return rolls;
}

bool ends_with(std::string path, const std::string& ending) {
  std::transform(path.begin(), path.end(), path.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return path.size() > ending.size() && path.compare(path.size() - ending.size(), ending.size(), ending) == 0;
}

bool is_midi(const std::string& path) { return ends_with(path, ".mid") || ends_with(path, ".midi"); }

}  // namespace

PianoRolls parse_piano_rolls(const std::string& text, const std::string& name) {
  const Json json = parse_json(text, name);
  PianoRolls rolls;
  if (json.is_array()) {
    rolls.train = pieces_of(json, name, "");
    return rolls;
  }
  if (!json.is_object() || !json.contains("train"))
    throw FormatError(fmt::format(
        "{}: expected an object with 'train', 'valid' and 'test', or a list of pieces, each a list of frames",
        name));
  rolls.train = pieces_of(json["train"], name, "train");
  if (json.contains("valid")) rolls.valid = pieces_of(json["valid"], name, "valid");
  if (json.contains("test")) rolls.test = pieces_of(json["test"], name, "test");
  return rolls;
}

PianoRoll roll_of_midi(const Midi& midi, double frames_per_quarter, const std::string& name, int* left_out) {
  PianoRoll roll;
  roll.name = name;
  const double ticks = midi.ticks_per_quarter / frames_per_quarter;
  std::array<std::size_t, kPitches> until = {};  // a frame has each key at most once, however many play it
  for (const MidiNote& note : midi.notes) {
    if (note.channel == 9 || note.pitch < kLowestPitch || note.pitch >= kLowestPitch + kPitches) {
      if (left_out) ++*left_out;
      continue;
    }
    const double first = std::ceil(static_cast<double>(note.start) / ticks - 0.5),
                 last = std::ceil(static_cast<double>(note.end) / ticks - 0.5);
    if (last > static_cast<double>(kMostFrames))
      throw FormatError(fmt::format("{}: the piece has more than {} frames", name, kMostFrames));
    if (static_cast<double>(roll.frames.size()) < last) roll.frames.resize(static_cast<std::size_t>(last));
    // Notes come by their start, so what another channel or track fills already lies in one piece.
    std::size_t& filled = until[static_cast<std::size_t>(note.pitch - kLowestPitch)];
    for (std::size_t f = std::max(static_cast<std::size_t>(std::max(first, 0.0)), filled);
         static_cast<double>(f) < last; ++f)
      roll.frames[f].push_back(note.pitch);
    filled = std::max(filled, static_cast<std::size_t>(std::max(last, 0.0)));
  }
  for (std::vector<int>& frame : roll.frames) sort_frame(frame);
  return roll;
}

Midi midi_of_roll(const PianoRoll& roll, double frames_per_quarter) {
  Midi midi;
  const auto tick = [&](std::size_t frame) {
    return std::llround(static_cast<double>(frame) * midi.ticks_per_quarter / frames_per_quarter);
  };
  std::map<int, std::size_t> sounding;  // pitch: since which frame
  for (std::size_t f = 0; f <= roll.frames.size(); ++f) {
    const std::vector<int> none, &now = f < roll.frames.size() ? roll.frames[f] : none;
    for (auto it = sounding.begin(); it != sounding.end();) {
      if (std::find(now.begin(), now.end(), it->first) != now.end()) {
        ++it;
        continue;
      }
      midi.notes.push_back({tick(it->second), tick(f), it->first, 0});
      it = sounding.erase(it);
    }
    for (const int pitch : now) sounding.emplace(pitch, f);
  }
  return midi;
}

PianoRolls read_piano_rolls(const std::vector<std::string>& paths, double frames_per_quarter) {
  if (paths.size() == 1 && ends_with(paths[0], ".json"))
    return parse_piano_rolls(read_file(paths[0]), paths[0]);
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (ends_with(path, ".json"))
      throw SpecError(fmt::format("'{}': a JSON file holds all pieces; give it alone", path));
    if (!fs::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    std::vector<std::string> within;
    for (const auto& entry : fs::directory_iterator(path, error)) {
      if (is_midi(entry.path().string())) within.push_back(entry.path().string());
    }
    if (error) throw IoError(fmt::format("cannot read the folder '{}': {}", path, error.message()));
    if (within.empty()) throw SpecError(fmt::format("the folder '{}' has no MIDI file (.mid, .midi)", path));
    std::sort(within.begin(), within.end());
    files.insert(files.end(), within.begin(), within.end());
  }
  PianoRolls rolls;
  for (const std::string& file : files)
    rolls.train.push_back(
        roll_of_midi(parse_midi(read_file(file), file), frames_per_quarter, file, &rolls.left_out));
  return rolls;
}

SequenceSet next_frames(const std::vector<PianoRoll>& rolls) {
  SequenceSet set;
  set.inputs = set.target_width = kPitches;
  for (const PianoRoll& roll : rolls) {
    if (roll.frames.size() < 2) continue;
    Sequence s;
    s.name = roll.name;
    s.steps = static_cast<int>(roll.frames.size()) - 1;
    const auto n = static_cast<std::size_t>(s.steps) * kPitches;
    s.inputs.assign(n, 0);
    s.targets.assign(n, 0);
    for (std::size_t f = 0; f < roll.frames.size(); ++f) {
      for (const int pitch : roll.frames[f]) {
        const auto key = static_cast<std::size_t>(pitch - kLowestPitch);
        if (f + 1 < roll.frames.size()) s.inputs[f * kPitches + key] = 1;
        if (f > 0) s.targets[(f - 1) * kPitches + key] = 1;
      }
    }
    set.sequences.push_back(std::move(s));
  }
  return set;
}

}  // namespace cellwright
