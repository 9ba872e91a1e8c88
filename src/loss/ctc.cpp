// ctc.cpp: connectionist temporal classification (Graves et al. 2006): -log of the sum over all ways to
// spread a sequence's labels over its steps, blanks between them, repeats joined. Outputs of a step are
// logits of the labels and, last, of the blank. Forward and backward variables are in logarithms; a lane's
// steps are those that count, which come first.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>

#include "base/denormals.h"
#include "cellwright/error.h"
#include "loss/ctc.h"
#include "loss/makers.h"

namespace cellwright {
namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();

double log_add(double a, double b) {
  if (a < b) std::swap(a, b);
  return b == kNever ? a : a + std::log1p(std::exp(b - a));
}

template <class T>
class CtcLoss : public LossFunction<T> {
 public:
  using LossFunction<T>::LossFunction;
  int width() const override { return this->spec().outputs + 1; }
  int target_width() const override { return 0; }
  bool of_lanes() const override { return true; }

  void predict(const T* a, double* p) const override {
    const int n = width();
    const double most = static_cast<double>(*std::max_element(a, a + n));
    double sum = 0;
    for (int i = 0; i < n; ++i) sum += p[i] = std::exp(static_cast<double>(a[i]) - most);
    for (int i = 0; i < n; ++i) p[i] /= sum;
  }

  void evaluate(const LossRows<T>& rows, double scale, double* losses, T* d_outputs,
                ThreadPool& pool) const override {
    const auto all = static_cast<std::size_t>(rows.steps) * static_cast<std::size_t>(rows.lanes);
    std::fill_n(losses, all, 0.0);
    if (d_outputs) std::fill_n(d_outputs, all * static_cast<std::size_t>(width()), T{});
    const auto some = [&](int thread) {
      const FlushDenormals flush;
      const Part mine = part(rows.lanes, pool.size(), thread);
      for (int b = mine.first; b < mine.last; ++b) lane(rows, b, scale, losses, d_outputs);
    };
    if (pool.size() == 1) return some(0);
    pool.run(std::ref(some));
  }

  void check_targets(const LossRows<T>& rows) const override {
    for (int b = 0; b < rows.lanes; ++b) {
      const int steps = counted_steps(rows, b);
      if (steps == 0) continue;
      const std::vector<std::int32_t>& labels = (*rows.labels)[static_cast<std::size_t>(b)];
      int needed = static_cast<int>(labels.size());
      for (std::size_t i = 0; i < labels.size(); ++i) {
        if (labels[i] < 0 || labels[i] >= this->spec().outputs)
          throw ShapeError(fmt::format("label {} of lane {} is {}, none of 0 … {}", i, b, labels[i],
                                       this->spec().outputs - 1));
        if (i > 0 && labels[i] == labels[i - 1]) ++needed;
      }
      if (needed > steps) {
        throw ShapeError(
            fmt::format("lane {} has {} labels, which take at least {} steps, and {} steps; leave it out, or "
                        "take finer steps",
                        b, labels.size(), needed, steps));
      }
    }
  }

 private:
  static int counted_steps(const LossRows<T>& rows, int lane) {
    int n = 0;
    while (n < rows.steps && (rows.counted == nullptr || rows.counted[row(rows, n, lane)] != 0)) ++n;
    return n;
  }
  static std::size_t row(const LossRows<T>& rows, int t, int lane) {
    return static_cast<std::size_t>(t) * static_cast<std::size_t>(rows.lanes) +
           static_cast<std::size_t>(lane);
  }

  void lane(const LossRows<T>& rows, int b, double scale, double* losses, T* d_outputs) const {
    const int steps = counted_steps(rows, b);
    if (steps == 0) return;
    const std::vector<std::int32_t>& labels = (*rows.labels)[static_cast<std::size_t>(b)];
    const auto n = static_cast<std::size_t>(width()), blank = n - 1, states = 2 * labels.size() + 1;
    const auto symbol = [&](std::size_t s) {
      return s % 2 == 0 ? blank : static_cast<std::size_t>(labels[s / 2]);
    };
    const auto skips = [&](std::size_t s) { return s % 2 == 1 && s > 1 && symbol(s) != symbol(s - 2); };

    std::vector<double> log_p(static_cast<std::size_t>(steps) * n);  // [steps, n]
    for (int t = 0; t < steps; ++t) {
      const T* a = rows.outputs + row(rows, t, b) * n;
      double* p = log_p.data() + static_cast<std::size_t>(t) * n;
      const double most = static_cast<double>(*std::max_element(a, a + n));
      double sum = 0;
      for (std::size_t k = 0; k < n; ++k) sum += std::exp(static_cast<double>(a[k]) - most);
      for (std::size_t k = 0; k < n; ++k) p[k] = static_cast<double>(a[k]) - most - std::log(sum);
    }
    const auto emit = [&](int t, std::size_t s) {
      return log_p[static_cast<std::size_t>(t) * n + symbol(s)];
    };

    std::vector<double> alpha(static_cast<std::size_t>(steps) * states,
                              kNever);  // paths that end in s at t, t with them
    alpha[0] = emit(0, 0);
    if (states > 1) alpha[1] = emit(0, 1);
    for (int t = 1; t < steps; ++t) {
      const double* before = alpha.data() + static_cast<std::size_t>(t - 1) * states;
      double* now = alpha.data() + static_cast<std::size_t>(t) * states;
      for (std::size_t s = 0; s < states; ++s) {
        double sum = before[s];
        if (s > 0) sum = log_add(sum, before[s - 1]);
        if (skips(s)) sum = log_add(sum, before[s - 2]);
        now[s] = sum + emit(t, s);
      }
    }
    const double* end = alpha.data() + static_cast<std::size_t>(steps - 1) * states;
    const double total = states > 1 ? log_add(end[states - 1], end[states - 2]) : end[0];
    losses[row(rows, 0, b)] = -total;
    if (d_outputs == nullptr) return;

    std::vector<double> beta(states, kNever), later(states);  // paths from s at t on, t not with them
    beta[states - 1] = 0;
    if (states > 1) beta[states - 2] = 0;
    std::vector<double> part_of(n);
    for (int t = steps - 1; t >= 0; --t) {
      if (t < steps - 1) {
        later = beta;
        for (std::size_t s = 0; s < states; ++s) {
          double sum = later[s] + emit(t + 1, s);
          if (s + 1 < states) sum = log_add(sum, later[s + 1] + emit(t + 1, s + 1));
          if (s + 2 < states && skips(s + 2)) sum = log_add(sum, later[s + 2] + emit(t + 1, s + 2));
          beta[s] = sum;
        }
      }
      std::fill(part_of.begin(), part_of.end(), 0.0);
      const double* a = alpha.data() + static_cast<std::size_t>(t) * states;
      for (std::size_t s = 0; s < states; ++s) {
        if (a[s] != kNever && beta[s] != kNever) part_of[symbol(s)] += std::exp(a[s] + beta[s] - total);
      }
      T* d = d_outputs + row(rows, t, b) * n;
      const double* p = log_p.data() + static_cast<std::size_t>(t) * n;
      for (std::size_t k = 0; k < n; ++k) d[k] = static_cast<T>(scale * (std::exp(p[k]) - part_of[k]));
    }
  }
};

}  // namespace

template <class T>
std::vector<std::int32_t> best_labels(const T* outputs, int steps, std::size_t stride, int labels) {
  std::vector<std::int32_t> said;
  int before = labels;
  for (int t = 0; t < steps; ++t) {
    const T* a = outputs + static_cast<std::size_t>(t) * stride;
    const auto best = static_cast<int>(std::max_element(a, a + labels + 1) - a);
    if (best != labels && best != before) said.push_back(best);
    before = best;
  }
  return said;
}

template std::vector<std::int32_t> best_labels(const float*, int, std::size_t, int);
template std::vector<std::int32_t> best_labels(const double*, int, std::size_t, int);

int edit_distance(const std::vector<std::int32_t>& a, const std::vector<std::int32_t>& b) {
  std::vector<int> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    int corner = row[0];
    row[0] = static_cast<int>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, corner + (a[i - 1] == b[j - 1] ? 0 : 1)});
      corner = above;
    }
  }
  return row[b.size()];
}

CELLWRIGHT_LOSS_MAKER(make_ctc_loss, CtcLoss);

}  // namespace cellwright
