// sndfile_audio.cpp: the module: files by libsndfile, rates by libsamplerate, spectra by kissfft.
#include <fmt/format.h>
#include <kiss_fftr.h>
#include <samplerate.h>
#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

#include "data/audio.h"

namespace cellwright {
namespace {

struct Close {
  void operator()(SNDFILE* file) const { sf_close(file); }
};
using File = std::unique_ptr<SNDFILE, Close>;

sf_count_t place(sf_count_t offset, int whence, sf_count_t at, sf_count_t length) {
  const sf_count_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? at : length;
  return std::max<sf_count_t>(0, base + offset);
}

/// A file in memory, as libsndfile wants it.
struct Memory {
  std::string bytes;
  sf_count_t at = 0;

  static sf_count_t length(void* m) { return static_cast<sf_count_t>(static_cast<Memory*>(m)->bytes.size()); }
  static sf_count_t seek(sf_count_t offset, int whence, void* user) {
    auto& m = *static_cast<Memory*>(user);
    return m.at = place(offset, whence, m.at, length(user));
  }
  static sf_count_t read(void* to, sf_count_t count, void* user) {
    auto& m = *static_cast<Memory*>(user);
    const sf_count_t n = std::clamp<sf_count_t>(length(user) - m.at, 0, count);
    if (n > 0) std::memcpy(to, m.bytes.data() + m.at, static_cast<std::size_t>(n));
    m.at += n;
    return n;
  }
  static sf_count_t write(const void*, sf_count_t, void*) { return 0; }
  static sf_count_t tell(void* user) { return static_cast<Memory*>(user)->at; }
};

class Source : public AudioSource {
 public:
  std::string open(const std::string& path) { return check(sf_open(path.c_str(), SFM_READ, &info_)); }
  std::string open_bytes(std::string bytes) {
    memory_.bytes = std::move(bytes);
    SF_VIRTUAL_IO io = {Memory::length, Memory::seek, Memory::read, Memory::write, Memory::tell};
    return check(sf_open_virtual(&io, SFM_READ, &info_, &memory_));
  }
  std::string next(std::vector<float>* block) override {
    constexpr sf_count_t kFrames = 4096;
    const auto wide = static_cast<std::size_t>(channels);
    frames_.resize(static_cast<std::size_t>(kFrames) * wide);
    const sf_count_t n = sf_readf_float(file_.get(), frames_.data(), kFrames);
    block->clear();
    for (std::size_t i = 0; i < static_cast<std::size_t>(std::max<sf_count_t>(0, n)); ++i) {
      float sum = 0;
      for (std::size_t c = 0; c < wide; ++c) sum += frames_[i * wide + c];
      block->push_back(sum / static_cast<float>(channels));
    }
    return "";
  }

 private:
  std::string check(SNDFILE* file) {
    file_.reset(file);
    if (!file_) return fmt::format("no sound that libsndfile reads: {}", sf_strerror(nullptr));
    if (info_.samplerate < 1 || info_.channels < 1 || info_.channels > 64)
      return fmt::format("{} channels at {} samples a second", info_.channels, info_.samplerate);
    rate = info_.samplerate;
    channels = info_.channels;
    return "";
  }

  Memory memory_;
  SF_INFO info_ = {};
  File file_;
  std::vector<float> frames_;
};

class Sink : public AudioSink {
 public:
  explicit Sink(PutBytes put) : put_(std::move(put)) {}
  ~Sink() override = default;

  std::string create(int rate) {
    SF_INFO info = {};
    info.samplerate = rate;
    info.channels = 1;
    info.format = SF_FORMAT_WAV | SF_FORMAT_FLOAT;
    SF_VIRTUAL_IO io = {length, seek, read, write_some, tell};
    file_.reset(sf_open_virtual(&io, SFM_WRITE, &info, this));
    if (!file_) return fmt::format("libsndfile says: {}", sf_strerror(nullptr));
    sf_command(file_.get(), SFC_SET_ADD_PEAK_CHUNK, nullptr, SF_FALSE);  // it would hold the time of day
    return "";
  }
  std::string write(const float* samples, std::size_t count) override {
    const auto n = static_cast<sf_count_t>(count);
    if (sf_writef_float(file_.get(), samples, n) != n || failed_)
      return fmt::format("libsndfile says: {}", sf_strerror(file_.get()));
    return "";
  }
  std::string finish() override {
    const int error = sf_close(file_.release());
    return error != 0 || failed_ ? fmt::format("libsndfile says: {}", sf_error_number(error)) : "";
  }

 private:
  static Sink& of(void* user) { return *static_cast<Sink*>(user); }
  static sf_count_t length(void* user) { return of(user).end_; }
  static sf_count_t seek(sf_count_t offset, int whence, void* user) {
    return of(user).at_ = place(offset, whence, of(user).at_, of(user).end_);
  }
  static sf_count_t read(void*, sf_count_t, void*) { return 0; }
  static sf_count_t write_some(const void* from, sf_count_t count, void* user) {
    Sink& s = of(user);
    s.failed_ = s.failed_ || !s.put_(static_cast<std::uint64_t>(s.at_),
                                     {static_cast<const char*>(from), static_cast<std::size_t>(count)});
    if (s.failed_) return 0;
    s.at_ += count;
    s.end_ = std::max(s.end_, s.at_);
    return count;
  }
  static sf_count_t tell(void* user) { return of(user).at_; }

  PutBytes put_;
  sf_count_t at_ = 0, end_ = 0;
  bool failed_ = false;
  File file_;  // last: closing it writes
};

class Changer : public RateChanger {
 public:
  std::string create(double ratio) {
    ratio_ = ratio;
    if (src_is_valid_ratio(ratio) == 0) return "the rates lie too far apart";
    int error = 0;
    state_.reset(src_new(SRC_SINC_MEDIUM_QUALITY, 1, &error));
    return state_ ? "" : src_strerror(error);
  }
  std::string run(const std::vector<float>& block, bool last, std::vector<float>* to) override {
    to->clear();
    piece_.resize(4096);
    const float nothing = 0;
    SRC_DATA data = {};
    data.data_in = block.empty() ? &nothing : block.data();
    data.input_frames = static_cast<long>(block.size());
    data.src_ratio = ratio_;
    data.end_of_input = last ? 1 : 0;
    for (;;) {
      data.data_out = piece_.data();
      data.output_frames = static_cast<long>(piece_.size());
      const int error = src_process(state_.get(), &data);
      if (error != 0) return src_strerror(error);
      to->insert(to->end(), piece_.begin(), piece_.begin() + data.output_frames_gen);
      data.data_in += data.input_frames_used;
      data.input_frames -= data.input_frames_used;
      const bool stuck = data.input_frames_used == 0 && data.output_frames_gen == 0;
      if (stuck || (data.input_frames == 0 && data.output_frames_gen < data.output_frames)) return "";
    }
  }

 private:
  struct Free {
    void operator()(SRC_STATE* state) const { src_delete(state); }
  };
  double ratio_ = 1;
  std::unique_ptr<SRC_STATE, Free> state_;
  std::vector<float> piece_;
};

std::string open(const std::string& path, std::unique_ptr<AudioSource>* source) {
  auto made = std::make_unique<Source>();
  std::string error = made->open(path);
  *source = std::move(made);
  return error;
}

std::string open_bytes(std::string bytes, std::unique_ptr<AudioSource>* source) {
  auto made = std::make_unique<Source>();
  std::string error = made->open_bytes(std::move(bytes));
  *source = std::move(made);
  return error;
}

std::string create(int rate, const PutBytes& put, std::unique_ptr<AudioSink>* sink) {
  auto made = std::make_unique<Sink>(put);
  std::string error = made->create(rate);
  *sink = std::move(made);
  return error;
}

std::string change_rate(double ratio, std::unique_ptr<RateChanger>* changer) {
  auto made = std::make_unique<Changer>();
  std::string error = made->create(ratio);
  *changer = std::move(made);
  return error;
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

extern "C" __attribute__((visibility("default"))) const cellwright::AudioModule cellwright_audio_2;
extern "C" const cellwright::AudioModule cellwright_audio_2 = {&cellwright::open, &cellwright::open_bytes,
                                                               &cellwright::create, &cellwright::change_rate,
                                                               &cellwright::power};
