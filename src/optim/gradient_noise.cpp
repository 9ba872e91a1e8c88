// gradient_noise.cpp: see gradient_noise.h. Philox blocks are computed side by side, so that the compiler can
// vectorise them; base/rng.h has the generator itself.
#include "optim/gradient_noise.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/rng.h"

namespace cellwright {
namespace {

constexpr int kBlocks = 32;                  // Philox blocks side by side
constexpr std::size_t kChunk = kBlocks * 8;  // numbers of them: 16 bits each
constexpr int kBins = 256;

/// Deviations differ, so that few sums of an entry of each coincide.
struct Tables {
  std::array<float, kBins> low{}, high{};
};

// Where the normal distribution has the part p below it.
double quantile(double p) {
  double low = -10, high = 10;
  while (high - low > 1e-14) {
    const double middle = 0.5 * (low + high);
    (0.5 * std::erfc(-middle / std::sqrt(2.0)) < p ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

// The means of 256 equally likely slices of a normal variable, scaled to variances of 0.4 and 0.6.
Tables make_tables() {
  const auto density = [](double x) { return std::exp(-0.5 * x * x); };
  std::array<double, kBins> means{};
  double squares = 0;
  for (int k = 0; k < kBins / 2;
       ++k) {  // the lower half; the upper mirrors it, so that the mean is exactly 0
    const double below = k == 0 ? 0 : density(quantile(static_cast<double>(k) / kBins));
    const auto at = static_cast<std::size_t>(k);
    means[at] = below - density(quantile(static_cast<double>(k + 1) / kBins));
    squares += 2 * means[at] * means[at];
  }
  const double times = std::sqrt(kBins / squares);
  Tables tables;
  for (std::size_t k = 0; k < kBins / 2; ++k) {
    tables.low[k] = static_cast<float>(std::sqrt(0.4) * times * means[k]);
    tables.high[k] = static_cast<float>(std::sqrt(0.6) * times * means[k]);
    tables.low[kBins - 1 - k] = -tables.low[k];
    tables.high[kBins - 1 - k] = -tables.high[k];
  }
  return tables;
}

// n_i of numbers [kChunk·chunk, kChunk·(chunk + 1)).
void fill(const Tables& tables, std::array<std::uint32_t, 4> seed, std::uint64_t chunk, float* out) {
  constexpr std::uint32_t kMultiplier0 = 0xD2511F53, kMultiplier1 = 0xCD9E8D57;
  constexpr std::uint32_t kWeyl0 = 0x9E3779B9, kWeyl1 = 0xBB67AE85;
  alignas(64) std::uint32_t c0[kBlocks], c1[kBlocks], c2[kBlocks], c3[kBlocks];
  for (std::uint32_t b = 0; b < kBlocks; ++b) {
    const std::uint64_t counter = chunk * kBlocks + b;
    c0[b] = static_cast<std::uint32_t>(counter);
    c1[b] = static_cast<std::uint32_t>(counter >> 32);
    c2[b] = seed[2];
    c3[b] = seed[3];
  }
  std::uint32_t key0 = seed[0], key1 = seed[1];
  for (int round = 0; round < 10; ++round) {
    for (int b = 0; b < kBlocks; ++b) {
      const std::uint64_t p0 = std::uint64_t{kMultiplier0} * c0[b], p1 = std::uint64_t{kMultiplier1} * c2[b];
      c0[b] = static_cast<std::uint32_t>(p1 >> 32) ^ c1[b] ^ key0;
      c1[b] = static_cast<std::uint32_t>(p1);
      c2[b] = static_cast<std::uint32_t>(p0 >> 32) ^ c3[b] ^ key1;
      c3[b] = static_cast<std::uint32_t>(p0);
    }
    key0 += kWeyl0;
    key1 += kWeyl1;
  }
  for (const std::uint32_t* word : {c0, c1, c2, c3}) {
    for (int b = 0; b < kBlocks; ++b, out += 2) {
      const std::uint32_t bits = word[b];
      out[0] = tables.low[bits & 255] + tables.high[bits >> 8 & 255];
      out[1] = tables.low[bits >> 16 & 255] + tables.high[bits >> 24];
    }
  }
}

}  // namespace

double GradientNoise::deviation(std::uint64_t update) const {
  return std::sqrt(eta_ / std::pow(1 + static_cast<double>(update), kDecay));
}

void GradientNoise::add(float* gradients, std::size_t first, std::size_t last, std::uint64_t update,
                        double scale) const {
  static const Tables tables = make_tables();
  const auto seed = Random(seed_, hash_name("gradient noise")).words(update);
  const float sigma = static_cast<float>(deviation(update)), times = static_cast<float>(scale);
  alignas(64) float noise[kChunk];
  while (first < last) {
    const std::size_t chunk = first / kChunk, end = std::min(last, (chunk + 1) * kChunk);
    fill(tables, seed, chunk, noise);
    const float* n = noise + (first - chunk * kChunk);
    float* g = gradients + first;
    for (std::size_t i = 0; i < end - first; ++i) g[i] = times * g[i] + sigma * n[i];
    first = end;
  }
}

}  // namespace cellwright
