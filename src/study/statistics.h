// statistics.h: means with their confidence intervals, and paired comparisons of several candidates with one
// reference.
//
// Student's t throughout; its distribution is Boost.Math's. What always holds: nothing here knows what was
// measured, nor whether more or less of it is better.
#pragma once

#include <cstddef>
#include <vector>

namespace cellwright::study {

struct Estimate {
  std::size_t count = 0;
  double mean = 0;
  double deviation = 0;   ///< of the sample, count - 1 below; 0 for one value
  double half_width = 0;  ///< of the confidence interval of the mean; infinite for one value
};

/// Of at least one finite value; SpecError otherwise. `confidence` in (0, 1).
Estimate estimate(const std::vector<double>& values, double confidence = 0.95);

/// Differences a[i] - b[i] and how likely a mean so far from 0 is, were there none (two-sided).
struct PairedTest {
  Estimate difference;
  double t = 0;  ///< infinite where all differences are equal and not 0
  double p = 1;  ///< 1 where all are 0; 1 for a single pair, which shows nothing
};

/// As long as each other, at least one pair, finite; SpecError otherwise.
PairedTest paired_t_test(const std::vector<double>& a, const std::vector<double>& b,
                         double confidence = 0.95);

/// p-values of a family of tests so that comparing each with α keeps the chance of one or more false
/// findings below α (Holm 1979). In the order given.
std::vector<double> holm(const std::vector<double>& p);

}  // namespace cellwright::study
