// projection.h: a matrix [outputs, inputs], with or without a bias, between rows of numbers: what stands
// before a tail of the adaptive softmax, and the head of a sequence model.
//
// What always holds: the matrix is one packed block (kernels.h), the bias plain numbers; an element of a
// product and of the gradient is one chain, whatever the threads, which split rows and panels.
#pragma once

#include <vector>

#include "base/aligned.h"
#include "base/thread_pool.h"
#include "kernels/kernels.h"

namespace cellwright {

template <class T>
class Projection {
 public:
  Projection(int inputs, int outputs, const kernels::Kernels<T>& kernels, ThreadPool& pool);

  int inputs() const { return inputs_; }
  int outputs() const { return outputs_; }
  std::size_t size() const { return kernels::packed_size<T>(outputs_, inputs_); }

  std::size_t bias_size() const { return padded<T>(static_cast<std::size_t>(outputs_)); }

  void bind(const T* weights, const T* bias = nullptr);

  /// out [rows, outputs] = x [rows, inputs] times the matrix, plus the bias.
  void forward(const T* x, int rows, T* out);

  /// gradient += Σ over rows, ascending, of d_out·x, or = with `fresh`; d_x [rows, inputs] is written. rows
  /// may be 0.
  void backward(const T* x, const T* d_out, int rows, T* gradient, bool fresh, T* d_x);

  /// The same for rows [steps, lanes], summed with the step descending and the lane ascending; `bias` is the
  /// gradient of that, or null.
  struct Gradients {
    T* weights = nullptr;
    T* bias = nullptr;
    bool fresh = false;
  };
  void backward(const T* x, const T* d_out, int steps, int lanes, const Gradients& g, T* d_x);

  std::size_t fixed_bytes() const { return kernels::packed_size<T>(inputs_, outputs_) * sizeof(T); }

 private:
  void multiply(int thread, const T* a, int k, const T* weights, const T* bias, Part rows, T* out, int n);

  struct ThreadData {
    std::vector<kernels::ProductPanel<T>> panels;
    std::vector<kernels::ProductTerm<T>> terms;
    AlignedArray<T> scratch;
  };

  int inputs_, outputs_;
  const kernels::Kernels<T>& kernels_;
  ThreadPool& pool_;
  const T *weights_ = nullptr, *bias_ = nullptr;
  AlignedArray<T> transposed_;
  bool transposed_valid_ = false;
  std::vector<ThreadData> threads_;
};

}  // namespace cellwright
