// scaling.cpp: see scaling.h. Sums are in double, in the order of the arrays.
#include "data/scaling.h"

#include <algorithm>
#include <cmath>

namespace cellwright {

bool fits(const Scaling& scaling, int width) {
  const auto n = static_cast<std::size_t>(std::max(0, width));
  return scaling.mean.size() == n && scaling.deviation.size() == n &&
         std::all_of(scaling.deviation.begin(), scaling.deviation.end(),
                     [](double d) { return d > 0 && std::isfinite(d); });
}

Scaling scaling_of(int width, const std::vector<const std::vector<float>*>& arrays) {
  const auto n = static_cast<std::size_t>(width);
  Scaling scaling{std::vector<double>(n, 0), std::vector<double>(n, 0)};
  std::vector<double> count(n, 0);
  const auto each = [&](const auto& f) {
    for (const std::vector<float>* values : arrays) {
      for (std::size_t i = 0; i < values->size(); ++i) {
        if (!std::isnan((*values)[i])) f(i % n, static_cast<double>((*values)[i]));
      }
    }
  };
  each([&](std::size_t c, double x) {
    scaling.mean[c] += x;
    ++count[c];
  });
  for (std::size_t c = 0; c < n; ++c) scaling.mean[c] /= std::max(count[c], 1.0);
  each([&](std::size_t c, double x) {
    scaling.deviation[c] += (x - scaling.mean[c]) * (x - scaling.mean[c]);
  });
  for (std::size_t c = 0; c < n; ++c) {
    scaling.deviation[c] = std::sqrt(scaling.deviation[c] / std::max(count[c], 1.0));
    if (!(scaling.deviation[c] > 1e-9)) scaling.deviation[c] = 1;
  }
  return scaling;
}

std::vector<float> scaled(const std::vector<float>& values, const Scaling& scaling) {
  const std::size_t n = scaling.mean.size();
  std::vector<float> result;
  result.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double x = (static_cast<double>(values[i]) - scaling.mean[i % n]) / scaling.deviation[i % n];
    result.push_back(std::isnan(x) ? 0.0f : static_cast<float>(x));
  }
  return result;
}

}  // namespace cellwright
