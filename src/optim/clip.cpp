// clip.cpp: see clip.h.
#include "optim/clip.h"

namespace cellwright {

double clip_scale(double norm, double max_norm) {
  return max_norm > 0 && norm > max_norm ? max_norm / norm : 1;
}

template <class T>
void clip_by_value(T* gradients, std::size_t first, std::size_t last, double limit) {
  const T high = static_cast<T>(limit), low = -high;
  for (std::size_t i = first; i < last; ++i) {
    const T g = gradients[i];  // a comparison with NaN is false, so NaN passes and is seen
    const T capped = g > high ? high : g;
    gradients[i] = capped < low ? low : capped;
  }
}

template void clip_by_value(float*, std::size_t, std::size_t, double);
template void clip_by_value(double*, std::size_t, std::size_t, double);

}  // namespace cellwright
