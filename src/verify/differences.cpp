// differences.cpp: central differences, and what is done where they mislead.
#include "verify/differences.h"

#include <algorithm>
#include <cmath>

namespace cellwright {
namespace {

constexpr double kStep = 1e-5;

}  // namespace

GradientRow check_tensor(const std::string& name, std::vector<double>& tensor,
                         const std::vector<double>& gradient, const std::vector<bool>& exists,
                         double largest_of_all, const std::function<double()>& objective) {
  GradientRow row{name, 0, 0, 0, 0, 0, true};
  for (double g : gradient) row.largest = std::max(row.largest, std::abs(g));
  row.allowed = 1e-6 * std::max(row.largest, 1e-3 * largest_of_all);
  for (std::size_t i = 0; i < tensor.size(); ++i) {
    if (!exists.empty() && !exists[i]) continue;
    ++row.entries;
    const double value = tensor[i];
    const auto at = [&](double x) {
      tensor[i] = x;
      const double y = objective();
      tensor[i] = value;
      return y;
    };
    const double up = at(value + kStep), down = at(value - kStep);
    double error = std::abs((up - down) / (2 * kStep) - gradient[i]);
    bool agrees = false;
    // A kink or a bend within the step lies outside a shorter one; what rounding hides shows with a longer
    // one.
    for (const double step : {kStep / 10, kStep / 100, kStep * 10}) {
      if (error <= row.allowed || agrees) break;
      agrees = std::abs((at(value + step) - at(value - step)) / (2 * step) - gradient[i]) <= row.allowed;
    }
    if (agrees) {
      ++row.kinks;
      error = 0;
    } else if (!(error <= row.allowed)) {
      const double here = at(value);
      const double right = (up - here) / kStep, left = (here - down) / kStep;
      const double slack = row.allowed + 1e-3 * std::abs(right - left);
      // Smooth functions have one-sided differences within O(h) of each other; at a kink they stay apart.
      if (std::abs(right - left) > 100 * kStep * std::max(1.0, row.largest) &&
          gradient[i] >= std::min(left, right) - slack && gradient[i] <= std::max(left, right) + slack) {
        ++row.kinks;
        error = 0;
      }
    }
    if (!(error <= row.allowed)) row.passed = false;
    row.error = std::max(row.error, std::isnan(error) ? HUGE_VAL : error);
  }
  return row;
}

double largest_entry(const std::vector<std::vector<double>>& tensors) {
  double largest = 0;
  for (const auto& tensor : tensors) {
    for (const double g : tensor) largest = std::max(largest, std::abs(g));
  }
  return largest;
}

}  // namespace cellwright
