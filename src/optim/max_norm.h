// max_norm.h: a bound on the weights that come into each unit (Srebro & Shraibman 2005; Hinton et al. 2012):
// a row of a matrix whose Euclidean norm exceeds the limit is scaled down to it, after every update.
//
// What always holds: a row's sum is one chain in the order of blocks and columns, on one thread; rows that
// fit keep their bits, and padding stays 0.
#pragma once

#include <cstddef>
#include <vector>

namespace cellwright {

/// A packed block (kernels::pack) of a matrix in the flat array of parameters.
struct RowBlock {
  int tensor = 0;         ///< rows of one tensor with the same number belong together, across its blocks
  std::size_t first = 0;  ///< where it begins in the flat array
  int row = 0, rows = 0;  ///< within the tensor
  int columns = 0;
};

template <class T>
class MaxNorm {
 public:
  /// limit > 0.
  MaxNorm(const std::vector<RowBlock>& blocks, double limit);

  /// Independent portions of the work, for threads to share.
  int strips() const { return static_cast<int>(strips_.size()); }

  /// Over strips [first, last) of a whole array. Costs a pass over the weights and one over those that
  /// change.
  void apply(T* parameters, int first, int last) const;

 private:
  struct Panel {
    std::size_t first;  // in the flat array
    int row, rows, columns;
  };
  /// Panels whose rows overlap, directly or by way of others: all there is of those rows.
  struct Strip {
    int row, rows;
    std::vector<Panel> panels;
  };

  std::vector<Strip> strips_;
  double limit_;
  int most_rows_ = 0;
};

extern template class MaxNorm<float>;
extern template class MaxNorm<double>;

}  // namespace cellwright
