// log_mel.cpp: see log_mel.h.
#include "data/log_mel.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cellwright/error.h"
#include "data/audio.h"

namespace cellwright {
namespace {

constexpr double kPi = 3.14159265358979323846;

double mel(double hertz) { return 2595 * std::log10(1 + hertz / 700); }
double hertz(double m) { return 700 * (std::pow(10, m / 2595) - 1); }

std::size_t samples_of(double seconds, int rate) {
  return static_cast<std::size_t>(std::max(1L, std::lround(seconds * rate)));
}

}  // namespace

void check(const LogMelSpec& spec) {
  if (spec.rate < 100 || spec.rate > 1000000)
    throw SpecError(fmt::format("log-mel: {} samples a second; it must be 100 … 1000000", spec.rate));
  if (!(spec.window > 0 && spec.window <= 10) || !(spec.hop > 0 && spec.hop <= 10))
    throw SpecError(fmt::format("log-mel: windows of {:g} s every {:g} s; both must lie within 0 … 10",
                                spec.window, spec.hop));
  if (spec.bands < 1 || spec.bands > 1000)
    throw SpecError(fmt::format("log-mel: {} bands; it must be 1 … 1000", spec.bands));
}

std::vector<std::vector<float>> mel_bands(const LogMelSpec& spec, int n) {
  check(spec);
  const double top = mel(spec.rate / 2.0), width = top / (spec.bands + 1);
  std::vector<std::vector<float>> bands;
  for (int b = 0; b < spec.bands; ++b) {
    const double low = hertz(b * width), middle = hertz((b + 1) * width), high = hertz((b + 2) * width);
    std::vector<float> band;
    double sum = 0;
    for (int k = 0; k <= n / 2; ++k) {
      const double f = static_cast<double>(k) * spec.rate / n;
      const double weight = std::max(0.0, std::min((f - low) / (middle - low), (high - f) / (high - middle)));
      band.push_back(static_cast<float>(weight));
      sum += weight;
    }
    if (sum == 0) {  // narrower than the spectrum's step: the frequency nearest to its middle
      const auto nearest = static_cast<std::size_t>(std::lround(middle * n / spec.rate));
      band[std::min(nearest, band.size() - 1)] = 1;
    }
    bands.push_back(std::move(band));
  }
  return bands;
}

std::vector<float> log_mel(const std::vector<float>& samples, const LogMelSpec& spec) {
  check(spec);
  const std::size_t window = samples_of(spec.window, spec.rate), hop = samples_of(spec.hop, spec.rate);
  std::size_t n = 2;
  while (n < window) n *= 2;
  const std::vector<std::vector<float>> bands = mel_bands(spec, static_cast<int>(n));
  std::vector<float> hann;
  for (std::size_t i = 0; i < window; ++i)
    hann.push_back(static_cast<float>(
        0.5 - 0.5 * std::cos(2 * kPi * (static_cast<double>(i) + 0.5) / static_cast<double>(window))));
  const std::size_t frames = samples.size() <= window ? 1 : 1 + (samples.size() - window) / hop;
  std::vector<float> result, frame(n);
  for (std::size_t f = 0; f < frames; ++f) {
    std::fill(frame.begin(), frame.end(), 0.0f);
    for (std::size_t i = 0; i < window && f * hop + i < samples.size(); ++i)
      frame[i] = samples[f * hop + i] * hann[i];
    const std::vector<float> power = power_spectrum(frame);
    for (const std::vector<float>& band : bands) {
      double energy = 0;
      for (std::size_t k = 0; k < power.size(); ++k)
        energy += static_cast<double>(band[k]) * static_cast<double>(power[k]);
      result.push_back(static_cast<float>(std::log(energy + 1e-6)));
    }
  }
  return result;
}

}  // namespace cellwright
