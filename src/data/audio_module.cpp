// audio_module.cpp: asks the module that holds libsndfile, libsamplerate and kissfft. no_audio.cpp stands
// here where the module is not built.
#include <fmt/format.h>

#include <cmath>

#include "base/file.h"
#include "base/load_module.h"
#include "cellwright/error.h"
#include "data/audio.h"

namespace cellwright {
namespace {

const LoadedModule& loaded() {
  static const LoadedModule module = load_module(CELLWRIGHT_AUDIO_MODULE, "cellwright_audio_1");
  return module;
}

const AudioModule& the_module() {
  if (loaded().symbol == nullptr) {
    throw SpecError(fmt::format(
        "sound needs the module {}, which cannot be loaded ({}); install libsndfile and libsamplerate "
        "(Debian: libsndfile1, libsamplerate0, libkissfft-float131)",
        CELLWRIGHT_AUDIO_MODULE, loaded().error));
  }
  return *static_cast<const AudioModule*>(loaded().symbol);
}

}  // namespace

bool have_audio() { return loaded().symbol != nullptr; }

Audio read_audio(const std::string& path) {
  const AudioModule& module = the_module();
  Audio audio;
  const std::string error = module.read(read_file(path), &audio);
  if (!error.empty()) throw FormatError(fmt::format("{}: {}", path, error));
  for (std::size_t i = 0; i < audio.samples.size(); ++i) {
    if (!std::isfinite(audio.samples[i]))
      throw FormatError(fmt::format("{}: sample {} is not finite", path, i));
  }
  return audio;
}

void write_wave(const std::string& path, const Audio& audio) {
  for (std::size_t i = 0; i < audio.samples.size(); ++i) {
    if (!std::isfinite(audio.samples[i]))
      throw SpecError(fmt::format("{}: sample {} to be written is not finite", path, i));
  }
  std::string bytes;
  const std::string error = the_module().write(audio, &bytes);
  if (!error.empty()) throw SpecError(fmt::format("{}: {}", path, error));
  write_file_atomically(path, bytes);
}

std::vector<float> resample(const std::vector<float>& samples, int from, int to) {
  if (from == to) return samples;
  std::vector<float> result;
  const std::string error =
      the_module().resample(samples, static_cast<double>(to) / static_cast<double>(from), &result);
  if (!error.empty()) throw SpecError(fmt::format("from {} to {} samples a second: {}", from, to, error));
  return result;
}

std::vector<float> power_spectrum(const std::vector<float>& samples) {
  std::vector<float> power;
  const std::string error = the_module().power(samples, &power);
  if (!error.empty()) throw SpecError(error);
  return power;
}

}  // namespace cellwright
