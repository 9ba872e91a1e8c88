#include "study/statistics.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>

#include "cellwright/error.h"

namespace cellwright::study {

Estimate estimate(const std::vector<double>& values, double confidence) {
  if (values.empty()) throw SpecError("an estimate needs at least one value, found none");
  Estimate e;
  e.count = values.size();
  const auto n = static_cast<double>(values.size());
  for (const double v : values) {
    if (!std::isfinite(v)) throw SpecError("an estimate needs finite values");
    e.mean += v / n;
  }
  if (values.size() == 1) {
    e.half_width = std::numeric_limits<double>::infinity();
    return e;
  }
  double squares = 0;
  for (const double v : values) squares += (v - e.mean) * (v - e.mean);
  e.deviation = std::sqrt(squares / (n - 1));
  const boost::math::students_t t(n - 1);
  e.half_width =
      boost::math::quantile(boost::math::complement(t, (1 - confidence) / 2)) * e.deviation / std::sqrt(n);
  return e;
}

PairedTest paired_t_test(const std::vector<double>& a, const std::vector<double>& b, double confidence) {
  if (a.size() != b.size()) throw SpecError("a paired test needs as many values on both sides");
  std::vector<double> differences(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) differences[i] = a[i] - b[i];
  PairedTest test;
  test.difference = estimate(differences, confidence);
  if (a.size() == 1) return test;
  const auto n = static_cast<double>(a.size());
  if (test.difference.deviation == 0) {
    if (test.difference.mean == 0) return test;
    test.t = std::copysign(std::numeric_limits<double>::infinity(), test.difference.mean);
    test.p = 0;
    return test;
  }
  test.t = test.difference.mean / (test.difference.deviation / std::sqrt(n));
  const boost::math::students_t t(n - 1);
  test.p = 2 * boost::math::cdf(boost::math::complement(t, std::abs(test.t)));
  return test;
}

std::vector<double> holm(const std::vector<double>& p) {
  std::vector<std::size_t> order(p.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size());
  double most = 0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    most = std::max(most, static_cast<double>(order.size() - k) * p[order[k]]);
    adjusted[order[k]] = std::min(1.0, most);
  }
  return adjusted;
}

}  // namespace cellwright::study
