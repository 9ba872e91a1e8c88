// gradient_noise.h: annealed Gaussian noise on the gradients (Neelakantan et al. 2015): N(0, η/(1+t)^0.55)
// for update t, from 0.
//
// What always holds: the noise of a number is a function of the seed, the update and the number's place in
// the array, whatever the ranges it is added by and the SIMD target.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cellwright {

class GradientNoise {
 public:
  static constexpr double kDecay = 0.55;

  GradientNoise(double eta, std::uint64_t seed) : eta_(eta), seed_(seed) {}

  double deviation(std::uint64_t update) const;

  /// gradients[i] = scale·gradients[i] + deviation(update)·n_i for i in [first, last). Not for padding: the
  /// caller sets it back to 0.
  ///
  /// n_i is the sum of two draws, each from a table of 256 equally likely numbers: 16 random bits, mean 0,
  /// variance 1, kurtosis 2.99, at most 4.3.
  void add(float* gradients, std::size_t first, std::size_t last, std::uint64_t update, double scale) const;

 private:
  double eta_;
  std::uint64_t seed_;
};

}  // namespace cellwright
