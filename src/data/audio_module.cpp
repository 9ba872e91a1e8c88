// audio_module.cpp: asks the module that holds libsndfile, libsamplerate and kissfft. no_audio.cpp stands
// here where the module is not built.
#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <exception>
#include <filesystem>

#include "base/file.h"
#include "base/load_module.h"
#include "cellwright/error.h"
#include "data/audio.h"

namespace cellwright {
namespace {

constexpr std::uint64_t kMostSamples = std::uint64_t{1} << 28;  // of all channels, in memory
constexpr std::uint64_t kMostOfWave = std::uint64_t{1} << 30;   // its header counts bytes in 32 bits

const LoadedModule& loaded() {
  static const LoadedModule module = load_module(CELLWRIGHT_AUDIO_MODULE, "cellwright_audio_2");
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

bool is_file(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored);
}

}  // namespace

bool have_audio() { return loaded().symbol != nullptr; }

AudioReader::AudioReader(const std::string& path) : path_(path) {
  const AudioModule& module = the_module();
  // read_file() says best why something cannot be read.
  const std::string error = is_file(path) && access(path.c_str(), R_OK) == 0
                                ? module.open(path, &source_)
                                : module.open_bytes(read_file(path), &source_);
  if (!error.empty()) throw FormatError(fmt::format("{}: {}", path, error));
}

AudioReader::~AudioReader() = default;
int AudioReader::rate() const { return source_->rate; }
int AudioReader::channels() const { return source_->channels; }

const std::vector<float>& AudioReader::next() {
  const std::string error = source_->next(&block_);
  if (!error.empty()) throw FormatError(fmt::format("{}: {}", path_, error));
  if (block_.empty() && read_ == 0) throw FormatError(path_ + ": there is no sample in it");
  for (std::size_t i = 0; i < block_.size(); ++i) {
    if (!std::isfinite(block_[i]))
      throw FormatError(fmt::format("{}: sample {} is not finite", path_, read_ + i));
  }
  read_ += block_.size();
  return block_;
}

Audio read_audio(const std::string& path) {
  AudioReader reader(path);
  Audio audio;
  audio.rate = reader.rate();
  audio.channels = reader.channels();
  for (;;) {
    const std::vector<float>& block = reader.next();
    if (block.empty()) return audio;
    if ((audio.samples.size() + block.size()) * static_cast<std::size_t>(audio.channels) > kMostSamples)
      throw FormatError(fmt::format("{}: it has more than {} samples; cut it into several", path,
                                    kMostSamples / static_cast<std::size_t>(audio.channels)));
    audio.samples.insert(audio.samples.end(), block.begin(), block.end());
  }
}

/// Where the bytes go: a file that shows at the end or, for what knows no places (a pipe), memory.
struct WaveWriter::Output {
  explicit Output(const std::string& path) {
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored) || is_file(path) ||
        std::filesystem::is_directory(path, ignored))
      file = std::make_unique<AtomicFile>(path);
  }
  bool put(std::uint64_t offset, std::string_view bytes) {
    try {
      if (offset > end) return false;  // libsndfile leaves no gaps
      const std::string_view within = bytes.substr(0, end - offset), behind = bytes.substr(within.size());
      if (file) {
        if (!within.empty()) file->write_at(offset, within);
        file->write(behind);
      } else {
        memory.replace(offset, within.size(), within);
        memory += behind;
      }
      end += behind.size();
      return true;
    } catch (...) {
      failure = std::current_exception();
      return false;
    }
  }
  void check(const std::string& path, const std::string& error) const {
    if (failure) std::rethrow_exception(failure);
    if (!error.empty()) throw IoError(fmt::format("cannot write '{}': {}", path, error));
  }

  std::unique_ptr<AtomicFile> file;
  std::string memory;
  std::uint64_t end = 0;
  std::exception_ptr failure;
};

WaveWriter::WaveWriter(const std::string& path, int rate) : path_(path) {
  const AudioModule& module = the_module();
  output_ = std::make_unique<Output>(path);
  Output* output = output_.get();
  output->check(
      path,
      module.create(
          rate, [output](std::uint64_t offset, std::string_view bytes) { return output->put(offset, bytes); },
          &sink_));
}

WaveWriter::~WaveWriter() = default;

void WaveWriter::write(const float* samples, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (!std::isfinite(samples[i]))
      throw SpecError(fmt::format("{}: sample {} to be written is not finite", path_, written_ + i));
  }
  written_ += count;
  if (written_ > kMostOfWave)
    throw SpecError(fmt::format("{}: more than {} samples; a WAV file holds no more", path_, kMostOfWave));
  output_->check(path_, sink_->write(samples, count));
}

void WaveWriter::commit() {
  output_->check(path_, sink_->finish());
  if (output_->file)
    output_->file->commit();
  else
    write_file_atomically(path_, output_->memory);
}

void write_wave(const std::string& path, const Audio& audio) {
  WaveWriter writer(path, audio.rate);
  writer.write(audio.samples.data(), audio.samples.size());
  writer.commit();
}

Resampler::Resampler(const std::string& name, int from, int to) : name_(name) {
  if (from == to) return;
  const std::string error =
      the_module().change_rate(static_cast<double>(to) / static_cast<double>(from), &changer_);
  if (!error.empty())
    throw SpecError(fmt::format("{}: from {} to {} samples a second: {}", name, from, to, error));
}

Resampler::~Resampler() = default;

const std::vector<float>& Resampler::run(const std::vector<float>& block, bool last) {
  if (!changer_) return block;
  const std::string error = changer_->run(block, last, &result_);
  if (!error.empty()) throw SpecError(fmt::format("{}: its rate cannot be changed: {}", name_, error));
  return result_;
}

std::vector<float> resample(const std::string& name, const std::vector<float>& samples, int from, int to) {
  return Resampler(name, from, to).run(samples, true);
}

std::vector<float> power_spectrum(const std::vector<float>& samples) {
  std::vector<float> power;
  const std::string error = the_module().power(samples, &power);
  if (!error.empty()) throw SpecError(error);
  return power;
}

}  // namespace cellwright
