// audio_command_test.cpp: a clipper behind a filter, made here, learned to an error-to-signal ratio of 0.02
// on sound that the training did not hear; rendered as a stream and in one piece to the bit; knobs; what is
// told when something is wrong.
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <thread>

#include "app/run_app.h"
#include "base/rng.h"
#include "data/audio.h"
#include "nn/sequence_model.h"
#include "support/data_path.h"
#include "train/sequence_file.h"

namespace cellwright::test {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

constexpr int kRate = 8000;

// Plucked tones: what a guitar gives, roughly.
std::vector<float> plucks(double seconds, std::uint64_t seed) {
  const Random random(seed, 1);
  std::vector<float> x(static_cast<std::size_t>(seconds * kRate), 0);
  for (std::uint64_t n = 0; 0.2 * static_cast<double>(n) < seconds; ++n) {
    const double hertz = 80 + 300 * random.uniform(n, 0), size = 0.2 + 0.5 * random.uniform(n, 1);
    const auto from = static_cast<std::size_t>(0.2 * static_cast<double>(n) * kRate);
    for (std::size_t i = from; i < x.size() && i < from + kRate / 2; ++i) {
      const double t = static_cast<double>(i - from) / kRate;
      x[i] += static_cast<float>(
          size * std::exp(-6 * t) *
          (std::sin(6.2831853 * hertz * t) + 0.4 * std::sin(6.2831853 * 2.01 * hertz * t)));
    }
  }
  return x;
}

// A soft clipper behind a one-pole low-pass, ahead of a one-pole high-pass.
std::vector<float> device(const std::vector<float>& x, double gain) {
  std::vector<float> y;
  double low = 0, before = 0, high = 0;
  for (const float s : x) {
    low += 0.4 * (static_cast<double>(s) - low);
    const double clipped = std::tanh(gain * low);
    high = 0.97 * (high + clipped - before);
    before = clipped;
    y.push_back(static_cast<float>(0.5 * high));
  }
  return y;
}

double error_to_signal(const std::vector<float>& output, const std::vector<float>& target, std::size_t from) {
  double errors = 0, signal = 0;
  for (std::size_t i = from; i < target.size(); ++i) {
    const double y = static_cast<double>(target[i]), e = static_cast<double>(output[i]) - y;
    errors += e * e;
    signal += y * y;
  }
  return errors / signal;
}

class Device : public testing::Test {
 protected:
  void SetUp() override {
    if (!have_audio()) GTEST_SKIP() << "built without sound";
    write_wave(in, {kRate, 1, plucks(8, 1)});
    write_wave(target, {kRate, 1, device(plucks(8, 1), 4)});
  }
  TemporaryFolder folder;
  std::string in = folder / "in.wav", target = folder / "target.wav", out = folder / "m.safetensors";
};

TEST_F(Device, IsLearnedAndRenderedAsAStreamToTheBit) {
  const AppResult r =
      run_app({"train",    "audio", in,        target, "--cell",    "gru",  "--units",   "12",
               "--epochs", "60",    "--steps", "256",  "--segment", "0.25", "--lead-in", "200",
               "--batch",  "16",    "--lr",    "0.01", "--threads", "1",    "--out",     out});
  ASSERT_EQ(r.status, 0) << r.err;
  EXPECT_TRUE(has(r.out, "1 recording, 8.0 s at 8,000 Hz")) << r.out;
  EXPECT_TRUE(has(r.out, "error-to-signal ratio plain")) << r.out;

  const std::vector<float> fresh = plucks(2, 7);
  write_wave(folder / "fresh.wav", {kRate, 1, fresh});
  const AppResult played = run_app({"render", out, folder / "fresh.wav", "--out", folder / "played.wav"});
  ASSERT_EQ(played.status, 0) << played.err;
  const Audio result = read_audio(folder / "played.wav");
  ASSERT_EQ(result.samples.size(), fresh.size());
  const double esr = error_to_signal(result.samples, device(fresh, 4), 200);
  RecordProperty("esr", std::to_string(esr));
  EXPECT_LE(esr, 0.02);

  const SavedSequenceModel saved = load_sequence_model(out, "audio");
  Engine engine{{1}};
  SequenceModel<float> model(saved.spec, engine);
  saved.apply(model);
  StackState<float> state = model.make_state(1);
  SequenceWindow<float> window;
  window.steps = static_cast<int>(fresh.size());
  window.lanes = 1;
  window.inputs = fresh.data();
  model.evaluate(window, state);
  for (std::size_t i = 0; i < fresh.size(); ++i) ASSERT_EQ(result.samples[i], model.outputs()[i]) << i;

  write_wave(folder / "other.wav", {2 * kRate, 1, plucks(1, 3)});
  const AppResult other = run_app({"render", out, folder / "other.wav", "--out", folder / "played.wav"});
  EXPECT_EQ(other.status, 0) << other.err;
  EXPECT_TRUE(has(other.err, "resampled from 16000 to 8000 Hz")) << other.err;
}

/// So many seconds of a constant, on which a rendering is busy for a while.
void write_long(const std::string& path, int seconds) {
  WaveWriter writer(path, kRate);
  const std::vector<float> second(kRate, 0.1f);
  for (int s = 0; s < seconds; ++s) writer.write(second.data(), second.size());
  writer.commit();
}

// The address space is bounded: a sound of 20 minutes takes 38 MB each time it is held as a whole.
TEST_F(Device, ALongSoundCostsNoMemory) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers take address space of their own";
#endif
  ASSERT_EQ(
      run_app({"train", "audio", in, target, "--units", "2", "--epochs", "1", "--threads", "1", "--out", out})
          .status,
      0);
  const std::string sound = folder / "long.wav";
  write_long(sound, 1200);
  const std::string bounded = "ulimit -v 60000; exec \"$0\" \"$@\"";
  const AppResult r =
      run_program({"sh", "-c", bounded, CELLWRIGHT_APP, "render", out, sound, "--out", folder / "p.wav"});
  EXPECT_EQ(r.status, 0) << r.err;
  EXPECT_EQ(std::filesystem::file_size(folder / "p.wav"), std::filesystem::file_size(sound));
}

TEST_F(Device, AStoppedRenderingLeavesNothing) {
  ASSERT_EQ(
      run_app({"train", "audio", in, target, "--units", "2", "--epochs", "1", "--threads", "1", "--out", out})
          .status,
      0);
  const std::string sound = folder / "long.wav", place = folder / "stopped";
  write_long(sound, 2400);
  std::filesystem::create_directory(place);
  RunningApp running({"render", out, sound, "--out", place + "/p.wav"});
  for (int ms = 0; std::filesystem::is_empty(place) && ms < 10000; ++ms)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  ASSERT_FALSE(std::filesystem::is_empty(place)) << "it never began to write";
  running.interrupt();
  const AppResult stopped = running.wait();
  EXPECT_EQ(stopped.status, 130) << stopped.err;
  EXPECT_TRUE(std::filesystem::is_empty(place)) << "half of a file is left";
}

TEST_F(Device, KnobsAreColumnsAndResumingIsToTheBit) {
  const std::string hot = folder / "hot.wav", straight = folder / "straight.safetensors";
  write_wave(hot, {kRate, 1, device(plucks(8, 1), 8)});
  std::vector<std::string> all{
      "train",        "audio",    in,        target,     in,        hot,   "--knobs",   "gain=0.4",
      "--knobs",      "gain=0.8", "--units", "6",        "--steps", "512", "--threads", "1",
      "--keep-state", "--out",    straight,  "--epochs", "2"};
  ASSERT_EQ(run_app(all).status, 0);
  all[18] = out;
  all[20] = "1";
  ASSERT_EQ(run_app(all).status, 0);
  all[20] = "2";
  all.push_back("--resume");
  const AppResult r = run_app(all);
  ASSERT_EQ(r.status, 0) << r.err;
  EXPECT_EQ(read_whole(out), read_whole(straight));
  const auto render = [&](const std::string& knobs) {
    std::vector<std::string> command{"render", out, in, "--out", folder / "p.wav"};
    if (!knobs.empty()) command.insert(command.end(), {"--knobs", knobs});
    return run_app(command);
  };
  ASSERT_EQ(render("gain=0.4").status, 0);
  const std::string low = read_whole(folder / "p.wav");
  ASSERT_EQ(render("gain=0.8").status, 0);
  EXPECT_NE(read_whole(folder / "p.wav"), low);
  EXPECT_TRUE(has(render("").err, "the knob 'gain' is not set"));
  EXPECT_TRUE(has(render("gain=1,tone=2").err, "there is no knob 'tone'"));
  EXPECT_TRUE(has(render("gain=x").err, "NAME=NUMBER"));
}

TEST_F(Device, WhatIsWrongIsToldInALine) {
  write_wave(folder / "short.wav", {kRate, 1, plucks(4, 1)});
  write_wave(folder / "silent.wav", {kRate, 1, std::vector<float>(8 * kRate, 0)});
  write_whole(folder / "none.wav", "RIFF");
  write_wave(folder / "odd.wav", {1, 1, {0.1f, 0.2f}});
  for (const auto& [arguments, part] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{in}, "pairs"},
           {{in, folder / "short.wav"}, "recorded together"},
           {{in, folder / "silent.wav"}, "silent"},
           {{in, folder / "none.wav"}, "libsndfile"},
           {{in, folder / "nothing.wav"}, "No such file"},
           {{in, target, "--knobs", "a=1", "--knobs", "a=2"}, "2 times for 1 pair of files"},
           {{in, target, "--rate", "-5"}, "--rate must lie in 100 … 1000000"},
           {{in, target, "--segment", "1e9"}, "at most 3600 seconds"},
           {{in, folder / "odd.wav"}, "odd.wav: from 1 to 8000 samples a second"},
           {{in, target, "--knobs", "a"}, "NAME=NUMBER"},
           {{in, target, "--segment", "0"}, "--segment"},
           {{in, target, "--pre-emphasis", "1"}, "--pre-emphasis"},
           {{in, target, "--steps", "-1"}, "--steps"}}) {
    std::vector<std::string> all{"train", "audio", "--out", out};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const AppResult r = run_app(all);
    EXPECT_EQ(r.status, 1) << part << r.out;
    EXPECT_TRUE(is_one_clear_line(r.err)) << r.err;
    EXPECT_TRUE(has(r.err, part)) << part << ": " << r.err;
  }
}

}  // namespace
}  // namespace cellwright::test
