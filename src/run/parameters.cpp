// parameters.cpp: see parameters.h.
#include "run/parameters.h"

#include <algorithm>

#include "base/aligned.h"
#include "kernels/kernels.h"

namespace cellwright {
namespace {

int stored_columns(const Parameter& p) {
  return p.structure == Structure::kBlockDiagonal ? p.columns / p.blocks : p.columns;
}

int stored_column(const Parameter& p, const Piece& piece) {
  return p.structure == Structure::kBlockDiagonal ? 0 : piece.column;
}

}  // namespace

template <class T>
ParameterLayout<T>::ParameterLayout(const Plan& plan)
    : parameters_(plan.graph.parameters), pieces_(plan.pieces) {
  for (const Piece& piece : pieces_) {
    offsets_.push_back(size_);
    size_ += piece.matrix ? kernels::packed_size<T>(piece.rows, piece.columns)
                          : padded<T>(static_cast<std::size_t>(piece.rows));
  }
}

template <class T>
std::size_t ParameterLayout<T>::stored_size(int index) const {
  const Parameter& p = parameters_[static_cast<std::size_t>(index)];
  return static_cast<std::size_t>(p.rows) * static_cast<std::size_t>(stored_columns(p));
}

template <class T>
void ParameterLayout<T>::pack(int index, const T* stored, T* packed) const {
  const Parameter& p = parameters_[static_cast<std::size_t>(index)];
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const Piece& piece = pieces_[i];
    if (piece.parameter != index) continue;
    if (piece.matrix) {
      kernels::pack(stored, stored_columns(p), piece.row, piece.rows, stored_column(p, piece), piece.columns,
                    packed + offsets_[i]);
    } else {
      std::copy_n(stored + piece.row, piece.rows, packed + offsets_[i]);
    }
  }
}

template <class T>
void ParameterLayout<T>::unpack(int index, const T* packed, T* stored) const {
  const Parameter& p = parameters_[static_cast<std::size_t>(index)];
  std::fill_n(stored, stored_size(index), T{});
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const Piece& piece = pieces_[i];
    if (piece.parameter != index) continue;
    if (piece.matrix) {
      kernels::unpack(packed + offsets_[i], piece.row, piece.rows, stored_column(p, piece), piece.columns,
                      stored, stored_columns(p));
    } else {
      std::copy_n(packed + offsets_[i], piece.rows, stored + piece.row);
    }
  }
}

template <class T>
void ParameterLayout<T>::read_vector(int index, int offset, int size, const T* packed, T* entries) const {
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const Piece& piece = pieces_[i];
    if (piece.parameter != index) continue;
    const int first = std::max(piece.row, offset), last = std::min(piece.row + piece.rows, offset + size);
    for (int k = first; k < last; ++k)
      entries[k - offset] = packed[offsets_[i] + static_cast<std::size_t>(k - piece.row)];
  }
}

template class ParameterLayout<float>;
template class ParameterLayout<double>;

}  // namespace cellwright
