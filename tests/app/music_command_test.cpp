// music_command_test.cpp: train music on rolls and MIDI files, sampled to MIDI, resumed to the bit; and what
// is told when something is wrong.
#include <gtest/gtest.h>

#include <algorithm>

#include "app/run_app.h"
#include "data/piano_roll.h"
#include "language/shipped.h"
#include "support/data_path.h"
#include "train/sequence_file.h"

namespace cellwright::test {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// A scale of two voices, up and down: learned in a few epochs.
PianoRoll scale(int from, int frames) {
  PianoRoll roll;
  for (int f = 0; f < frames; ++f) {
    const int up = f % 14 < 7 ? f % 14 : 14 - f % 14;
    roll.frames.push_back({from + up, from + 12 + up});
  }
  return roll;
}

std::string json_of(int pieces) {
  std::string text = "[";
  for (int p = 0; p < pieces; ++p) {
    text += p ? ",[" : "[";
    bool first = true;
    for (const auto& frame : scale(40 + p % 3, 20 + p % 9).frames) {
      text += (first ? "[" : ",[") + std::to_string(frame[1]) + "," + std::to_string(frame[0]) + "]";
      first = false;
    }
    text += "]";
  }
  return text + "]";
}

class Music : public testing::Test {
 protected:
  Music() { write_whole(json, json_of(30)); }
  AppResult train(std::vector<std::string> more, const std::string& from = "") {
    std::vector<std::string> all{
        "train", "music", from.empty() ? json : from, "--cell", "gru", "--units", "32", "--threads", "1"};
    all.insert(all.end(), more.begin(), more.end());
    return run_app(all);
  }
  TemporaryFolder folder;
  std::string json = folder / "scales.json", out = folder / "m.safetensors";
};

TEST_F(Music, IsTrainedShownAndSampledToMidi) {
  const std::string log = folder / "log";
  const AppResult r =
      train({"--out", out, "--epochs", "200", "--lr", "0.02", "--patience", "0", "--log", log});
  ASSERT_EQ(r.status, 0) << r.err;
  for (const char* part :
       {"24 pieces", "3 pieces", "88 numbers a step, loss bernoulli", "validation", "test ", "nats a frame"})
    EXPECT_TRUE(has(r.out, part)) << part << r.out;
  EXPECT_TRUE(has(r.err, "frames/s")) << r.err;
  EXPECT_FALSE(has(r.err, "ppl")) << r.err;
  EXPECT_TRUE(has(read_whole(log), "\"test_loss\":")) << read_whole(log);
  const std::string info = run_app({"info", out}).out;
  EXPECT_TRUE(has(info, "gru 32 of music, loss bernoulli")) << info;
  EXPECT_TRUE(has(info, "head.weight")) << info;

  const std::string midi = folder / "new.mid";
  ASSERT_EQ(run_app({"sample", out, "--out", midi, "--length", "24"}).status, 0);
  const PianoRoll roll = roll_of_midi(parse_midi(read_whole(midi), midi), 4, midi);
  EXPECT_GT(roll.frames.size(), 15u);
  const std::string first = read_whole(midi);
  ASSERT_EQ(run_app({"sample", out, "--out", midi, "--length", "24"}).status, 0);
  EXPECT_EQ(read_whole(midi), first);
  ASSERT_EQ(run_app({"sample", out, "--out", midi, "--length", "24", "--seed", "2"}).status, 0);
  EXPECT_NE(read_whole(midi), first);

  // Gone on with from a scale, the likeliest frames are the scale.
  const std::string prime = folder / "prime.mid";
  write_whole(prime, format_midi(midi_of_roll(scale(41, 16), 4), 100));
  ASSERT_EQ(
      run_app({"sample", out, "--out", midi, "--prime", prime, "--length", "6", "--temperature", "0"}).status,
      0);
  EXPECT_EQ(roll_of_midi(parse_midi(read_whole(midi), midi), 4, midi).frames, scale(41, 22).frames);
}

TEST_F(Music, IsResumedToTheBit) {
  const std::string straight = folder / "straight.safetensors";
  ASSERT_EQ(train({"--out", straight, "--epochs", "3", "--keep-state"}).status, 0);
  ASSERT_EQ(train({"--out", out, "--epochs", "1", "--keep-state"}).status, 0);
  const AppResult r = train({"--out", out, "--epochs", "3", "--keep-state", "--resume"});
  ASSERT_EQ(r.status, 0) << r.err;
  EXPECT_TRUE(has(r.out, "resumed after 3 updates")) << r.out;
  EXPECT_EQ(read_whole(out), read_whole(straight));
}

TEST_F(Music, AFolderOfMidiFilesIsReadInTheGridAskedFor) {
  ASSERT_EQ(run_program({"mkdir", folder / "midi"}).status, 0);
  for (int i = 0; i < 12; ++i)
    write_whole(folder / ("midi/" + std::to_string(i) + ".mid"),
                format_midi(midi_of_roll(scale(40 + i, 30), 2), 100));
  const AppResult r = train({"--out", out, "--epochs", "1", "--grid", "2", "--steps", "10"}, folder / "midi");
  ASSERT_EQ(r.status, 0) << r.err;
  EXPECT_TRUE(has(r.out, "10 pieces, 290 frames to train on, 1 pieces, 29 frames to validate")) << r.out;
}

// A file that says it is of music, and whose head has one number for the 88 that are read of it.
TEST_F(Music, AModelOfOtherOutputsIsRefused) {
  SequenceSpec spec;
  spec.inputs = kPitches;
  spec.loss.kind = "bernoulli";
  spec.layers.resize(1);
  spec.layers[0].cell_text = std::string(shipped_cell_text("gru"));
  spec.layers[0].cell_file = "gru.cell";
  spec.layers[0].units = 2;
  Engine engine({1});
  const SequenceModel<float> model(spec, engine);
  save_sequence_model(out, model, {{"kind", "music"}, {"grid", 2}}, nullptr, false);
  const AppResult r = run_app({"sample", out, "--out", folder / "x.mid"});
  EXPECT_EQ(r.status, 1);
  EXPECT_TRUE(has(r.err, "no model of frames of 88 keys")) << r.err;
}

TEST_F(Music, WhatIsWrongIsToldInALine) {
  ASSERT_EQ(train({"--out", out, "--epochs", "1", "--keep-state"}).status, 0);
  ASSERT_EQ(run_program({"mkdir", folder / "empty"}).status, 0);
  write_whole(folder / "bad.json", "[[[60],[200]]]");
  write_whole(folder / "bad.mid", "MThd");
  write_whole(folder / "short.json", "[[[60]]]");
  write_whole(folder / "cut.json", "[[[60");
  for (const auto& [arguments, part] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"train", "music", folder / "none.json"}, "No such file"},
           {{"train", "music", folder / "bad.json"}, "200 is no pitch"},
           {{"train", "music", folder / "bad.mid"}, "byte 0"},
           {{"train", "music", folder / "short.json"}, "no piece of at least two frames"},
           {{"train", "music", folder / "empty"}, "no MIDI file"},
           {{"train", "music", json, json}, "give it alone"},
           {{"train", "music", json, "--grid", "0"}, "--grid"},
           {{"train", "music", json, "--valid-fraction", "1"}, "--valid-fraction"},
           {{"train", "music", json, "--steps", "-1"}, "--steps"},
           {{"train", "music", json, "--out", out}, "exists"},
           {{"train", "music", json, "--out", out, "--resume", "--units", "13"}, "units 32"},
           {{"train", "music", json, "--out", out, "--resume", "--grid", "3"}, "how they are read"},
           {{"train", "music", json, "--out", out, "--resume", "--valid-fraction", "0.2"},
            "data is not the one"},
           {{"sample", out}, "--out"},
           {{"sample", out, "--out", folder / "x.mid", "--length", "0"}, "--length"},
           {{"sample", out, "--out", folder / "x.mid", "--top-k", "3"}, "--top-k is for models of text"},
           {{"train", "music", folder / "cut.json"}, "cut.json: this is no JSON: column"},
           {{"eval", out, json}, "a model of music"},
           {{"train", "text", json, "--out", out, "--resume"}, "a model of music"}}) {
    std::vector<std::string> all = arguments;
    if (all[0] == "train" && std::find(all.begin(), all.end(), "--out") == all.end()) {
      all.push_back("--out");
      all.push_back(folder / "other.safetensors");
    }
    const AppResult r = run_app(all);
    EXPECT_EQ(r.status, 1) << part;
    EXPECT_TRUE(is_one_clear_line(r.err)) << r.err;
    EXPECT_TRUE(has(r.err, part)) << part << ": " << r.err;
  }
}

TEST(MusicPreset, ChungHasThePapersSizes) {
  const std::string data = data_path("jsb-chorales/jsb-chorales-quarter.json");
  CELLWRIGHT_NEED_DATA(data);
  const TemporaryFolder folder;
  for (const auto& [cell, part] : std::vector<std::pair<std::string, std::string>>{
           {"rnn", "rnn 100"}, {"gru", "gru 46"}, {"lstm", "lstm 36"}}) {
    const AppResult r = run_app({"train", "music", data, "--preset", "chung-jsb", "--cell", cell, "--epochs",
                                 "1", "--out", folder / (cell + ".safetensors")});
    ASSERT_EQ(r.status, 0) << r.err;
    EXPECT_TRUE(has(r.out, part)) << r.out;
    EXPECT_TRUE(has(r.out,
                    "229 pieces, 13,578 frames to train on, 76 pieces, 4,526 frames to validate, 77 pieces, "
                    "4,648 frames"))
        << r.out;
  }
}

}  // namespace
}  // namespace cellwright::test
