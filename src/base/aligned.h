// aligned.h: an array that starts on a cache line, zero-filled, for everything that kernels read or write.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <utility>

namespace cellwright {

inline constexpr std::size_t kAlignment = 64;

/// Rounds a count of T up to whole cache lines.
template <class T>
constexpr std::size_t padded(std::size_t count) {
  constexpr std::size_t per_line = kAlignment / sizeof(T);
  return (count + per_line - 1) / per_line * per_line;
}

/// Fixed-size, movable, copyable. Capacity is a whole number of cache lines and the padding is zero, so kernels may read it.
template <class T>
class AlignedArray {
 public:
  AlignedArray() = default;
  explicit AlignedArray(std::size_t size) : size_(size) {
    if (size == 0) return;
    data_.reset(static_cast<T*>(::operator new(padded<T>(size) * sizeof(T), std::align_val_t{kAlignment})));
    std::fill_n(data_.get(), padded<T>(size), T{});
  }
  AlignedArray(const AlignedArray& other) : AlignedArray(other.size_) { std::copy_n(other.data(), size_, data()); }
  AlignedArray(AlignedArray&& other) noexcept : size_(std::exchange(other.size_, 0)), data_(std::move(other.data_)) {}
  AlignedArray& operator=(AlignedArray other) noexcept {
    std::swap(size_, other.size_);
    std::swap(data_, other.data_);
    return *this;
  }

  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](std::size_t i) { return data_.get()[i]; }
  const T& operator[](std::size_t i) const { return data_.get()[i]; }
  T* begin() { return data(); }
  T* end() { return data() + size_; }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size_; }
  void fill(T value) { std::fill_n(data(), size_, value); }

 private:
  struct Free {
    void operator()(T* p) const { ::operator delete(p, std::align_val_t{kAlignment}); }
  };
  std::size_t size_ = 0;
  std::unique_ptr<T, Free> data_;
};

}  // namespace cellwright
