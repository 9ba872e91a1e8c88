// audio_test.cpp: sound files written and read again, damaged ones refused; rates changed; spectra and
// log-mel against their definitions.
#include "data/audio.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/file.h"
#include "base/rng.h"
#include "cellwright/error.h"
#include "data/labelled_files.h"
#include "data/log_mel.h"
#include "support/data_path.h"

namespace cellwright {
namespace {

constexpr double kPi = 3.14159265358979323846;

std::vector<float> tone(double hertz, int rate, double seconds, double size = 0.5) {
  std::vector<float> samples;
  for (int i = 0; i < static_cast<int>(seconds * rate); ++i)
    samples.push_back(static_cast<float>(size * std::sin(2 * kPi * hertz * i / rate)));
  return samples;
}

class Sound : public testing::Test {
 protected:
  void SetUp() override {
    if (!have_audio()) GTEST_SKIP() << "built without sound";
  }
  test::TemporaryFolder folder;
};

TEST_F(Sound, IsWrittenAndReadToTheBit) {
  const Audio audio{44100, 1, tone(440, 44100, 0.1)};
  const std::string path = folder / "a.wav";
  write_wave(path, audio);
  const std::string first = read_file(path);
  const Audio again = read_audio(path);
  EXPECT_EQ(again.rate, 44100);
  EXPECT_EQ(again.samples, audio.samples);
  write_wave(path, audio);
  EXPECT_EQ(read_file(path), first) << "nothing in a file depends on the time of day";
  EXPECT_THROW(write_wave(path, {8000, 1, {0, std::nanf("")}}), SpecError);
}

TEST_F(Sound, DamagedFilesAreRefusedOrRead) {
  const std::string path = folder / "a.wav";
  write_wave(path, {8000, 1, tone(440, 8000, 0.02)});
  const std::string good = read_file(path);
  for (std::size_t at = 0; at < 64; ++at) {
    for (const int b : {0, 255}) {
      std::string bad = good;
      bad[at] = static_cast<char>(b);
      write_file_atomically(path, bad);
      try {
        read_audio(path);
      } catch (const FormatError& e) {
        EXPECT_EQ(std::string(e.what()).find(path), 0u) << e.what();
      }
    }
    write_file_atomically(path, good.substr(0, at));
    EXPECT_THROW(read_audio(path), FormatError) << at;
  }
  EXPECT_THROW(read_audio(folder / "none.wav"), IoError);
}

TEST_F(Sound, AnotherRateKeepsATone) {
  const std::vector<float> low = tone(440, 8000, 0.5), high = resample("a.wav", low, 8000, 22050),
                           wanted = tone(440, 22050, 0.5);
  EXPECT_NEAR(static_cast<double>(high.size()), 11025, 3);
  double error = 0;
  for (std::size_t i = 2000; i < 9000; ++i)
    error = std::max(error, std::abs(static_cast<double>(high[i] - wanted[i])));
  EXPECT_LT(error, 1e-3);
  EXPECT_EQ(resample("a.wav", low, 8000, 8000), low);
  try {
    resample("a.wav", low, 8000, 3000000);
    ADD_FAILURE() << "the rates lie too far apart";
  } catch (const SpecError& e) {
    EXPECT_EQ(std::string(e.what()).find("a.wav: from 8000 to 3000000 samples a second"), 0u) << e.what();
  }
}

TEST_F(Sound, BlockByBlockIsAsInOnePiece) {
  const std::string path = folder / "a.wav", copy = folder / "b.wav";
  const std::vector<float> samples = tone(440, 8000, 2.1);
  write_wave(path, {8000, 1, samples});
  for (const int to : {8000, 22050, 3000}) {
    AudioReader reader(path);
    Resampler resampler(path, reader.rate(), to);
    WaveWriter writer(copy, to);
    for (bool last = false; !last;) {
      const std::vector<float>& block = reader.next();
      EXPECT_LE(block.size(), 4096u);
      last = block.empty();
      const std::vector<float>& out = resampler.run(block, last);
      writer.write(out.data(), out.size());
    }
    EXPECT_EQ(std::filesystem::exists(copy), to != 8000) << "nothing shows before it is whole";
    writer.commit();
    EXPECT_EQ(read_audio(copy).samples, resample(path, samples, 8000, to)) << to;
  }
  WaveWriter(folder / "c.wav", 8000).write(samples.data(), samples.size());
  EXPECT_FALSE(std::filesystem::exists(folder / "c.wav"));
}

TEST_F(Sound, SpectraAreThoseOfTheDefinition) {
  std::vector<float> x;
  for (std::uint64_t i = 0; i < 32; ++i) x.push_back(static_cast<float>(Random(1, 1).normal(i)));
  const std::vector<float> power = power_spectrum(x);
  ASSERT_EQ(power.size(), 17u);
  for (std::size_t k = 0; k < 17; ++k) {
    double re = 0, im = 0;
    for (std::size_t i = 0; i < 32; ++i) {
      re += static_cast<double>(x[i]) * std::cos(2 * kPi * static_cast<double>(k * i) / 32);
      im -= static_cast<double>(x[i]) * std::sin(2 * kPi * static_cast<double>(k * i) / 32);
    }
    EXPECT_NEAR(power[k], re * re + im * im, 1e-4);
  }
  EXPECT_THROW(power_spectrum({1, 2, 3}), SpecError);
}

TEST_F(Sound, ATonesEnergyLiesInItsBand) {
  LogMelSpec spec;
  spec.rate = 8000;
  spec.bands = 24;
  for (const double hertz : {300.0, 1000.0, 3000.0}) {
    const std::vector<float> frames = log_mel(tone(hertz, 8000, 0.5), spec);
    ASSERT_EQ(frames.size() % 24, 0u);
    EXPECT_EQ(frames.size() / 24, 1 + (4000 - 200) / 80u);
    const std::size_t loudest =
        static_cast<std::size_t>(std::max_element(frames.begin(), frames.begin() + 24) - frames.begin());
    const double top = 2595 * std::log10(1 + 4000 / 700.0),
                 at = 2595 * std::log10(1 + hertz / 700) * 25 / top - 1;
    EXPECT_NEAR(static_cast<double>(loudest), at, 0.75) << hertz;
  }
  EXPECT_EQ(log_mel({0.1f}, spec).size(), 24u) << "shorter than a window";
  spec.bands = 0;
  EXPECT_THROW(log_mel({0.1f}, spec), SpecError);
}

TEST_F(Sound, AFolderAClassIsReadAndOtherRatesResampled) {
  for (const char* label : {"low", "high"}) {
    std::filesystem::create_directory(folder / label);
    for (int i = 0; i < 2; ++i)
      write_wave(folder / (std::string(label) + "/" + std::to_string(i) + ".wav"),
                 {i == 1 && label[0] == 'l' ? 16000 : 8000, 1,
                  tone(label[0] == 'l' ? 200 : 2000, 8000, 0.1 + 0.1 * i)});
  }
  SoundReading sound;
  const LabelledData data = read_class_folder(folder.path(), sound);
  EXPECT_EQ(sound.rate, 8000);
  EXPECT_EQ(data.width, 40);
  EXPECT_EQ(classes_of(data), (std::vector<std::string>{"high", "low"}));
  EXPECT_EQ(data.remarks, std::vector<std::string>{"1 of 4 sounds resampled to 8000 Hz"});
  SoundReading raw;
  raw.raw = true;
  raw.frame = 100;
  EXPECT_EQ(read_class_folder(folder.path(), raw).items[0].steps, 8);
  write_file_atomically(folder / "low/n.csv", "1,2\n");
  EXPECT_THROW(read_class_folder(folder.path(), sound), FormatError);
  EXPECT_THROW(read_class_folder(folder / "low", sound), SpecError);
}

}  // namespace
}  // namespace cellwright
