// log_mel.h: a sound as frames of log energies in bands that lie as the ear hears them.
//
// Where to start: log_mel. Frames of `window` seconds every `hop` seconds under a Hann window, their power
// spectrum padded to a power of two, summed by triangles that are equally wide on the mel scale 2595·log10(1
// + f/700), then log(energy + 1e-6). A sound shorter than a window is padded with silence to one frame.
#pragma once

#include <vector>

namespace cellwright {

struct LogMelSpec {
  int rate = 16000;  ///< of the samples
  double window = 0.025, hop = 0.01;
  int bands = 40;
};

/// SpecError: bands or lengths out of range, a spectrum too coarse for so many bands.
void check(const LogMelSpec& spec);

/// [frames, bands].
std::vector<float> log_mel(const std::vector<float>& samples, const LogMelSpec& spec);

/// The triangles, [bands][n/2 + 1] for a spectrum of n samples.
std::vector<std::vector<float>> mel_bands(const LogMelSpec& spec, int n);

}  // namespace cellwright
