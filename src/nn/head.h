// head.h: the linear layer from the top of the stack to the logits of all classes, and the softmax
// cross-entropy behind it.
//
// Where to start: loss. Classes are cut into tiles of kTile: a tile's weights, its logits of some rows and
// its gradient stay in the second-level cache while all that is to be done with them is done. Logits become
// exps, each tile by its own largest, and then the gradient, where they lie; the tiles' largest and sums are
// joined row by row (softmax_join). Without gradients no more than a tile is held. Gradients are made strip
// by strip, a few tiles.
//
// What always holds: weights are one packed block [classes, inputs] (kernels.h) as a recurrent layer's are;
// for a gradient, numbers of some rows are held at a time (kChunkBytes), so memory stays bounded for large
// vocabularies; sums over rows go t descending, lane ascending, sums over classes ascending, the loss
// ascending in double: neither threads nor the cutting into chunks change a bit.
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
  int classes() const { return classes_; }

  /// Parameters have new values; `bias` may be null: none. The transpose is made when loss() next needs it.
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
    T* bias = nullptr;  ///< null without a bias
    T* d_h = nullptr;   ///< [steps, lanes, inputs], written: 0 where nothing counts
    T smoothing = 0;  ///< ε of label smoothing: the gradient is that of Σ -Σ_c q(c)·log p(c), where q is 1-ε
                      ///< at the target plus ε/classes everywhere
    bool fresh = false;  ///< weights and bias hold anything: they are written, as if they were 0
  };

  /// Σ -log p(target) in nats, never smoothed, so that it stays comparable; with `gradients` what the
  /// objective's gradient needs is added (d_h: written).
  double loss(const Rows& rows, const Gradients* gradients);

  /// Of the last loss(): -log p(target) of every row, 0 where it does not count; unset before first_step.
  const double* row_nats() const { return losses_.data(); }

  /// Of the transpose; and of what loss() needs for so many steps and lanes.
  std::size_t fixed_bytes() const { return kernels::packed_size<T>(inputs_, classes_) * sizeof(T); }
  std::size_t window_bytes(int steps, int lanes, bool gradients) const;

  /// logits [rows, classes]. Allocates nothing after the first call.
  void logits(const T* h, int rows, T* out);

 private:
  /// Consecutive rows of a window that are done together: whole steps, or a part of one step's lanes.
  struct Chunk {
    const T* h;
    const std::int32_t* targets;
    double* losses;
    T* d_h;
    int steps, lanes;
    int rows() const { return steps * lanes; }
  };
  struct ThreadData {
    std::vector<kernels::ProductPanel<T>> panels;
    std::vector<kernels::ProductTerm<T>> terms;
    AlignedArray<T> tile;     // logits of some rows, where no gradient is wanted
    AlignedArray<T> scratch;  // of weight_gradient
  };

  int width_of(int tile) const;          // classes of a tile
  int width_of_strip(int strip) const;   // of a strip
  int stride_of_strip(int strip) const;  // of its rows in exps_
  static std::size_t exps_size(int classes, std::size_t rows);
  T* exps_of(int strip, int row, int rows) {
    return exps_.data() + static_cast<std::ptrdiff_t>(strip) * kStripStride * rows +
           static_cast<std::ptrdiff_t>(row) * stride_of_strip(strip);
  }

  /// Rows × panels of one product; all panels share `a`.
  struct Product {
    const T* a;
    std::ptrdiff_t a_stride;
    const T* weights;  // of the first panel
    std::ptrdiff_t panel_stride;
    int k;
    T* out;
    std::ptrdiff_t out_stride;
    const T* bias;  // of the first panel; null: none
    bool accumulate;
    int rows, columns;
  };
  void multiply(ThreadData& mine, const Product& p);

  void prepare(int rows, bool gradients);
  template <class F>
  void run(bool together, const F& f);

  // The stages of a chunk; each on the part of rows, tiles or panels that the caller names.
  void exponentiate(ThreadData& mine, const Chunk& c, int tile, Part rows, bool keep);
  void join(const Chunk& c, Part rows, T scale);
  void differentiate(const Chunk& c, Part rows, int strip, const Gradients& g);
  void add_weight_gradients(ThreadData& mine, const Chunk& c, Part panels, const Gradients& g, bool fresh);
  void add_input_gradients(ThreadData& mine, const Chunk& c, Part rows, Part panels, int strip);
  void do_chunk(const Chunk& c, const Gradients* gradients, bool fresh);

  // Classes of a tile: a row of it is 1 KB.
  static constexpr int kTile = static_cast<int>(1024 / sizeof(T));
  // Tiles that lie side by side: a strip. Its rows are a cache line longer than its classes, lest all rows
  // begin in the same set of the first-level cache.
  static constexpr int kStripTiles = 4;
  static constexpr int kStrip = kStripTiles * kTile, kStripStride = kStrip + kernels::kPanel<T>;

  int inputs_, classes_, tiles_, strips_;
  const kernels::Kernels<T>& kernels_;
  ThreadPool& pool_;
  std::size_t weight_size_;
  const T* weights_ = nullptr;
  const T* bias_ = nullptr;
  AlignedArray<T> transposed_;
  bool transposed_valid_ = false;
  std::vector<ThreadData> threads_;
  AlignedArray<T> exps_;            // of a chunk: [strips][rows][kStripStride], the last strip narrower
  AlignedArray<T> most_, factors_;  // [rows][tiles]: largest logit; sum of exps, then softmax_join's factor
  AlignedArray<T> target_logits_;   // [rows]
  std::vector<double> losses_;      // per row of the window
};

}  // namespace cellwright
