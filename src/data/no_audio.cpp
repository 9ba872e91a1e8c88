// no_audio.cpp: what stands for audio_module.cpp where libsndfile was not there when this was built.
#include "cellwright/error.h"
#include "data/audio.h"

namespace cellwright {
namespace {

[[noreturn]] void refuse() {
  throw SpecError(
      "this cellwright was built without sound; install libsndfile1-dev, libsamplerate0-dev and "
      "libkissfft-dev, and build it again");
}

}  // namespace

struct WaveWriter::Output {};

bool have_audio() { return false; }
AudioReader::AudioReader(const std::string&) { refuse(); }
AudioReader::~AudioReader() = default;
int AudioReader::rate() const { refuse(); }
int AudioReader::channels() const { refuse(); }
const std::vector<float>& AudioReader::next() { refuse(); }
Audio read_audio(const std::string&) { refuse(); }
WaveWriter::WaveWriter(const std::string&, int) { refuse(); }
WaveWriter::~WaveWriter() = default;
void WaveWriter::write(const float*, std::size_t) { refuse(); }
void WaveWriter::commit() { refuse(); }
void write_wave(const std::string&, const Audio&) { refuse(); }
Resampler::Resampler(const std::string&, int from, int to) {
  if (from != to) refuse();
}
Resampler::~Resampler() = default;
const std::vector<float>& Resampler::run(const std::vector<float>& block, bool) { return block; }
std::vector<float> resample(const std::string& name, const std::vector<float>& samples, int from, int to) {
  return Resampler(name, from, to).run(samples, true);
}
std::vector<float> power_spectrum(const std::vector<float>&) { refuse(); }

}  // namespace cellwright
