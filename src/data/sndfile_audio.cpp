// sndfile_audio.cpp: the module: files by libsndfile, rates by libsamplerate, spectra by kissfft.
#include <fmt/format.h>
#include <kiss_fftr.h>
#include <samplerate.h>
#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "data/audio.h"

namespace cellwright {
namespace {

constexpr sf_count_t kMostSamples = sf_count_t{1} << 28;  // of all channels: a bound for hostile files

/// A file in memory, as libsndfile wants it.
struct Memory {
  std::string bytes;
  sf_count_t at = 0;
};

sf_count_t length(void* user) { return static_cast<sf_count_t>(static_cast<Memory*>(user)->bytes.size()); }

sf_count_t seek(sf_count_t offset, int whence, void* user) {
  auto& m = *static_cast<Memory*>(user);
  const sf_count_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? m.at : length(user);
  m.at = std::max<sf_count_t>(0, base + offset);
  return m.at;
}

sf_count_t read_some(void* to, sf_count_t count, void* user) {
  auto& m = *static_cast<Memory*>(user);
  const sf_count_t n = std::clamp<sf_count_t>(length(user) - m.at, 0, count);
  if (n > 0) std::memcpy(to, m.bytes.data() + m.at, static_cast<std::size_t>(n));
  m.at += n;
  return n;
}

sf_count_t write_some(const void* from, sf_count_t count, void* user) {
  auto& m = *static_cast<Memory*>(user);
  if (m.at + count > length(user)) m.bytes.resize(static_cast<std::size_t>(m.at + count));
  std::memcpy(m.bytes.data() + m.at, from, static_cast<std::size_t>(count));
  m.at += count;
  return count;
}

sf_count_t tell(void* user) { return static_cast<Memory*>(user)->at; }

SF_VIRTUAL_IO kIo = {length, seek, read_some, write_some, tell};

struct Close {
  void operator()(SNDFILE* file) const { sf_close(file); }
};

std::string read(const std::string& bytes, Audio* audio) {
  Memory memory{bytes, 0};
  SF_INFO info = {};
  const std::unique_ptr<SNDFILE, Close> file(sf_open_virtual(&kIo, SFM_READ, &info, &memory));
  if (!file) return fmt::format("no sound that libsndfile reads: {}", sf_strerror(nullptr));
  if (info.samplerate < 1 || info.channels < 1 || info.channels > 64 || info.frames < 0 ||
      info.frames > kMostSamples / info.channels) {
    return fmt::format("{} samples of {} channels at {} a second", info.frames, info.channels,
                       info.samplerate);
  }
  audio->rate = info.samplerate;
  audio->channels = info.channels;
  audio->samples.clear();
  const auto channels = static_cast<std::size_t>(info.channels);
  std::vector<float> block(4096 * channels);
  for (;;) {
    const sf_count_t n = sf_readf_float(file.get(), block.data(), 4096);
    if (n <= 0) break;
    if (static_cast<sf_count_t>(audio->samples.size()) + n > kMostSamples) return "it is too long";
    for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
      float sum = 0;
      for (std::size_t c = 0; c < channels; ++c) sum += block[i * channels + c];
      audio->samples.push_back(sum / static_cast<float>(channels));
    }
  }
  if (audio->samples.empty()) return "there is no sample in it";
  return "";
}

std::string write(const Audio& audio, std::string* bytes) {
  Memory memory;
  SF_INFO info = {};
  info.samplerate = audio.rate;
  info.channels = 1;
  info.format = SF_FORMAT_WAV | SF_FORMAT_FLOAT;
  {
    const std::unique_ptr<SNDFILE, Close> file(sf_open_virtual(&kIo, SFM_WRITE, &info, &memory));
    if (!file) return fmt::format("libsndfile cannot write it: {}", sf_strerror(nullptr));
    sf_command(file.get(), SFC_SET_ADD_PEAK_CHUNK, nullptr, SF_FALSE);  // it would hold the time of day
    const auto n = static_cast<sf_count_t>(audio.samples.size());
    if (sf_writef_float(file.get(), audio.samples.data(), n) != n)
      return fmt::format("libsndfile cannot write it: {}", sf_strerror(file.get()));
  }
  *bytes = std::move(memory.bytes);
  return "";
}

std::string resample_by(const std::vector<float>& samples, double ratio, std::vector<float>* to) {
  if (src_is_valid_ratio(ratio) == 0) return "the rates lie too far apart";
  to->assign(static_cast<std::size_t>(std::ceil(static_cast<double>(samples.size()) * ratio)) + 1, 0);
  SRC_DATA data = {};
  data.data_in = samples.data();
  data.input_frames = static_cast<long>(samples.size());
  data.data_out = to->data();
  data.output_frames = static_cast<long>(to->size());
  data.src_ratio = ratio;
  const int error = src_simple(&data, SRC_SINC_MEDIUM_QUALITY, 1);
  if (error != 0) return src_strerror(error);
  to->resize(static_cast<std::size_t>(data.output_frames_gen));
  return "";
}

std::string power(const std::vector<float>& samples, std::vector<float>* power) {
  if (samples.empty() || samples.size() % 2 != 0 || samples.size() > (1u << 24))
    return "a spectrum needs an even count";
  struct Free {
    void operator()(kiss_fftr_cfg p) const { kiss_fftr_free(p); }
  };
  static thread_local std::unique_ptr<std::remove_pointer_t<kiss_fftr_cfg>, Free> plan;
  static thread_local std::size_t planned = 0;
  if (planned != samples.size()) {
    plan.reset(kiss_fftr_alloc(static_cast<int>(samples.size()), 0, nullptr, nullptr));
    if (!plan) return "out of memory";
    planned = samples.size();
  }
  std::vector<kiss_fft_cpx> spectrum(samples.size() / 2 + 1);
  kiss_fftr(plan.get(), samples.data(), spectrum.data());
  power->clear();
  for (const kiss_fft_cpx& c : spectrum) power->push_back(c.r * c.r + c.i * c.i);
  return "";
}

}  // namespace
}  // namespace cellwright

extern "C" __attribute__((visibility("default"))) const cellwright::AudioModule cellwright_audio_1;
extern "C" const cellwright::AudioModule cellwright_audio_1 = {&cellwright::read, &cellwright::write,
                                                               &cellwright::resample_by, &cellwright::power};
