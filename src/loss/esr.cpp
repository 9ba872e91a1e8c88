// esr.cpp: the error-to-signal ratio of Wright, Damskägg & Välimäki (2019): Σ e² / Σ y² over a lane's steps,
// both passed through the pre-emphasis filter x[t] - c·x[t-1] (the first step of a window has none before it
// and is left out of the filtered sums), plus `dc` times (mean of the error)² / mean of y², which the filter
// would not hear. One number a lane, in the lane's first row.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cellwright/error.h"
#include "loss/makers.h"

namespace cellwright {
namespace {

constexpr double kSilence =
    1e-5;  // added to the mean square of a target: silence is no reason to divide by 0

template <class T>
class EsrLoss : public LossFunction<T> {
 public:
  using LossFunction<T>::LossFunction;
  int width() const override { return 1; }
  int target_width() const override { return 1; }
  bool of_lanes() const override { return true; }

  void evaluate(const LossRows<T>& rows, double scale, double* losses, T* d_outputs,
                ThreadPool&) const override {
    const auto all = static_cast<std::size_t>(rows.steps) * static_cast<std::size_t>(rows.lanes);
    std::fill_n(losses, all, 0.0);
    if (d_outputs) std::fill_n(d_outputs, all, T{});
    for (int b = 0; b < rows.lanes; ++b) lane(rows, b, scale, losses, d_outputs);
  }

  void check_targets(const LossRows<T>& rows) const override {
    for (std::size_t r = 0; r < static_cast<std::size_t>(rows.steps) * static_cast<std::size_t>(rows.lanes);
         ++r) {
      if ((rows.counted == nullptr || rows.counted[r]) &&
          !std::isfinite(static_cast<double>(rows.targets[r])))
        throw ShapeError(fmt::format("the target of step {}, lane {} is not finite",
                                     r / static_cast<std::size_t>(rows.lanes),
                                     r % static_cast<std::size_t>(rows.lanes)));
    }
  }

 private:
  void lane(const LossRows<T>& rows, int b, double scale, double* losses, T* d_outputs) const {
    const double c = this->spec().pre_emphasis, dc = this->spec().dc;
    const auto at = [&](int t) {
      return static_cast<std::size_t>(t) * static_cast<std::size_t>(rows.lanes) + static_cast<std::size_t>(b);
    };
    const auto counts = [&](int t) { return rows.counted == nullptr || rows.counted[at(t)] != 0; };
    const auto target = [&](int t) { return static_cast<double>(rows.targets[at(t)]); };
    const auto error = [&](int t) { return static_cast<double>(rows.outputs[at(t)]) - target(t); };
    double errors = 0, signal = 0, sum = 0, square = 0;
    int n = 0, first = -1;
    for (int t = 0; t < rows.steps; ++t) {
      if (!counts(t)) continue;
      if (first < 0) first = t;
      ++n;
      sum += error(t);
      square += target(t) * target(t);
      if (c > 0 && (t == 0 || !counts(t - 1))) continue;
      const double e = error(t) - (c > 0 ? c * error(t - 1) : 0),
                   y = target(t) - (c > 0 ? c * target(t - 1) : 0);
      errors += e * e;
      signal += y * y;
    }
    if (n == 0) return;
    signal += kSilence * n;
    square += kSilence * n;
    losses[at(first)] = errors / signal + dc * (sum / n) * (sum / n) / (square / n);
    if (d_outputs == nullptr) return;
    for (int t = 0; t < rows.steps; ++t) {
      if (!counts(t)) continue;
      double d = dc * 2 * (sum / n) / n / (square / n);
      if (c == 0 || (t > 0 && counts(t - 1))) d += 2 * (error(t) - (c > 0 ? c * error(t - 1) : 0)) / signal;
      if (c > 0 && t + 1 < rows.steps && counts(t + 1)) d -= 2 * c * (error(t + 1) - c * error(t)) / signal;
      d_outputs[at(t)] = static_cast<T>(scale * d);
    }
  }
};

}  // namespace

CELLWRIGHT_LOSS_MAKER(make_esr_loss, EsrLoss);

}  // namespace cellwright
