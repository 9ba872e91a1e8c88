// row_loss.h: losses of one row at a time, which all but a few are; inner header of the room. A new one
// derives from RowLoss, or, where each number of a vector stands for itself, from NumberLoss, and has its
// maker in makers.h.
#pragma once

#include <cmath>
#include <vector>

#include "loss/loss.h"

namespace cellwright {

template <class T>
class RowLoss : public LossFunction<T> {
 public:
  using LossFunction<T>::LossFunction;
  int target_width() const override { return this->spec().outputs; }
  void evaluate(const LossRows<T>& rows, double scale, double* losses, T* d_outputs,
                ThreadPool& pool) const override;
  void check_targets(const LossRows<T>& rows) const override;

 protected:
  /// The loss of a row; `d` [width()] becomes its gradient.
  virtual double row(const T* outputs, const T* target, double* d) const = 0;

  /// What is wrong with a row's target; "" where nothing is. By default numbers must be finite.
  virtual std::string fault(const T* target) const;
};

/// A target of several numbers, the model giving one for each: the mean of their losses. A target that is NaN
/// is a missing one: the mean is that over the others, and 0 where there are none.
template <class T>
class NumberLoss : public RowLoss<T> {
 public:
  using RowLoss<T>::RowLoss;
  int width() const override { return this->spec().outputs; }

 protected:
  /// The loss of a number that is off by `error` = output - target; `d` becomes its derivative.
  virtual double number(double error, double& d) const = 0;

  double row(const T* outputs, const T* target, double* d) const override;
  std::string fault(const T* target) const override;
};

/// Of the targets that are there; see NumberLoss.
template <class T>
int present(const T* target, int n) {
  int count = 0;
  for (int i = 0; i < n; ++i) count += std::isnan(static_cast<double>(target[i])) ? 0 : 1;
  return count;
}

}  // namespace cellwright
