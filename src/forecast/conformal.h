// conformal.h: the 80 % interval of a model whose loss says none, out of the errors of its forecasts of
// numbers that it was not trained on: split conformal prediction (Papadopoulos et al. 2002, Lei et al. 2018)
// over the latest errors, with a rate of misses that adapts (Gibbs & Candès 2021), since a series changes.
//
// Start at ConformalInterval. What always holds: of n errors the lower end is the ⌊(n+1)·α/2⌋-th by size and
// the upper the as manieth from above (the first and the last, where there is none such). With α = 20 % and n
// of 9 or more, an error that is exchangeable with these lies between them with at least 80 %.
#pragma once

#include <cstddef>
#include <deque>
#include <utility>
#include <vector>

namespace cellwright {

class ConformalInterval {
 public:
  /// Errors of a step that count: the latest so many. With fewer than kEnough, its neighbours' count too, the
  /// nearest first.
  static constexpr std::size_t kMost = 1000, kEnough = 30;
  static constexpr double kMiss = 0.2, kPace = 0.05;

  /// pace: by how much of a miss α moves with each error; 0: α stays 20 %.
  ConformalInterval(std::size_t targets, std::size_t steps, double pace = kPace)
      : steps_(steps), pace_(pace), errors_(targets * steps) {}

  /// actual - forecast of the step (from 0), in any unit that all errors of the target have, in the order in
  /// which they became known. Before it counts itself, α of its step falls by pace · 80 % if it lies outside
  /// of the interval until now, and else rises by pace · 20 %. NaN is left out.
  void add(std::size_t target, std::size_t step, double error);

  /// Lower and upper end of actual - forecast; NaN where the target has no errors at all.
  std::pair<double, double> ends(std::size_t target, std::size_t step) const;

  bool empty() const;

 private:
  struct Errors {
    std::deque<double> latest;
    std::vector<double> sorted;
    double miss = kMiss;  // α
  };
  std::size_t steps_;
  double pace_;
  std::vector<Errors> errors_;  // [target, step]
};

}  // namespace cellwright
