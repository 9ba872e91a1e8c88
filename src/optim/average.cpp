// average.cpp: see average.h.
#include "optim/average.h"

#include <algorithm>

namespace cellwright {

template <class T>
WeightAverage<T>::WeightAverage(const OptimizerSpec& spec, std::size_t n)
    : ema_(spec.ema),
      from_(spec.kind == "asgd"      ? spec.t0
            : spec.kind == "nt-asgd" ? -1
                                     : 0),
      average_(n) {}

template <class T>
void WeightAverage<T>::update(const T* __restrict x, std::size_t first, std::size_t last) {
  if (!began()) return;
  const double s = static_cast<double>(steps_);
  double part = 0;  // of the new parameters
  if (ema_ > 0) {
    part = steps_ == 1 ? 1 : 1 - std::min(ema_, (1 + s) / (10 + s));
  } else {
    part = 1 / static_cast<double>(steps_ - 1 - from_);
  }
  T* __restrict a = average_.data();
  if (part == 1) {
    std::copy(x + first, x + last, a + first);
    return;
  }
  const T times = static_cast<T>(part);
  for (std::size_t i = first; i < last; ++i) a[i] += times * (x[i] - a[i]);
}

template <class T>
void WeightAverage<T>::set(std::int64_t steps, std::int64_t from) {
  steps_ = steps;
  from_ = from;
}

template <class T>
std::unique_ptr<WeightAverage<T>> make_average(const OptimizerSpec& spec, std::size_t n) {
  check(spec);
  if (spec.ema == 0 && spec.kind != "asgd" && spec.kind != "nt-asgd") return nullptr;
  return std::make_unique<WeightAverage<T>>(spec, n);
}

bool has_stalled(const std::vector<double>& before, double loss, std::int64_t nonmonotone) {
  const auto count = static_cast<std::int64_t>(before.size()) - nonmonotone;
  return count > 0 && loss > *std::min_element(before.begin(), before.begin() + count);
}

template class WeightAverage<float>;
template class WeightAverage<double>;
template std::unique_ptr<WeightAverage<float>> make_average(const OptimizerSpec&, std::size_t);
template std::unique_ptr<WeightAverage<double>> make_average(const OptimizerSpec&, std::size_t);

}  // namespace cellwright
