// row_loss.cpp: see row_loss.h.
#include "loss/row_loss.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/denormals.h"
#include "cellwright/error.h"

namespace cellwright {
namespace {

// Below so many numbers waking the team costs more than it brings.
constexpr std::size_t kWorthThreads = 4096;

}  // namespace

template <class T>
void RowLoss<T>::evaluate(const LossRows<T>& rows, double scale, double* losses, T* d_outputs,
                          ThreadPool& pool) const {
  const auto n = static_cast<std::size_t>(this->width()), m = static_cast<std::size_t>(this->target_width());
  const int count = rows.steps * rows.lanes;
  const auto some = [&](Part part) {
    const FlushDenormals flush;  // on the caller's thread as on all others
    std::vector<double> d(n);
    for (auto r = static_cast<std::size_t>(part.first); r < static_cast<std::size_t>(part.last); ++r) {
      const bool counts = rows.counted == nullptr || rows.counted[r] != 0;
      losses[r] = 0;
      if (counts) {
        std::fill(d.begin(), d.end(), 0.0);
        losses[r] = row(rows.outputs + r * n, rows.targets + r * m, d.data());
      }
      if (d_outputs == nullptr) continue;
      for (std::size_t i = 0; i < n; ++i) d_outputs[r * n + i] = counts ? static_cast<T>(scale * d[i]) : T{};
    }
  };
  if (pool.size() == 1 || static_cast<std::size_t>(count) * n < kWorthThreads) return some({0, count});
  const auto on_thread = [&](int thread) { some(part(count, pool.size(), thread)); };
  pool.run(std::ref(on_thread));
}

template <class T>
void RowLoss<T>::check_targets(const LossRows<T>& rows) const {
  const auto m = static_cast<std::size_t>(this->target_width());
  for (int t = 0; t < rows.steps; ++t) {
    for (int b = 0; b < rows.lanes; ++b) {
      const std::size_t r =
          static_cast<std::size_t>(t) * static_cast<std::size_t>(rows.lanes) + static_cast<std::size_t>(b);
      if (rows.counted && rows.counted[r] == 0) continue;
      const std::string what = fault(rows.targets + r * m);
      if (!what.empty()) throw ShapeError(fmt::format("the target of step {}, lane {} {}", t, b, what));
    }
  }
}

template <class T>
std::string RowLoss<T>::fault(const T* target) const {
  for (int i = 0; i < target_width(); ++i) {
    if (!std::isfinite(static_cast<double>(target[i]))) return fmt::format("is not finite at number {}", i);
  }
  return "";
}

template <class T>
double NumberLoss<T>::row(const T* outputs, const T* target, double* d) const {
  const int n = this->spec().outputs, there = present(target, n);
  if (there == 0) return 0;
  double sum = 0;
  for (int i = 0; i < n; ++i) {
    if (std::isnan(static_cast<double>(target[i]))) continue;
    sum += number(static_cast<double>(outputs[i]) - static_cast<double>(target[i]), d[i]);
    d[i] /= there;
  }
  return sum / there;
}

template <class T>
std::string NumberLoss<T>::fault(const T* target) const {
  for (int i = 0; i < this->spec().outputs; ++i) {
    if (std::isinf(static_cast<double>(target[i]))) return fmt::format("is infinite at number {}", i);
  }
  return "";
}

template class RowLoss<float>;
template class RowLoss<double>;
template class NumberLoss<float>;
template class NumberLoss<double>;

}  // namespace cellwright
