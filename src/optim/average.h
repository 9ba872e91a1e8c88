// average.h: an average of the parameters over the updates, which is evaluated and saved in their place while
// training goes on from the parameters themselves. Start at make_average.
//
// After an optimizer's step (and whatever else changes the parameters) an update is begin_step() once, then
// update() on sub-ranges that together cover the array, on any threads: as in optimizer.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "optim/optimizer.h"

namespace cellwright {

/// With x_s the parameters after update s, from 1:
///   asgd     the mean of x_s over s = t0+2, t0+3, … (Polyak); before, there is none. PyTorch's ASGD with
///            lambd = 0 (its average leaves out the first update after t0, and so does this)
///   nt-asgd  the same, with t0 the update at which start() was called (Merity et al. 2018)
///   ema      a = d·a + (1-d)·x_s with d = min(ema, (1+s)/(10+s)), from a = x_1: so that the start is
///   forgotten
///            soon
template <class T>
class WeightAverage {
 public:
  WeightAverage(const OptimizerSpec& spec, std::size_t n);  ///< an average; use make_average

  void begin_step() { ++steps_; }
  void update(const T* parameters, std::size_t first, std::size_t last);

  /// Null while there is no average.
  const T* values() const { return began() ? average_.data() : nullptr; }
  AlignedArray<T>& array() { return average_; }  ///< for checkpoints; they keep it where values() is not null

  bool waits() const { return from_ < 0; }  ///< nt-asgd, for start()
  void start() { from_ = steps_; }
  std::int64_t from() const { return from_; }

  /// For checkpoints: after `steps` updates, of an average that start() began at `from` (-1: not yet).
  void set(std::int64_t steps, std::int64_t from);

 private:
  bool began() const { return from_ >= 0 && steps_ >= from_ + (ema_ > 0 ? 1 : 2); }

  double ema_;
  std::int64_t steps_ = 0, from_ = 0;
  AlignedArray<T> average_;
};

/// Null where the spec asks for no average. SpecError as check().
template <class T>
std::unique_ptr<WeightAverage<T>> make_average(const OptimizerSpec& spec, std::size_t n);

/// Whether a validation loss is worse than the best of those before the last `nonmonotone` ones, as in the
/// code of AWD-LSTM; `before` are all earlier losses, oldest first.
bool has_stalled(const std::vector<double>& before, double loss, std::int64_t nonmonotone);

extern template class WeightAverage<float>;
extern template class WeightAverage<double>;
extern template std::unique_ptr<WeightAverage<float>> make_average(const OptimizerSpec&, std::size_t);
extern template std::unique_ptr<WeightAverage<double>> make_average(const OptimizerSpec&, std::size_t);

}  // namespace cellwright
