// max_norm.cpp: see max_norm.h.
#include "optim/max_norm.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "kernels/kernels.h"

namespace cellwright {

template <class T>
MaxNorm<T>::MaxNorm(const std::vector<RowBlock>& blocks, double limit) : limit_(limit) {
  constexpr int kPanel = kernels::kPanel<T>;
  std::map<int, std::vector<Panel>> tensors;
  for (const RowBlock& b : blocks) {
    for (int r = 0; r < b.rows; r += kPanel) {
      tensors[b.tensor].push_back(
          {b.first + static_cast<std::size_t>(r) * static_cast<std::size_t>(b.columns), b.row + r,
           std::min(kPanel, b.rows - r), b.columns});
    }
  }
  for (auto& [tensor, panels] : tensors) {
    std::stable_sort(panels.begin(), panels.end(),
                     [](const Panel& a, const Panel& b) { return a.row < b.row; });
    int end = 0;  // of the rows of the last strip of this tensor
    for (const Panel& p : panels) {
      if (p.row >= end || strips_.empty()) strips_.push_back({p.row, 0, {}});
      Strip& strip = strips_.back();
      strip.panels.push_back(p);
      end = std::max(end, p.row + p.rows);
      strip.rows = end - strip.row;
    }
  }
  for (const Strip& s : strips_) most_rows_ = std::max(most_rows_, s.rows);
}

template <class T>
void MaxNorm<T>::apply(T* parameters, int first, int last) const {
  constexpr int kPanel = kernels::kPanel<T>;
  std::vector<T> squares(static_cast<std::size_t>(most_rows_)), factors(squares.size());
  const T limit = static_cast<T>(limit_), limit_squared = limit * limit;
  for (int i = first; i < last; ++i) {
    const Strip& strip = strips_[static_cast<std::size_t>(i)];
    std::fill_n(squares.begin(), strip.rows, T{});
    for (const Panel& p : strip.panels) {
      const T* x = parameters + p.first;
      T sum[kPanel] = {};
      for (int c = 0; c < p.columns; ++c, x += kPanel) {
        for (int j = 0; j < kPanel; ++j) sum[j] += x[j] * x[j];
      }
      T* to = squares.data() + (p.row - strip.row);
      for (int j = 0; j < p.rows; ++j) to[j] += sum[j];
    }
    bool any = false;
    for (int r = 0; r < strip.rows; ++r) {
      const auto at = static_cast<std::size_t>(r);
      const bool over = squares[at] > limit_squared;
      factors[at] = over ? limit / std::sqrt(squares[at]) : T{1};
      any = any || over;
    }
    if (!any) continue;
    for (const Panel& p : strip.panels) {
      T times[kPanel] = {};  // absent rows are 0 and stay so
      std::copy_n(factors.data() + (p.row - strip.row), p.rows, times);
      T* x = parameters + p.first;
      for (int c = 0; c < p.columns; ++c, x += kPanel) {
        for (int j = 0; j < kPanel; ++j) x[j] *= times[j];
      }
    }
  }
}

template class MaxNorm<float>;
template class MaxNorm<double>;

}  // namespace cellwright
