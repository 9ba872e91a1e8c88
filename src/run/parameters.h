// parameters.h: where each piece of a cell's parameters lies in one flat packed array, and the way in and out
// of it.
#pragma once

#include <cstddef>
#include <vector>

#include "compile/plan.h"

namespace cellwright {

/// Offsets of the pieces of a plan in an array of T. Matrices are packed for the forward product (kernels.h),
/// vectors padded to whole cache lines; the padding is 0 and stays 0 under every optimiser. Gradients and
/// optimiser state use the same layout.
template <class T>
class ParameterLayout {
 public:
  explicit ParameterLayout(const Plan& plan);

  std::size_t size() const { return size_; }  ///< numbers, a multiple of a cache line
  std::size_t offset(int piece) const { return offsets_[static_cast<std::size_t>(piece)]; }

  /// Numbers of parameter `index` in its stored shape: row major [rows, columns]; block-diagonal [rows,
  /// columns/blocks].
  std::size_t stored_size(int index) const;

  /// Writes a parameter given in its stored shape into the packed array, and back. Entries that a structure
  /// lacks read as 0.
  void pack(int index, const T* stored, T* packed) const;
  void unpack(int index, const T* packed, T* stored) const;

  /// Entries [offset, offset + size) of a vector parameter, out of the packed array.
  void read_vector(int index, int offset, int size, const T* packed, T* entries) const;

  const std::vector<Parameter>& parameters() const { return parameters_; }
  const std::vector<Piece>& pieces() const { return pieces_; }

 private:
  std::vector<Parameter> parameters_;
  std::vector<Piece> pieces_;
  std::vector<std::size_t> offsets_;
  std::size_t size_ = 0;
};

}  // namespace cellwright
