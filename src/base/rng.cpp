// rng.cpp: Philox4x32-10 and what is drawn from it.
#include "base/rng.h"

#include <cmath>

namespace cellwright {
namespace {

std::uint64_t join(std::uint32_t low, std::uint32_t high) {
  return static_cast<std::uint64_t>(high) << 32 | low;
}
std::uint32_t low_half(std::uint64_t value) { return static_cast<std::uint32_t>(value); }
std::uint32_t high_half(std::uint64_t value) { return static_cast<std::uint32_t>(value >> 32); }

// The odd multiple of 2^-53 keeps both ends of the interval out without a rounding that could reach 1.
double open_unit(std::uint64_t bits) { return static_cast<double>(bits >> 11 | 1) * 0x1p-53; }

}  // namespace

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 2> key, std::array<std::uint32_t, 4> counter) {
  // Multipliers and Weyl increments of Salmon et al. 2011, section 4.3.
  constexpr std::uint64_t kMultiplier0 = 0xD2511F53, kMultiplier1 = 0xCD9E8D57;
  constexpr std::uint32_t kWeyl0 = 0x9E3779B9, kWeyl1 = 0xBB67AE85;
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = kMultiplier0 * counter[0];
    const std::uint64_t p1 = kMultiplier1 * counter[2];
    counter = {high_half(p1) ^ counter[1] ^ key[0], low_half(p1), high_half(p0) ^ counter[3] ^ key[1],
               low_half(p0)};
    key[0] += kWeyl0;
    key[1] += kWeyl1;
  }
  return counter;
}

std::uint64_t hash_name(std::string_view name) {
  std::uint64_t hash = 0xCBF29CE484222325;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  return hash;
}

Random::Random(std::uint64_t seed, std::uint64_t stream) {
  // The generator itself mixes the two: streams of one seed never share a key, those of two seeds only by a
  // 2^-64 chance.
  const auto mixed = philox({low_half(seed), high_half(seed)}, {low_half(stream), high_half(stream), 0, 0});
  key_ = {mixed[0], mixed[1]};
}

std::array<std::uint32_t, 4> Random::block(std::uint64_t i, std::uint64_t j) const {
  return philox(key_, {low_half(i), high_half(i), low_half(j), high_half(j)});
}

std::uint64_t Random::bits(std::uint64_t i, std::uint64_t j) const {
  const auto r = block(i, j);
  return join(r[0], r[1]);
}

double Random::uniform(std::uint64_t i, std::uint64_t j) const { return open_unit(bits(i, j)); }

double Random::normal(std::uint64_t i, std::uint64_t j) const {
  constexpr double kTwoPi = 6.283185307179586;
  const auto r = block(i, j);
  const double radius = std::sqrt(-2.0 * std::log(open_unit(join(r[0], r[1]))));
  return radius * std::cos(kTwoPi * open_unit(join(r[2], r[3])));
}

std::uint64_t Random::below(std::uint64_t n, std::uint64_t i, std::uint64_t j) const {
  // The high half of the 128-bit product, from 32-bit halves: not every target has a 128-bit integer.
  const std::uint64_t x = bits(i, j);
  const std::uint64_t low = static_cast<std::uint64_t>(low_half(x)) * low_half(n);
  const std::uint64_t mid1 = static_cast<std::uint64_t>(high_half(x)) * low_half(n) + high_half(low);
  const std::uint64_t mid2 = static_cast<std::uint64_t>(low_half(x)) * high_half(n) + low_half(mid1);
  return static_cast<std::uint64_t>(high_half(x)) * high_half(n) + high_half(mid1) + high_half(mid2);
}

}  // namespace cellwright
