// audio.h: sound from and to files, whole or block by block, its rate changed, its spectrum: libsndfile,
// libsamplerate and kissfft, behind a module that is loaded when it is first needed.
//
// Where to start: read_audio; AudioReader and WaveWriter where a sound may be long. What always holds:
// samples are float, one channel (several are averaged), full scale is 1. Without the module everything here
// but have_audio() throws SpecError, which says what to install.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cellwright {

/// Whether the module is there.
bool have_audio();

struct Audio {
  int rate = 0;      ///< samples a second
  int channels = 1;  ///< that the file had
  std::vector<float> samples;
};

/// Whatever libsndfile reads: WAV, FLAC, OGG. IoError; FormatError naming the file: no sound, none in it, a
/// sample that is not finite, more than 2^28 samples (of all channels).
Audio read_audio(const std::string& path);

/// A WAV file of float samples, written atomically. IoError; SpecError for infinite and NaN samples.
void write_wave(const std::string& path, const Audio& audio);

/// To another rate, by band-limited interpolation; `name` is of the file, for SpecError: rates more than 256
/// times apart.
std::vector<float> resample(const std::string& name, const std::vector<float>& samples, int from, int to);

/// Squared magnitudes of the n/2 + 1 frequencies of n samples; n even.
std::vector<float> power_spectrum(const std::vector<float>& samples);

struct AudioSource;
struct AudioSink;
struct RateChanger;

/// A file's samples block by block: its length costs no memory (a pipe's does: it is read whole).
class AudioReader {
 public:
  explicit AudioReader(const std::string& path);  ///< IoError, FormatError
  ~AudioReader();
  int rate() const;
  int channels() const;
  /// At most 4096, valid until the next call; none at the end. FormatError as read_audio().
  const std::vector<float>& next();

 private:
  std::string path_;
  std::unique_ptr<AudioSource> source_;
  std::vector<float> block_;
  std::uint64_t read_ = 0;
};

/// A WAV file of float samples written block by block; nothing shows under the name before commit().
class WaveWriter {
 public:
  WaveWriter(const std::string& path, int rate);  ///< IoError
  ~WaveWriter();
  /// IoError; SpecError for a sample that is not finite, or more than a WAV file can hold (2^30).
  void write(const float* samples, std::size_t count);
  void commit();  ///< once, at the end. IoError

 private:
  struct Output;
  std::string path_;
  std::unique_ptr<Output> output_;
  std::unique_ptr<AudioSink> sink_;
  std::uint64_t written_ = 0;
};

/// resample(), block by block: the same samples.
class Resampler {
 public:
  Resampler(const std::string& name, int from, int to);  ///< SpecError as resample()
  ~Resampler();
  /// What is known behind `block`, valid until the next call; all that is left with `last`.
  const std::vector<float>& run(const std::vector<float>& block, bool last);

 private:
  std::string name_;
  std::unique_ptr<RateChanger> changer_;  ///< null: the rates are equal
  std::vector<float> result_;
};

// What lies behind the module's border. Nothing throws across it: errors are texts, "" is none.

struct AudioSource {
  int rate = 0, channels = 1;
  virtual std::string next(std::vector<float>* block) = 0;
  virtual ~AudioSource() = default;
};
struct AudioSink {
  virtual std::string write(const float* samples, std::size_t count) = 0;
  virtual std::string finish() = 0;  ///< the header's sizes
  virtual ~AudioSink() = default;
};
struct RateChanger {
  virtual std::string run(const std::vector<float>& block, bool last, std::vector<float>* to) = 0;
  virtual ~RateChanger() = default;
};

/// Puts bytes at a place of the file to be written, behind its end or within it; false: it could not.
using PutBytes = std::function<bool(std::uint64_t offset, std::string_view bytes)>;

/// What the module hands out by its one symbol, cellwright_audio_2.
struct AudioModule {
  std::string (*open)(const std::string& path, std::unique_ptr<AudioSource>* source);
  std::string (*open_bytes)(std::string bytes, std::unique_ptr<AudioSource>* source);
  std::string (*create)(int rate, const PutBytes& put, std::unique_ptr<AudioSink>* sink);
  std::string (*change_rate)(double ratio, std::unique_ptr<RateChanger>* changer);
  std::string (*power)(const std::vector<float>& samples, std::vector<float>* power);
};

}  // namespace cellwright
