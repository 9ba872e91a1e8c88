// conformal.cpp: see conformal.h.
#include "forecast/conformal.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cellwright {
namespace {

std::pair<double, double> ends_of(const std::vector<double>& sorted, double miss) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  if (sorted.empty()) return {kNone, kNone};
  // Ranks from 1; the small number takes back what a product like 0.1 · 31 is off.
  const auto n = sorted.size();
  const double below = std::floor(miss / 2 * static_cast<double>(n + 1) + 1e-9);
  const auto low = static_cast<std::size_t>(std::clamp(below, 1.0, static_cast<double>((n + 1) / 2)));
  return {sorted[low - 1], sorted[n - low]};
}

}  // namespace

void ConformalInterval::add(std::size_t target, std::size_t step, double error) {
  if (std::isnan(error)) return;
  Errors& e = errors_[target * steps_ + step];
  const auto [low, high] = ends(target, step);
  if (!std::isnan(low)) e.miss += pace_ * (kMiss - (error < low || error > high ? 1 : 0));
  if (e.latest.size() == kMost) {
    e.sorted.erase(std::lower_bound(e.sorted.begin(), e.sorted.end(), e.latest.front()));
    e.latest.pop_front();
  }
  e.latest.push_back(error);
  e.sorted.insert(std::lower_bound(e.sorted.begin(), e.sorted.end(), error), error);
}

std::pair<double, double> ConformalInterval::ends(std::size_t target, std::size_t step) const {
  const Errors* of = errors_.data() + target * steps_;
  if (of[step].sorted.size() >= kEnough) return ends_of(of[step].sorted, of[step].miss);
  std::vector<double> pooled = of[step].sorted;
  for (std::size_t away = 1; away < steps_ && pooled.size() < kEnough; ++away) {
    if (step >= away)
      pooled.insert(pooled.end(), of[step - away].sorted.begin(), of[step - away].sorted.end());
    if (step + away < steps_)
      pooled.insert(pooled.end(), of[step + away].sorted.begin(), of[step + away].sorted.end());
  }
  std::sort(pooled.begin(), pooled.end());
  return ends_of(pooled, of[step].miss);
}

bool ConformalInterval::empty() const {
  return std::all_of(errors_.begin(), errors_.end(), [](const Errors& e) { return e.sorted.empty(); });
}

}  // namespace cellwright
