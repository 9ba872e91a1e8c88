// output_layer.h: from the top of the stack to the probabilities of all classes: one softmax over all of them
// (head.h), or the adaptive softmax of Grave et al. 2017.
//
// Where to start: loss. Adaptive: classes stand in the order of falling frequency. The head's softmax is over
// the first `cutoffs[0]` classes, the shortlist, and one class more for each cluster of the others; cluster i
// (classes cutoffs[i] … the next cutoff) has a softmax of its own, its tail, that reads the top through a
// projection to width/4^(i+1). A class's probability is its cluster's times its own within the cluster. So
// a rare class costs little: a tail is computed for the rows whose target lies in it.
//
// What always holds: head.h's; a tail's sums run over its rows in the order of all: t descending, lane
// ascending.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "nn/head.h"
#include "nn/projection.h"

namespace cellwright {

/// A tensor of the layer: "weight" [rows, columns], "bias" [rows], "tails.0.projection", "tails.0.weight", ….
struct OutputTensor {
  std::string name;
  int rows = 0, columns = 1;
  bool matrix = true;  ///< packed; else plain numbers
};

/// In the order of the flat array; cutoffs as in ModelSpec, checked.
std::vector<OutputTensor> output_tensors(int inputs, int classes, const std::vector<int>& cutoffs);

/// Width of tail i's projection; 0 where the inputs are too few for it.
int tail_width(int inputs, std::size_t tail);

template <class T>
class OutputLayer {
 public:
  using Rows = typename Head<T>::Rows;
  struct Gradients {
    T scale = 1;              ///< of the loss in the objective
    T* parameters = nullptr;  ///< as the layer's part of the flat array; added to, or with `fresh` written
    T* d_h = nullptr;         ///< as Head's
    T smoothing = 0;          ///< as Head's; 0 with an adaptive softmax
    bool fresh = false;
  };

  OutputLayer(int inputs, int classes, const std::vector<int>& cutoffs, const kernels::Kernels<T>& kernels,
              ThreadPool& pool);

  std::size_t size() const { return size_; }                                 ///< numbers in the flat array
  std::size_t offset(std::size_t tensor) const { return offsets_[tensor]; }  ///< of output_tensors()
  int inputs() const { return inputs_; }

  void bind(const T* parameters);  ///< parameters have new values

  /// As Head's: Σ -log p(target) of the rows that count, and with `gradients` the objective's gradient.
  double loss(const Rows& rows, const Gradients* gradients);
  const double* row_nats() const { return tails_.empty() ? head_.row_nats() : nats_.data(); }

  /// [rows, classes]: logits, or with an adaptive softmax log p, which are logits as good as any. Allocates
  /// nothing after the first call with so many rows.
  void logits(const T* h, int rows, T* out);

  std::size_t fixed_bytes() const;
  std::size_t window_bytes(int steps, int lanes, bool gradients) const;  ///< whatever the targets are

 private:
  struct Tail {
    int first, last;  // classes
    Projection<T> projection;
    Head<T> head;
  };
  int cluster_of(std::int32_t target) const;  // -1: the shortlist
  void add_tail(const Rows& rows, std::size_t tail, const Gradients* gradients);
  T log_sum(const T* logits, int n);

  int inputs_, classes_;
  const kernels::Kernels<T>& kernels_;
  ThreadPool& pool_;
  int shortlist_;
  Head<T> head_;
  std::vector<std::unique_ptr<Tail>> tails_;
  std::vector<std::size_t> offsets_;
  std::size_t size_ = 0;

  std::vector<std::int32_t> head_targets_, tail_targets_;
  std::vector<std::size_t> chosen_;  // rows of a tail, in the chain's order
  std::vector<double> nats_;
  AlignedArray<T> x_, d_x_;            // [chosen, inputs]
  AlignedArray<T> hidden_, d_hidden_;  // [chosen, the tail's width]
  AlignedArray<T> logits_;             // of the head, then of a tail
  std::vector<T> exps_, most_, sums_;
};

}  // namespace cellwright
