// token_input.h: tokens to vectors: a row of the embedding table each, or a one-hot vector where there is no
// table. Where the first layer takes the token itself (Stack::takes_one_hot), that vector is never made.
//
// What always holds: the table is [classes, width] row major in the model's flat array or, tied, the head's
// packed block, which is read where it lies; its gradient is summed in the order t descending, lane
// ascending, whatever the threads, because they split columns.
#pragma once

#include <cstdint>

#include "base/aligned.h"
#include "base/thread_pool.h"
#include "nn/spec.h"

namespace cellwright {

template <class T>
class TokenInput {
 public:
  /// Takes classes, embedding, tied and embedding_dropout from the specification, which was checked.
  TokenInput(const ModelSpec& spec, ThreadPool& pool);

  int width() const { return embedding_ > 0 ? embedding_ : classes_; }
  std::size_t table_size() const;  ///< numbers of its own in the flat array, whole cache lines; 0 for one-hot
                                   ///< and for a tied table, which is the head's
  void bind(const T* table) { table_ = table; }

  /// Makes room for rows.
  void prepare(std::size_t rows);

  /// Dropout of an update is a function of these and the token: all its occurrences in a window live or die
  /// together. What lives is divided by the chance to live, which is a multiple of 2^-32.
  void set_noise(std::uint64_t seed, std::uint64_t update);

  /// [rows, width], valid until the next call. Tokens must lie in [0, classes). Dropout in training alone.
  const T* forward(bool training, const std::int32_t* tokens, std::size_t rows) noexcept;

  /// d_table += for the rows of `tokens` [steps, lanes] of the last forward() in training, given the gradient
  /// of its result. A dropped row adds nothing.
  /// Tied, the sum is kept apart until finish(): the head adds to the same numbers, and the order of a sum
  /// must not depend on how a window is cut.
  void backward(const std::int32_t* tokens, int steps, int lanes, const T* d_x, T* d_table);

  /// After the last backward() of a window: `tokens` are all of it.
  void finish(const std::int32_t* tokens, std::size_t rows, T* d_table);

  std::size_t window_bytes(std::size_t rows) const;

 private:
  // Where the table's entry (token, 0) lies, and the distance of the row's further ones.
  std::size_t at(std::int32_t token) const;
  std::size_t stride() const;
  T scale_of(std::int32_t token) const;

  int classes_;
  int embedding_;
  bool tied_;
  double dropout_;
  ThreadPool& pool_;
  std::uint64_t seed_ = 0, stream_ = 0;
  const T* table_ = nullptr;
  AlignedArray<T> x_;
  AlignedArray<T> scales_;  // of the rows, with dropout
  AlignedArray<T> apart_;   // tied: the table's gradient; 0 between windows
};

}  // namespace cellwright
