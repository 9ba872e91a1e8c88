// fused_lstm.h: the LSTM's pointwise work in one loop by hand, with the library's own σ and tanh: what an
// interpreter of tiles is held against.
#pragma once

#include <cstddef>

namespace cellwright::micro {

/// For all k in [0, n), with z the h before:
///   C = σ(f + z) ⊙ C + σ(i + z) ⊙ tanh(g + z); h = σ(o + z) ⊙ tanh(C).
/// n is a multiple of 16; all are aligned to 64 bytes. On the best SIMD target.
void fused_lstm_step(const float* f, const float* i, const float* g, const float* o, float* C,
                     const float* before, float* h, std::size_t n);

}  // namespace cellwright::micro
