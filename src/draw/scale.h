// scale.h: where the numbers of an axis fall, and which of them are written beside it.
//
// Always holds: the axis has a positive length whatever values it was made from; at most kMaxTicks ticks.
#pragma once

#include <string>
#include <vector>

#include "draw/plot.h"

namespace cellwright::draw {

inline constexpr int kMaxTicks = 60;

struct Tick {
  double value = 0;
  std::string label;  ///< "" for a line between two named ones (logarithmic axes)
};

enum class Ends {
  kTight,     ///< the values' own: x of a line
  kRound,     ///< the next round number; 0 where it is near
  kFromZero,  ///< round, and 0 is part of it: bars
  kBalanced,  ///< as far below 0 as above
};

class Scale {
 public:
  /// From `low` to `high`, the values' range, or the axis' own ends; about `ticks` names. A logarithmic axis
  /// needs values of 1e-300 or more and has no kFromZero or kBalanced. SpecError when the axis' own ends are not below
  /// one another, or not positive on a logarithmic axis; `name` is the axis in that message.
  Scale(double low, double high, const Axis& axis, Ends ends, int ticks, const std::string& name);

  double at(double value) const;  ///< 0 at the axis' beginning, 1 at its end
  double low() const { return low_; }
  double high() const { return high_; }
  bool inside(double value) const { return value >= low_ && value <= high_; }
  const std::vector<Tick>& ticks() const { return ticks_; }

 private:
  void linear(const Axis& axis, Ends ends, int ticks);
  void logarithmic(const Axis& axis, Ends ends, int ticks);

  double low_, high_;
  bool log_;
  std::vector<Tick> ticks_;
};

/// A number for people, with about `digits` significant digits: "0.25", "12,500", "−3", "2×10⁻⁵".
std::string number_text(double value, int digits);

}  // namespace cellwright::draw
