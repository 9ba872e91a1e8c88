// ctc.h: what a model trained by the loss "ctc" says, and how far that is from what it should say.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cellwright {

/// The likeliest symbol of each step, repeats joined and blanks left out. outputs: row t at outputs +
/// t·stride, `labels` logits and then the blank's.
template <class T>
std::vector<std::int32_t> best_labels(const T* outputs, int steps, std::size_t stride, int labels);

/// Insertions, deletions and substitutions that make one of the other, the least number.
int edit_distance(const std::vector<std::int32_t>& a, const std::vector<std::int32_t>& b);

}  // namespace cellwright
