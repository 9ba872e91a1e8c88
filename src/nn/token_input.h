// token_input.h: tokens to vectors: a row of the embedding table each, or a one-hot vector where there is no
// table.
//
// What always holds: the table is [classes, width] row major in the model's flat array; its gradient is
// summed in the order t descending, lane ascending, whatever the threads, because they split columns.
#pragma once

#include <cstdint>

#include "base/aligned.h"
#include "base/thread_pool.h"

namespace cellwright {

template <class T>
class TokenInput {
 public:
  /// embedding 0: one-hot vectors.
  TokenInput(int classes, int embedding, ThreadPool& pool)
      : classes_(classes), embedding_(embedding), pool_(pool) {}

  int width() const { return embedding_ > 0 ? embedding_ : classes_; }
  std::size_t table_size() const;  ///< numbers in the flat array, whole cache lines; 0 for one-hot
  void bind(const T* table) { table_ = table; }

  /// Makes room for rows.
  void prepare(std::size_t rows);

  /// [rows, width], valid until the next call. Tokens must lie in [0, classes).
  const T* forward(const std::int32_t* tokens, std::size_t rows) noexcept;

  /// d_table += for the rows of `tokens` [steps, lanes], given the gradient of forward()'s result.
  void backward(const std::int32_t* tokens, int steps, int lanes, const T* d_x, T* d_table);

 private:
  int classes_;
  int embedding_;
  ThreadPool& pool_;
  const T* table_ = nullptr;
  AlignedArray<T> x_;
};

}  // namespace cellwright
