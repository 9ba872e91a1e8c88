// piano_roll_test.cpp: MIDI files made by hand byte for byte, written and read again, cut and altered
// anywhere; rolls from JSON and MIDI, and as sequences; the chorales' known sizes.
#include "data/piano_roll.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <tuple>

#include "base/file.h"
#include "base/rng.h"
#include "cellwright/error.h"
#include "support/data_path.h"

namespace cellwright {
namespace {

std::string bytes(std::initializer_list<int> list) {
  std::string s;
  for (const int b : list) s += static_cast<char>(b);
  return s;
}

std::string midi_file(const std::string& track, int format = 0, int division = 96) {
  std::string file = "MThd" + bytes({0, 0, 0, 6, 0, format, 0, 1, division >> 8, division & 255}) + "MTrk";
  return file + bytes({0, 0, static_cast<int>(track.size() >> 8), static_cast<int>(track.size() & 255)}) +
         track;
}

std::string text_of(const Midi& midi) {
  std::string text;
  for (const MidiNote& n : midi.notes)
    text += std::to_string(n.channel) + ":" + std::to_string(n.pitch) + "@" + std::to_string(n.start) + "-" +
            std::to_string(n.end) + " ";
  return text;
}

std::string message_of(const std::string& file) {
  try {
    parse_midi(file, "a.mid");
  } catch (const FormatError& e) {
    return e.what();
  }
  return "";
}

TEST(Midi, RunningStatusVelocityZeroAndSkippedEventsAreRead) {
  const std::string track = bytes({0,    0xFF, 3,    2,   'h', 'i',        // a name
                                   0,    0xC0, 5,                          // a program
                                   0,    0x90, 60,   100, 0,   64,   100,  // two notes by running status
                                   96,   60,   0,                          // the first ends by velocity 0
                                   0,    0xB0, 7,    100,                  // a controller
                                   0x81, 0x40, 0x80, 64,  0,               // 192 ticks later the other
                                   0,    0xF0, 3,    1,   2,   0xF7,       // system exclusive
                                   0,    0x91, 67,   1,   48,  67,   1,    // struck again while it sounds
                                   48,   0xFF, 0x2F, 0});                  // ends with the track
  EXPECT_EQ(text_of(parse_midi(midi_file(track), "a.mid")),
            "0:60@0-96 0:64@0-288 1:67@288-336 1:67@336-384 ");
}

TEST(Midi, TimeInSecondsIsThatOf120QuartersAMinute) {
  const std::string track = bytes({0, 0x90, 60, 100, 50, 60, 0});
  EXPECT_EQ(parse_midi(midi_file(track, 0, (256 - 25) << 8 | 40), "a.mid").ticks_per_quarter, 500);
}

TEST(Midi, IsWrittenSoThatItReadsTheSame) {
  Midi midi;
  const Random random(3, 4);
  std::int64_t at = 0;
  for (std::uint64_t i = 0; i < 200; ++i) {
    at += static_cast<std::int64_t>(random.below(i % 20 == 0 ? 3000000 : 200, i, 0));
    const int pitch = static_cast<int>(i % 128);  // none sounds twice at a time
    midi.notes.push_back({at, at + 1 + static_cast<std::int64_t>(random.below(100, i, 1)), pitch,
                          static_cast<int>(random.below(16, i, 2))});
  }
  const Midi again = parse_midi(format_midi(midi, 90), "a.mid");
  std::sort(midi.notes.begin(), midi.notes.end(), [](const MidiNote& a, const MidiNote& b) {
    return std::tie(a.start, a.pitch) < std::tie(b.start, b.pitch);
  });
  EXPECT_EQ(text_of(again), text_of(midi));
  EXPECT_EQ(again.ticks_per_quarter, midi.ticks_per_quarter);
  midi.notes[0].pitch = 128;
  EXPECT_THROW(format_midi(midi, 90), SpecError);
}

TEST(Midi, WhatIsNoneIsToldWithItsPlace) {
  const std::string note = bytes({0, 0x90, 60, 100});
  EXPECT_EQ(message_of("RIFF"), "a.mid: byte 0: this is no MIDI file: it does not begin with MThd");
  EXPECT_EQ(message_of("MThd"), "a.mid: byte 0: the file ends within its header");
  EXPECT_EQ(message_of(midi_file(bytes({0, 60, 100}))), "a.mid: byte 23: an event without a status");
  EXPECT_EQ(message_of(midi_file(note + bytes({0, 0x90, 60}))),
            "a.mid: byte 29: the track ends within an event");
  EXPECT_EQ(message_of(midi_file(bytes({0, 0x90, 60, 200}))),
            "a.mid: byte 25: a data byte is expected, found 0xc8");
  EXPECT_EQ(message_of(midi_file(bytes({0x80, 0x80, 0x80, 0x80, 0}))),
            "a.mid: byte 26: a number of more than four bytes");
  EXPECT_NE(message_of(midi_file(note, 2)).find("format 2"), std::string::npos);
  EXPECT_NE(message_of(midi_file(note, 0, 0)).find("a quarter of 0 ticks"), std::string::npos);
  EXPECT_NE(message_of(midi_file(note).substr(0, 14)).find("no track"), std::string::npos);
  EXPECT_EQ(message_of(midi_file(bytes({0, 0xFF, 1, 99, 0}))),
            "a.mid: byte 26: 99 bytes are announced, 1 are left");
}

TEST(Midi, AFewBytesBehindTheLastTrackAreLeftAlone) {
  const std::string file = midi_file(bytes({0, 0x90, 60, 100, 50, 60, 0}));
  EXPECT_EQ(parse_midi(file + "\n", "a.mid").notes.size(), 1u);
  EXPECT_EQ(parse_midi(file + std::string(7, '\0'), "a.mid").notes.size(), 1u);
  EXPECT_NE(message_of(file.substr(0, 18)).find("within the head of a chunk"), std::string::npos);
}

TEST(Midi, NoCutAndNoOtherByteDoesHarm) {
  Midi midi;
  for (int i = 0; i < 20; ++i) midi.notes.push_back({i * 10, i * 10 + 25, 40 + i, i % 3});
  const std::string good = format_midi(midi, 120);
  const auto read = [](const std::string& file) {
    try {
      roll_of_midi(parse_midi(file, "a.mid"), 4, "a.mid");
    } catch (const FormatError&) {
    }
  };
  for (std::size_t cut = 0; cut < good.size(); ++cut) read(good.substr(0, cut));
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const int b : {0, 1, 127, 128, 255}) {
      std::string bad = good;
      bad[at] = static_cast<char>(b);
      read(bad);
    }
  }
}

TEST(PianoRoll, ToMidiAndBackIsTheSame) {
  PianoRoll roll;
  roll.frames = {{60, 64}, {60}, {}, {21, 108}, {60}};
  const PianoRoll again = roll_of_midi(midi_of_roll(roll, 2), 2, "x");
  EXPECT_EQ(again.frames, roll.frames);
}

TEST(PianoRoll, AFrameHoldsWhatSoundsAtItsMiddle) {
  Midi midi;
  midi.ticks_per_quarter = 100;
  midi.notes = {{0, 49, 60, 0},    {0, 51, 62, 0},  {45, 155, 64, 0},
                {151, 300, 65, 0}, {0, 300, 20, 0}, {0, 300, 60, 9}};
  int left_out = 0;
  const PianoRoll roll = roll_of_midi(midi, 1, "x", &left_out);
  EXPECT_EQ(roll.frames, (std::vector<std::vector<int>>{{62, 64}, {64}, {65}}));
  EXPECT_EQ(left_out, 2);
}

TEST(PianoRoll, ManyLongNotesOfOneKeyCostNoMoreThanOne) {
  Midi midi;
  midi.ticks_per_quarter = 1;
  for (int i = 0; i < 200000; ++i) midi.notes.push_back({i / 100000, 200000, 60, i % 9});
  const PianoRoll roll = roll_of_midi(midi, 1, "a.mid", nullptr);
  ASSERT_EQ(roll.frames.size(), 200000u);
  for (const std::vector<int>& frame : roll.frames) ASSERT_EQ(frame, std::vector<int>{60});
  midi.notes[0].end = 1 << 19;
  EXPECT_THROW(roll_of_midi(midi, 1, "a.mid", nullptr), FormatError);
}

TEST(PianoRoll, JsonIsReadAndWhatIsWrongIsToldWithItsPlace) {
  const PianoRolls rolls =
      parse_piano_rolls(R"({"train":[[[64,60,60],[-1],[]]],"valid":[],"test":[[[21]]]})", "a.json");
  EXPECT_EQ(rolls.train.at(0).frames, (std::vector<std::vector<int>>{{60, 64}, {}, {}}));
  EXPECT_EQ(rolls.test.size(), 1u);
  EXPECT_EQ(parse_piano_rolls("[[[60]],[]]", "a.json").train.size(), 2u);
  for (const auto& [text, part] : std::vector<std::pair<std::string, std::string>>{
           {"{", "this is no JSON: column 2: "},
           {"{}", "expected an object"},
           {"3", "expected an object"},
           {R"({"train":3})", "train is no list of pieces"},
           {R"({"train":[3]})", "piece 0 of train is no list of frames"},
           {"[[[60],7]]", "piece 0, frame 1 is no list of pitches"},
           {"[[[60],[109]]]", "piece 0, frame 1: 109 is no pitch of 21 … 108"},
           {"[[[60.5]]]", "60.5 is no pitch"},
           {"[[[\"c\"]]]", "something is no pitch"},
           {"[[[99999999999999999999]]]", "no pitch"}}) {
    try {
      parse_piano_rolls(text, "a.json");
      FAIL() << text;
    } catch (const FormatError& e) {
      EXPECT_NE(std::string(e.what()).find(part), std::string::npos) << e.what();
    }
  }
}

TEST(PianoRoll, TheNextFrameIsTheTarget) {
  PianoRoll one, piece;
  one.frames = {{60}};
  piece.frames = {{21}, {22, 108}, {}};
  const SequenceSet set = next_frames({one, piece});
  set.check();
  ASSERT_EQ(set.sequences.size(), 1u);
  const Sequence& s = set.sequences[0];
  EXPECT_EQ(s.steps, 2);
  EXPECT_EQ(s.inputs[0], 1);
  EXPECT_EQ(s.targets[0], 0);
  EXPECT_EQ(s.targets[1], 1);
  EXPECT_EQ(s.targets[87], 1);
  EXPECT_EQ(s.inputs[88 + 1], 1);
}

TEST(PianoRoll, TheChoralesHaveTheirKnownSizes) {
  const std::string path = test::data_path("jsb-chorales/jsb-chorales-quarter.json");
  CELLWRIGHT_NEED_DATA(path);
  const PianoRolls rolls = read_piano_rolls({path}, 1);
  const auto frames = [](const std::vector<PianoRoll>& pieces) {
    std::size_t n = 0;
    for (const PianoRoll& p : pieces) n += p.frames.size();
    return n;
  };
  EXPECT_EQ(rolls.train.size(), 229u);
  EXPECT_EQ(rolls.valid.size(), 76u);
  EXPECT_EQ(rolls.test.size(), 77u);
  EXPECT_EQ(frames(rolls.train), 13807u);  // the set's SOURCE.md
  EXPECT_EQ(frames(rolls.valid), 4602u);
  EXPECT_EQ(frames(rolls.test), 4725u);
  for (const PianoRoll& piece : rolls.train) {
    std::vector<std::vector<int>> heard = piece.frames;
    while (!heard.empty() && heard.back().empty()) heard.pop_back();  // silence at the end leaves no note
    EXPECT_EQ(roll_of_midi(parse_midi(format_midi(midi_of_roll(piece, 1), 100), "x"), 1, "x").frames, heard);
  }
}

}  // namespace
}  // namespace cellwright
