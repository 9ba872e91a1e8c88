// audio.h: sound from and to files, its rate changed, its spectrum: libsndfile, libsamplerate and kissfft,
// behind a module that is loaded when it is first needed.
//
// Where to start: read_audio. What always holds: samples are float, one channel (several are averaged), full
// scale is 1.
#pragma once

#include <string>
#include <vector>

namespace cellwright {

/// Whether the module is there.
bool have_audio();

struct Audio {
  int rate = 0;      ///< samples a second
  int channels = 1;  ///< that the file had
  std::vector<float> samples;
};

/// Whatever libsndfile reads: WAV, FLAC, OGG. IoError, FormatError naming the file; SpecError without the
/// module.
Audio read_audio(const std::string& path);

/// A WAV file of float samples, written atomically. Infinite and NaN samples are refused (SpecError).
void write_wave(const std::string& path, const Audio& audio);

/// To another rate, by band-limited interpolation.
std::vector<float> resample(const std::vector<float>& samples, int from, int to);

/// Squared magnitudes of the n/2 + 1 frequencies of n samples; n even.
std::vector<float> power_spectrum(const std::vector<float>& samples);

/// What the module hands out by its one symbol, cellwright_audio_1. Nothing throws across the border: errors
/// are texts, "" is none.
struct AudioModule {
  std::string (*read)(const std::string& bytes, Audio* audio);
  std::string (*write)(const Audio& audio, std::string* bytes);
  std::string (*resample)(const std::vector<float>& samples, double ratio, std::vector<float>* to);
  std::string (*power)(const std::vector<float>& samples, std::vector<float>* power);
};

}  // namespace cellwright
