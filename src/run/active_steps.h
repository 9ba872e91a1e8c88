// active_steps.h: the steps of a window at which a clock is due.
#pragma once

#include <cstdint>

namespace cellwright {

/// Steps first, first + period, … of a window, `count` of them.
struct ActiveSteps {
  int first = 0, count = 0;
};

/// Of a window of `steps` steps that begins at `first_step`, counted since the state's start: those whose
/// number `period` divides.
inline ActiveSteps active_steps(std::int64_t first_step, int steps, int period) {
  const std::int64_t past = first_step % period;
  const std::int64_t first = past == 0 ? 0 : period - past;
  if (first >= steps) return {};
  return {static_cast<int>(first), static_cast<int>((steps - 1 - first) / period) + 1};
}

}  // namespace cellwright
