// nearest.cpp: see nearest.h.
#include "train/nearest.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cellwright {

std::vector<float> brought_to(const Sequence& s, int inputs, int steps) {
  const auto n = static_cast<std::size_t>(inputs);
  std::vector<float> result;
  for (int i = 0; i < steps; ++i) {
    const double at = steps > 1 ? static_cast<double>(i) * (s.steps - 1) / (steps - 1) : 0;
    const auto low = static_cast<std::size_t>(at),
               high = std::min(low + 1, static_cast<std::size_t>(s.steps - 1));
    const double part = at - static_cast<double>(low);
    for (std::size_t c = 0; c < n; ++c)
      result.push_back(static_cast<float>((1 - part) * static_cast<double>(s.inputs[low * n + c]) +
                                          part * static_cast<double>(s.inputs[high * n + c])));
  }
  return result;
}

std::vector<int> nearest_classes(const SequenceSet& train, const SequenceSet& test, int steps) {
  std::vector<std::vector<float>> known;
  for (const Sequence& s : train.sequences) known.push_back(brought_to(s, train.inputs, steps));
  std::vector<int> classes;
  for (const Sequence& s : test.sequences) {
    const std::vector<float> x = brought_to(s, test.inputs, steps);
    double least = std::numeric_limits<double>::infinity();
    int nearest = 0;
    for (std::size_t i = 0; i < known.size(); ++i) {
      double distance = 0;
      for (std::size_t k = 0; k < x.size(); ++k) {
        const double d = static_cast<double>(x[k]) - static_cast<double>(known[i][k]);
        distance += d * d;
      }
      if (distance >= least) continue;
      least = distance;
      nearest = static_cast<int>(train.sequences[i].targets[0]);
    }
    classes.push_back(nearest);
  }
  return classes;
}

}  // namespace cellwright
