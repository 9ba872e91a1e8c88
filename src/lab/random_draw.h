// random_draw.h: one drawn thing's random numbers in a row: number i of draw `index` is a function of the
// seed, the stream and these two, so a sequence does not depend on which others were drawn.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/rng.h"

namespace cellwright::lab {

class RandomDraw {
 public:
  RandomDraw(const Random& random, std::uint64_t index) : random_(random), index_(index) {}

  int below(int n) {  ///< in [0, n), n >= 1
    return static_cast<int>(random_.below(static_cast<std::uint64_t>(n), index_, next_++));
  }
  int between(int low, int high) { return low + below(high - low + 1); }  ///< both ends may come
  double uniform() { return random_.uniform(index_, next_++); }           ///< in (0, 1)
  double normal() { return random_.normal(index_, next_++); }
  template <class T>
  const T& of(const std::vector<T>& list) {  ///< one of a list that is not empty
    return list[static_cast<std::size_t>(below(static_cast<int>(list.size())))];
  }

 private:
  Random random_;
  std::uint64_t index_, next_ = 0;
};

}  // namespace cellwright::lab
