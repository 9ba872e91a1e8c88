// no_audio.cpp: what stands for audio_module.cpp where libsndfile was not there when this was built.
#include "cellwright/error.h"
#include "data/audio.h"

namespace cellwright {
namespace {

[[noreturn]] void refuse() {
  throw SpecError(
      "this cellwright was built without sound; install libsndfile1-dev, libsamplerate0-dev and "
      "libkissfft-dev, and "
      "build it again");
}

}  // namespace

bool have_audio() { return false; }
Audio read_audio(const std::string&) { refuse(); }
void write_wave(const std::string&, const Audio&) { refuse(); }
std::vector<float> resample(const std::vector<float>& samples, int from, int to) {
  if (from == to) return samples;
  refuse();
}
std::vector<float> power_spectrum(const std::vector<float>&) { refuse(); }

}  // namespace cellwright
