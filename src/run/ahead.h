// ahead.h: what a loop's products fetch into the cache while they run, for the pointwise programs that come next.
//
// A window's arrays are larger than the caches. A product leaves the memory idle for thousands of multiply-adds,
// and a pointwise program would wait for every line.
#pragma once

#include <vector>

#include "compile/plan.h"

namespace cellwright {

/// Rows of a buffer, so many steps on from the step that is being run.
struct AheadRows {
  int buffer = -1;
  int steps = 0;  ///< until it is needed: 0 or one more, in the loop's direction
  int shift = 0;  ///< as Place's
};

/// Per instruction of a loop: arrays over all steps that are touched after it and before the next product is done,
/// and that nothing in the loop has touched shortly before. `direction` is 1 or -1.
std::vector<std::vector<AheadRows>> find_ahead(const Plan& plan, const Program& loop, int direction);

}  // namespace cellwright
