// parameter_noise.h: a layer's parameters as one update of training sees them: some entries dropped
// (weight-drop, Merity et al. 2018), noise on all of them (weight noise, Graves 2011).
//
// Where to start: draw. What always holds: forward and backward read the copy that draw() makes; the
// optimiser and inference never see it. What happens to an entry is a function of the seed, the stream (layer
// and update), the tensor's name and the entry's row and column in the stored tensor: not of packing or
// threads.
//
// The numbers. Entry (row, column) takes 16 bits u: half column % 8 (low half of a word first) of
// Random(seed, stream + hash_name(what + name)).words(row, column / 8), where `what` is "weight_drop." or
// "weight_noise."; a vector's entries are columns of row 0. Weight-drop: dropped where u < d, else divided by
// the chance to live, 1 - d/65536; d is the rate times 65536, rounded, at least 1. Weight noise: σ times the
// middle one of 65536 equally likely slices of the normal distribution, so none is beyond 4.3 σ: sixteen bits
// and a table make noise on every weight cheap. Noise comes first, so what is dropped is 0.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/aligned.h"
#include "base/thread_pool.h"
#include "graph/regularise.h"
#include "run/parameters.h"

namespace cellwright {

struct ParameterNoiseSpec {
  double weight_drop = 0;                       ///< in [0, 1)
  std::vector<std::vector<ColumnRange>> sites;  ///< of weight-drop: recurrent_columns() of the layer's graph
  double deviation = 0;                         ///< σ of the noise on all parameters, biases too
  bool any() const { return weight_drop > 0 || deviation > 0; }
};

template <class T>
class ParameterNoise {
 public:
  /// Keeps references to layout and pool. Memory: a copy of the parameters; with weight-drop, another.
  ParameterNoise(const ParameterLayout<T>& layout, ParameterNoiseSpec spec, ThreadPool& pool);

  /// The perturbed copy of `parameters` (layout().size() numbers), valid until the next call. Allocates
  /// nothing.
  const T* draw(const T* parameters, std::uint64_t seed, std::uint64_t stream);

  /// From gradients with respect to the copy to those with respect to the parameters: what was dropped gets
  /// 0.
  void chain(T* gradients) const;

 private:
  // Up to a panel's rows of a piece: what a thread does at a time.
  struct Job {
    int piece = 0, panel = 0;
    std::vector<ColumnRange> dropped;  // columns of the piece
  };
  struct Draw {
    const T* parameters;
    std::uint64_t seed, stream;
  };
  std::size_t place(const Job& job) const;
  void vector_job(const Job& job, const Draw& draw);
  void matrix_job(const Job& job, const Draw& draw);
  template <class F>
  void each_job(const F& f) const;

  const ParameterLayout<T>& layout_;
  ParameterNoiseSpec spec_;
  ThreadPool& pool_;
  std::vector<Job> jobs_;
  AlignedArray<T> copy_;
  AlignedArray<T> scales_;  // of entries that may be dropped, at their places in the layout
};

/// The middles of 65536 equally likely slices of N(0, 1), scaled to variance 1: of slice `u` ± entry u / 2,
/// the odd ones negative. 32768 numbers, made on the first call.
const std::vector<float>& normal_slices();

}  // namespace cellwright
