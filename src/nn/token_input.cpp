// token_input.cpp: a gather forward, a scatter-add backward.
#include "nn/token_input.h"

#include <algorithm>
#include <functional>

#include "base/denormals.h"

namespace cellwright {

template <class T>
std::size_t TokenInput<T>::table_size() const {
  return embedding_ > 0 ? padded<T>(static_cast<std::size_t>(classes_) * static_cast<std::size_t>(embedding_))
                        : 0;
}

template <class T>
void TokenInput<T>::prepare(std::size_t rows) {
  const std::size_t n = rows * static_cast<std::size_t>(width());
  if (x_.size() < n) x_ = AlignedArray<T>(n);
}

template <class T>
const T* TokenInput<T>::forward(const std::int32_t* tokens, std::size_t rows) noexcept {
  const auto w = static_cast<std::size_t>(width());
  if (embedding_ > 0) {
    for (std::size_t r = 0; r < rows; ++r)
      std::copy_n(table_ + static_cast<std::size_t>(tokens[r]) * w, w, x_.data() + r * w);
  } else {
    std::fill_n(x_.data(), rows * w, T{});
    for (std::size_t r = 0; r < rows; ++r) x_[r * w + static_cast<std::size_t>(tokens[r])] = 1;
  }
  return x_.data();
}

template <class T>
void TokenInput<T>::backward(const std::int32_t* tokens, int steps, int lanes, const T* d_x, T* d_table) {
  if (embedding_ == 0) return;
  const auto w = static_cast<std::size_t>(embedding_);
  const auto add = [&](int thread) {
    const FlushDenormals flush;
    const Part columns = part(embedding_, pool_.size(), thread, static_cast<int>(kAlignment / sizeof(T)));
    for (int t = steps - 1; t >= 0; --t) {
      for (int b = 0; b < lanes; ++b) {
        const std::size_t r =
            static_cast<std::size_t>(t) * static_cast<std::size_t>(lanes) + static_cast<std::size_t>(b);
        T* row = d_table + static_cast<std::size_t>(tokens[r]) * w;
        for (int j = columns.first; j < columns.last; ++j) row[j] += d_x[r * w + static_cast<std::size_t>(j)];
      }
    }
  };
  pool_.run(std::ref(add));
}

template class TokenInput<float>;
template class TokenInput<double>;

}  // namespace cellwright
