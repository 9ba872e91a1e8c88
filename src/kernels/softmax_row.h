// softmax_row.h: the cross-entropy of one row of logits that lies in one piece: the three kernels of a
// stretch put together. For tests and measurements; the head (nn/head.cpp) does the same tile by tile.
#pragma once

#include <algorithm>
#include <type_traits>
#include <vector>

#include "kernels/kernels.h"

namespace cellwright::kernels {

/// Returns -log p[target] in nats, whatever `smoothing` is. With d_logits (may be `logits` itself) (p -
/// q)·scale is written there, where q is (1 - smoothing)·onehot + smoothing/classes: the gradient of the
/// smoothed loss. The row is cut into stretches of so many classes (0: one).
template <class T>
double softmax_cross_entropy(const Kernels<T>& k, const std::type_identity_t<T>* logits, int classes,
                             int target, std::type_identity_t<T> smoothing, std::type_identity_t<T> scale,
                             std::type_identity_t<T>* d_logits, int stretch = 0) {
  const int width = stretch > 0 ? stretch : classes, count = (classes + width - 1) / width;
  const T target_logit = logits[target];
  std::vector<T> own, most(static_cast<std::size_t>(count)), factors(most.size());
  T* x = d_logits;
  if (x == nullptr) own.resize(static_cast<std::size_t>(classes)), x = own.data();
  if (x != logits) std::copy_n(logits, classes, x);
  const auto size = [&](int i) { return static_cast<std::size_t>(std::min(width, classes - i * width)); };
  for (int i = 0; i < count; ++i)
    k.softmax_stretch(x + i * width, size(i), &most[static_cast<std::size_t>(i)],
                      &factors[static_cast<std::size_t>(i)]);
  const double nats = k.softmax_join(most.data(), factors.data(), count, target_logit, scale);
  if (d_logits == nullptr) return nats;
  for (int i = 0; i < count; ++i)
    k.softmax_gradient(x + i * width, size(i), factors[static_cast<std::size_t>(i)],
                       scale * (smoothing / static_cast<T>(classes)));
  x[target] -= scale * (T(1) - smoothing);
  return nats;
}

}  // namespace cellwright::kernels
