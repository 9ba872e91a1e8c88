// head.h: the linear layer from the top of the stack to the logits of all classes, and the softmax
// cross-entropy behind it.
//
// Where to start: loss. What always holds: weights are one packed block [classes, inputs] (kernels.h) as a
// recurrent layer's are; logits exist for a few steps at a time only, so memory stays bounded for large
// vocabularies; sums over rows go t descending, lane ascending, the loss ascending in double: neither threads
// nor the cutting into chunks change a bit.
#pragma once

#include <cstdint>
#include <vector>

#include "base/aligned.h"
#include "base/thread_pool.h"
#include "kernels/kernels.h"

namespace cellwright {

template <class T>
class Head {
 public:
  Head(int inputs, int classes, const kernels::Kernels<T>& kernels, ThreadPool& pool);

  std::size_t weight_size() const { return weight_size_; }  ///< numbers in the flat array, packed
  std::size_t bias_size() const { return padded<T>(static_cast<std::size_t>(classes_)); }

  int inputs() const { return inputs_; }

  /// Parameters have new values. The transpose is made when loss() next needs it.
  void bind(const T* weights, const T* bias);

  /// Rows [first_step, steps) × lanes count; a target below 0 does not.
  struct Rows {
    const T* h = nullptr;  ///< [steps, lanes, inputs]
    const std::int32_t* targets = nullptr;
    int steps = 0, lanes = 0, first_step = 0;
  };
  struct Gradients {
    T scale = 1;  ///< of the loss in the objective
    T* weights = nullptr;
    T* bias = nullptr;
    T* d_h = nullptr;  ///< [steps, lanes, inputs], written: 0 where nothing counts
    T smoothing = 0;  ///< ε of label smoothing: the gradient is that of Σ -Σ_c q(c)·log p(c), where q is 1-ε
                      ///< at the target plus ε/classes everywhere
  };

  /// Σ -log p(target) in nats, never smoothed, so that it stays comparable; with `gradients` what the
  /// objective's gradient needs is added (d_h: written).
  double loss(const Rows& rows, const Gradients* gradients);

  /// Of the last loss(): -log p(target) of every row, 0 where it does not count; unset before first_step.
  const double* row_nats() const { return losses_.data(); }

  /// Of the transpose; and of what loss() needs for so many steps and lanes.
  std::size_t fixed_bytes() const { return kernels::packed_size<T>(inputs_, classes_) * sizeof(T); }
  std::size_t window_bytes(int steps, int lanes) const;

  /// logits [rows, classes]. Allocates nothing after the first call.
  void logits(const T* h, int rows, T* out) { product(h, rows, out, false); }

 private:
  // rows of `in` times the weights and plus the bias, or times their transpose.
  void product(const T* in, int rows, T* out, bool transposed);
  void softmax(const Rows& rows, int first, int last, const Gradients* gradients);
  void add_gradients(const Rows& rows, int first, int last, const Gradients& gradients);

  struct ThreadData {
    std::vector<kernels::ProductPanel<T>> panels;
    std::vector<kernels::ProductTerm<T>> terms;
    AlignedArray<T> scratch;
  };

  int inputs_, classes_;
  const kernels::Kernels<T>& kernels_;
  ThreadPool& pool_;
  std::size_t weight_size_;
  const T* weights_ = nullptr;
  const T* bias_ = nullptr;
  AlignedArray<T> transposed_;
  bool transposed_valid_ = false;
  std::vector<ThreadData> threads_;
  AlignedArray<T> logits_;      // of one chunk; becomes d_logits in place
  std::vector<double> losses_;  // per row
};

}  // namespace cellwright
