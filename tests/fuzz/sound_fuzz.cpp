// sound_fuzz.cpp: sound files as the audio module reads them (sndfile_audio.cpp, which is linked in: a module
// that is loaded would not be seen by the fuzzer), another rate, and log-mel.
//
// What must hold: a message, or samples that are there, fewer than the bound for hostile files; what is
// written as WAV reads the same. libsndfile itself is Debian's, without instrumentation.
#include <cmath>
#include <string_view>

#include "data/audio.h"
#include "held_memory.h"

extern "C" const cellwright::AudioModule cellwright_audio_1;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cellwright;
  using fuzz::require;
  const AudioModule& module = cellwright_audio_1;
  Audio audio;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  if (!module.read(bytes, &audio).empty()) return 0;
  require(!audio.samples.empty() && audio.rate >= 1 && audio.channels >= 1 &&
          audio.samples.size() <= 1u << 28);
  for (const float x : audio.samples) {
    if (!std::isfinite(x)) return 0;  // read_audio() refuses the file
  }
  if (audio.samples.size() > 20000) return 0;
  std::string written;
  Audio again;
  if (module.write(audio, &written).empty()) {
    require(module.read(written, &again).empty());
    require(again.samples == audio.samples && again.rate == audio.rate);
  }
  std::vector<float> slower;
  if (audio.rate >= 100 && module.resample(audio.samples, 100.0 / audio.rate, &slower).empty())
    require(slower.size() <= audio.samples.size() + 1);
  std::vector<float> frame(
      audio.samples.begin(),
      audio.samples.begin() + std::min<std::ptrdiff_t>(64, audio.samples.end() - audio.samples.begin()));
  frame.resize(64);
  std::vector<float> power;
  require(module.power(frame, &power).empty() && power.size() == 33);
  return 0;
}
