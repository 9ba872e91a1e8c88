// token_input.cpp: a gather forward, a scatter-add backward.
#include "nn/token_input.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/denormals.h"
#include "base/rng.h"
#include "kernels/kernels.h"

namespace cellwright {

template <class T>
TokenInput<T>::TokenInput(const ModelSpec& spec, ThreadPool& pool)
    : classes_(spec.classes),
      embedding_(spec.embedding),
      tied_(spec.tied),
      dropout_(spec.embedding_dropout),
      pool_(pool) {
  set_noise(0, 0);
}

template <class T>
std::size_t TokenInput<T>::table_size() const {
  if (embedding_ == 0 || tied_) return 0;
  return padded<T>(static_cast<std::size_t>(classes_) * static_cast<std::size_t>(embedding_));
}

template <class T>
void TokenInput<T>::prepare(std::size_t rows) {
  const std::size_t n = rows * static_cast<std::size_t>(width());
  if (x_.size() < n) x_ = AlignedArray<T>(n);
  if (dropout_ > 0 && scales_.size() < rows) scales_ = AlignedArray<T>(rows);
}

template <class T>
void TokenInput<T>::set_noise(std::uint64_t seed, std::uint64_t update) {
  seed_ = seed;
  stream_ = hash_name("noise.embedding") + update * 0x9E3779B97F4A7C15u;  // odd: no two updates share one
}

template <class T>
std::size_t TokenInput<T>::at(std::int32_t token) const {
  const auto row = static_cast<std::size_t>(token), w = static_cast<std::size_t>(embedding_);
  constexpr auto kPanel = static_cast<std::size_t>(kernels::kPanel<T>);
  return tied_ ? row / kPanel * kPanel * w + row % kPanel : row * w;
}

template <class T>
std::size_t TokenInput<T>::stride() const {
  return tied_ ? static_cast<std::size_t>(kernels::kPanel<T>) : 1;
}

template <class T>
T TokenInput<T>::scale_of(std::int32_t token) const {
  const double dropped = std::max(1.0, std::round(dropout_ * 0x1p32));
  const auto word = Random(seed_, stream_).words(static_cast<std::uint64_t>(token))[0];
  return static_cast<double>(word) < dropped ? T{} : static_cast<T>(1 / (1 - dropped * 0x1p-32));
}

template <class T>
const T* TokenInput<T>::forward(bool training, const std::int32_t* tokens, std::size_t rows) noexcept {
  const auto w = static_cast<std::size_t>(width());
  if (embedding_ == 0) {
    std::fill_n(x_.data(), rows * w, T{});
    for (std::size_t r = 0; r < rows; ++r) x_[r * w + static_cast<std::size_t>(tokens[r])] = 1;
    return x_.data();
  }
  const bool drop = training && dropout_ > 0;
  const std::size_t step = stride();
  for (std::size_t r = 0; r < rows; ++r) {
    const T* from = table_ + at(tokens[r]);
    T* to = x_.data() + r * w;
    const T scale = drop ? scale_of(tokens[r]) : T{1};
    if (drop) scales_[r] = scale;
    if (scale == T{}) {
      std::fill_n(to, w, T{});
    } else {
      for (std::size_t j = 0; j < w; ++j) to[j] = from[j * step] * scale;
    }
  }
  return x_.data();
}

template <class T>
void TokenInput<T>::backward(const std::int32_t* tokens, int steps, int lanes, const T* d_x, T* d_table) {
  if (embedding_ == 0) return;
  const auto w = static_cast<std::size_t>(embedding_), step = stride();
  if (tied_) {
    if (apart_.empty()) apart_ = AlignedArray<T>(kernels::packed_size<T>(classes_, embedding_));
    d_table = apart_.data();
  }
  const auto add = [&](int thread) {
    const FlushDenormals flush;
    const Part columns = part(embedding_, pool_.size(), thread, static_cast<int>(kAlignment / sizeof(T)));
    for (int t = steps - 1; t >= 0; --t) {
      for (int b = 0; b < lanes; ++b) {
        const std::size_t r =
            static_cast<std::size_t>(t) * static_cast<std::size_t>(lanes) + static_cast<std::size_t>(b);
        const T scale = dropout_ > 0 ? scales_[r] : T{1};
        if (scale == T{}) continue;
        T* row = d_table + at(tokens[r]);
        for (auto j = static_cast<std::size_t>(columns.first); j < static_cast<std::size_t>(columns.last);
             ++j)
          row[j * step] += d_x[r * w + j] * scale;
      }
    }
  };
  pool_.run(std::ref(add));
}

template <class T>
void TokenInput<T>::finish(const std::int32_t* tokens, std::size_t rows, T* d_table) {
  if (!tied_ || apart_.empty()) return;
  const auto w = static_cast<std::size_t>(embedding_), step = stride();
  for (std::size_t r = 0; r < rows; ++r) {  // a token that comes again finds zeros
    const std::size_t first = at(tokens[r]);
    for (std::size_t j = 0; j < w; ++j) {
      d_table[first + j * step] += apart_[first + j * step];
      apart_[first + j * step] = T{};
    }
  }
}

template <class T>
std::size_t TokenInput<T>::window_bytes(std::size_t rows) const {
  return (rows * static_cast<std::size_t>(width() + (dropout_ > 0 ? 1 : 0)) +
          (tied_ ? kernels::packed_size<T>(classes_, embedding_) : 0)) *
         sizeof(T);
}

template class TokenInput<float>;
template class TokenInput<double>;

}  // namespace cellwright
