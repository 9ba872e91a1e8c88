// initialise.h: the numbers a parameter starts from, as a function of the seed and its name alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace cellwright {

/// Stored shape, row major, in double. `by_default` is the bound a of U(-a, a) for what has no `init` line
/// (biases: 0); `uniform` > 0 overrides everything by U(-uniform, uniform). Each number is keyed by its
/// place, so that making the tensor longer does not change the others. Orthogonal: the Q of a Gaussian
/// matrix, columns (or rows, where there are fewer) orthonormal.
std::vector<double> initial_values(const Parameter& parameter, const std::string& tensor, std::uint64_t seed,
                                   double by_default, double uniform);

}  // namespace cellwright
