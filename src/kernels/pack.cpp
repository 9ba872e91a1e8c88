// pack.cpp: between row-major matrices and packed panels, and from a packed block to its packed transpose.
//
// Start at pack(). A packed [rows, columns] block is ceil(rows/kPanel) panels of [columns][kPanel]; entry (r,
// c) stands at (r/kPanel·columns + c)·kPanel + r%kPanel, so one column of a panel is one cache line. Lines
// missing in the last panel are 0.
#include <algorithm>

#include "kernels/kernels.h"

namespace cellwright::kernels {

template <class T>
std::size_t packed_size(int rows, int columns) {
  const std::size_t panels = (static_cast<std::size_t>(rows) + kPanel<T> - 1) / kPanel<T>;
  return panels * static_cast<std::size_t>(columns) * kPanel<T>;
}

template <class T>
void pack(const T* matrix, std::ptrdiff_t stride, int row, int rows, int column, int columns, T* packed) {
  for (int first = 0; first < rows; first += kPanel<T>) {
    const int width = std::min(kPanel<T>, rows - first);
    const T* from = matrix + (row + first) * stride + column;
    for (int c = 0; c < columns; ++c, packed += kPanel<T>) {
      for (int r = 0; r < width; ++r) packed[r] = from[r * stride + c];
      for (int r = width; r < kPanel<T>; ++r) packed[r] = T(0);
    }
  }
}

template <class T>
void unpack(const T* packed, int row, int rows, int column, int columns, T* matrix, std::ptrdiff_t stride) {
  for (int first = 0; first < rows; first += kPanel<T>) {
    const int width = std::min(kPanel<T>, rows - first);
    T* to = matrix + (row + first) * stride + column;
    for (int c = 0; c < columns; ++c, packed += kPanel<T>) {
      for (int r = 0; r < width; ++r) to[r * stride + c] = packed[r];
    }
  }
}

template <class T>
void pack_transpose(const T* packed, int rows, int columns, int first, int last, T* transposed) {
  // Square blocks of kPanel × kPanel: both sides of a block are kPanel cache lines, so it stays in the
  // first-level cache.
  const std::ptrdiff_t from_panel = static_cast<std::ptrdiff_t>(columns) * kPanel<T>;
  const std::ptrdiff_t to_panel = static_cast<std::ptrdiff_t>(rows) * kPanel<T>;
  for (int c0 = 0; c0 < columns; c0 += kPanel<T>, transposed += to_panel) {
    const int width = std::min(kPanel<T>, columns - c0);
    for (int r0 = first; r0 < last; r0 += kPanel<T>) {
      const int height = std::min(kPanel<T>, last - r0);
      const T* from = packed + r0 / kPanel<T> * from_panel + static_cast<std::ptrdiff_t>(c0) * kPanel<T>;
      T* to = transposed + static_cast<std::ptrdiff_t>(r0) * kPanel<T>;
      for (int r = 0; r < height; ++r, to += kPanel<T>) {
        for (int c = 0; c < width; ++c) to[c] = from[c * kPanel<T> + r];
        for (int c = width; c < kPanel<T>; ++c) to[c] = T(0);
      }
    }
  }
}

template <class T>
void pack_transpose(const T* packed, int rows, int columns, T* transposed) {
  pack_transpose(packed, rows, columns, 0, rows, transposed);
}

template std::size_t packed_size<float>(int, int);
template std::size_t packed_size<double>(int, int);
template void pack(const float*, std::ptrdiff_t, int, int, int, int, float*);
template void pack(const double*, std::ptrdiff_t, int, int, int, int, double*);
template void unpack(const float*, int, int, int, int, float*, std::ptrdiff_t);
template void unpack(const double*, int, int, int, int, double*, std::ptrdiff_t);
template void pack_transpose(const float*, int, int, int, int, float*);
template void pack_transpose(const double*, int, int, int, int, double*);
template void pack_transpose(const float*, int, int, float*);
template void pack_transpose(const double*, int, int, double*);

}  // namespace cellwright::kernels
