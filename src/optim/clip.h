// clip.h: keeping gradients small. The norm itself is the trainer's to compute, by the fixed tree of sums.
#pragma once

#include <cstddef>

namespace cellwright {

/// The factor that brings a global norm down to max_norm: max_norm/norm if norm is larger, else exactly 1.
/// max_norm 0: no clipping. A norm that is not finite is the caller's to report before: the factor would be 0
/// or 1.
double clip_scale(double norm, double max_norm);

/// gradients[first, last) into [-limit, limit], limit > 0. NaN stays NaN. As char-rnn's grad_clip.
template <class T>
void clip_by_value(T* gradients, std::size_t first, std::size_t last, double limit);

extern template void clip_by_value(float*, std::size_t, std::size_t, double);
extern template void clip_by_value(double*, std::size_t, std::size_t, double);

}  // namespace cellwright
