// exponential_smoothing.h: simple exponential smoothing, and with a season that of Holt and Winters, additive
// or multiplicative: the classic that a forecast has to beat.
//
// What always holds: the constants are fitted on the first `train` numbers alone, by the least sum of squared
// one-step errors; the states behind every later number come from the numbers before it, the constants held.
//
// With a season of m steps the start is R's HoltWinters(): the classical decomposition of the first two
// seasons (its trend's straight line, its mean figure), and the recursion begins with the second season.
// Without one the first level is the one of least squares, which given the constant has a closed form. The
// constants are sought on a grid (0.05, 0.2, 0.4, 0.6, 0.8, 0.95 each), and from its best point on by steps
// of one constant at a time that are halved until 1e-6.
#pragma once

#include <vector>

namespace cellwright {

class ExponentialSmoothing {
 public:
  enum class Form { kSimple, kAdditive, kMultiplicative };

  /// y: without gaps. season: 1 for none. Where there is less than two seasons and two numbers to fit to, the
  /// form is simple; where a number is not above 0, it is not multiplicative; else the form with the smaller
  /// sum.
  ExponentialSmoothing(const std::vector<double>& y, int train, int season);

  /// The `horizon` numbers behind y[0, origin). origin ≥ 1.
  void forecast(int origin, int horizon, double* to) const;

  Form form() const { return form_; }
  const std::vector<double>& constants() const { return constants_; }  ///< α; or α, β, γ
  double squares() const { return squares_; }                          ///< of the fit
  double level(int origin) const { return levels_[static_cast<std::size_t>(origin)]; }
  double trend(int origin) const { return trends_[static_cast<std::size_t>(origin)]; }

 private:
  void fit(const std::vector<double>& y, int train, Form form, int season);

  Form form_ = Form::kSimple;
  int season_ = 1;
  std::vector<double> constants_;
  double squares_ = 0;
  std::vector<double> levels_, trends_;  // behind so many numbers
  std::vector<double> figure_;           // of each number's step, from one season before the first on
};

}  // namespace cellwright
