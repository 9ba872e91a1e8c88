// row_reader.cpp: see row_reader.h.
#include "nn/row_reader.h"

#include <algorithm>

namespace cellwright {
namespace {

/// Where a lane's steps are that are no padding.
struct Extent {
  int first = -1, last = -1, count = 0;
};

std::vector<Extent> extents(int steps, int lanes, const std::uint8_t* mask) {
  std::vector<Extent> all(static_cast<std::size_t>(lanes));
  for (int t = 0; t < steps; ++t) {
    for (std::size_t b = 0; b < all.size(); ++b) {
      if (mask && mask[static_cast<std::size_t>(t) * all.size() + b] == 0) continue;
      if (all[b].count++ == 0) all[b].first = t;
      all[b].last = t;
    }
  }
  return all;
}

}  // namespace

template <class T>
RowReader<T>::RowReader(Reading reading, const Wiring& wiring)
    : reading_(reading), width_(static_cast<std::size_t>(wiring.outputs[0])) {
  const std::size_t layers = wiring.layer_outputs.size();
  for (std::size_t l = wiring.spec.skip ? 0 : layers - 1; l < layers; ++l) {
    const LayerSpec::Direction direction = wiring.spec.layers[l].direction;
    const int size = wiring.layer_outputs[l][0];
    for (int i = 0; i < size; ++i) {
      backwards_.push_back(direction == LayerSpec::Direction::reverse ||
                           (direction == LayerSpec::Direction::both && i >= size / 2));
    }
  }
}

template <class T>
void RowReader<T>::read(const T* h, int steps, int lanes, const std::uint8_t* mask, T* rows) const {
  const std::vector<Extent> extent = extents(steps, lanes, mask);
  const auto n = static_cast<std::size_t>(lanes);
  std::vector<double> sum(width_);
  for (std::size_t b = 0; b < n; ++b) {
    T* row = rows + b * width_;
    std::fill_n(row, width_, T{});
    const Extent& e = extent[b];
    if (e.count == 0) continue;
    if (reading_ == Reading::last) {
      for (std::size_t j = 0; j < width_; ++j) {
        const auto t = static_cast<std::size_t>(backwards_[j] ? e.first : e.last);
        row[j] = h[(t * n + b) * width_ + j];
      }
      continue;
    }
    std::fill(sum.begin(), sum.end(), 0.0);
    for (auto t = static_cast<std::size_t>(e.first); t <= static_cast<std::size_t>(e.last); ++t) {
      if (mask && mask[t * n + b] == 0) continue;
      for (std::size_t j = 0; j < width_; ++j) sum[j] += static_cast<double>(h[(t * n + b) * width_ + j]);
    }
    for (std::size_t j = 0; j < width_; ++j) row[j] = static_cast<T>(sum[j] / e.count);
  }
}

template <class T>
void RowReader<T>::spread(const T* d_rows, int steps, int lanes, const std::uint8_t* mask, T* d_h) const {
  const std::vector<Extent> extent = extents(steps, lanes, mask);
  const auto n = static_cast<std::size_t>(lanes);
  std::fill_n(d_h, static_cast<std::size_t>(steps) * n * width_, T{});
  for (std::size_t b = 0; b < n; ++b) {
    const T* row = d_rows + b * width_;
    const Extent& e = extent[b];
    if (e.count == 0) continue;
    if (reading_ == Reading::last) {
      for (std::size_t j = 0; j < width_; ++j) {
        const auto t = static_cast<std::size_t>(backwards_[j] ? e.first : e.last);
        d_h[(t * n + b) * width_ + j] = row[j];
      }
      continue;
    }
    for (auto t = static_cast<std::size_t>(e.first); t <= static_cast<std::size_t>(e.last); ++t) {
      if (mask && mask[t * n + b] == 0) continue;
      for (std::size_t j = 0; j < width_; ++j)
        d_h[(t * n + b) * width_ + j] = static_cast<T>(static_cast<double>(row[j]) / e.count);
    }
  }
}

template class RowReader<float>;
template class RowReader<double>;

}  // namespace cellwright
