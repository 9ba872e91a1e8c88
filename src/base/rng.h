// rng.h: everything random. A counter-based generator (Philox4x32-10, Salmon et al. 2011): a number is a function of a key and a
// counter, not of the order of calls, so threads, restarts and batch neighbours cannot change it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace cellwright {

/// Ten rounds of Philox4x32. Known answers of the paper's distribution are tested.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 2> key, std::array<std::uint32_t, 4> counter);

/// A stable 64-bit hash of a name (FNV-1a), to key streams by what they are for.
std::uint64_t hash_name(std::string_view name);

/// A stream of random numbers addressed by position. Copy freely.
class Random {
 public:
  /// `seed` is the user's, `stream` says what for (hash_name("init.layers.0.W_f"), …).
  Random(std::uint64_t seed, std::uint64_t stream);

  std::uint64_t bits(std::uint64_t i, std::uint64_t j = 0) const;  ///< 64 random bits at (i, j)
  double uniform(std::uint64_t i, std::uint64_t j = 0) const;      ///< in (0, 1), odd multiples of 2^-53
  double normal(std::uint64_t i, std::uint64_t j = 0) const;       ///< N(0, 1), Box–Muller of one counter
  /// Four independent words at (i, j): the cheapest way to many numbers.
  std::array<std::uint32_t, 4> words(std::uint64_t i, std::uint64_t j = 0) const { return block(i, j); }
  std::uint64_t below(std::uint64_t n, std::uint64_t i, std::uint64_t j = 0) const;  ///< in [0, n), n >= 1, unbiased to 2^-64·n

 private:
  std::array<std::uint32_t, 4> block(std::uint64_t i, std::uint64_t j) const;

  std::array<std::uint32_t, 2> key_;
};

}  // namespace cellwright
