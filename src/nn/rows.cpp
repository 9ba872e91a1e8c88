// rows.cpp: see rows.h.
#include "nn/rows.h"

#include <algorithm>
#include <cstddef>
#include <functional>

#include "base/denormals.h"

namespace cellwright {
namespace {

// Below so many numbers waking the team costs more than it brings.
constexpr std::size_t kWorthThreads = std::size_t{1} << 14;

}  // namespace

template <class T>
void move_rows(ThreadPool& pool, int steps, int lanes, int n, Columns<const T> from, Columns<T> to, bool add,
               const std::uint8_t* mask) {
  const int rows = steps * lanes;
  const auto row_of = [&](int row, bool turned) {
    return static_cast<std::size_t>(turned ? (steps - 1 - row / lanes) * lanes + row % lanes : row);
  };
  const auto move = [&](int first, int last) {
    const FlushDenormals flush;
    for (int r = first; r < last; ++r) {
      if (mask && mask[r] == 0) continue;
      const T* a = from.data + row_of(r, from.turned) * static_cast<std::size_t>(from.width) + from.offset;
      T* b = to.data + row_of(r, to.turned) * static_cast<std::size_t>(to.width) + to.offset;
      if (add) {
        for (int k = 0; k < n; ++k) b[k] += a[k];
      } else {
        std::copy_n(a, n, b);
      }
    }
  };
  if (static_cast<std::size_t>(rows) * static_cast<std::size_t>(n) < kWorthThreads) {
    move(0, rows);
    return;
  }
  const auto run = [&](int thread) {
    const Part mine = part(rows, pool.size(), thread);
    move(mine.first, mine.last);
  };
  pool.run(std::ref(run));
}

template void move_rows<float>(ThreadPool&, int, int, int, Columns<const float>, Columns<float>, bool,
                               const std::uint8_t*);
template void move_rows<double>(ThreadPool&, int, int, int, Columns<const double>, Columns<double>, bool,
                                const std::uint8_t*);

}  // namespace cellwright
