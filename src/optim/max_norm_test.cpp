// max_norm_test.cpp: rows over blocks cut in every way against plain loops over the unpacked matrix.
#include "optim/max_norm.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/rng.h"
#include "kernels/kernels.h"

namespace cellwright {
namespace {

struct Cut {
  int row, rows, column, columns;
};

// A [rows, columns] matrix in blocks; numbers outside them are 0.
template <class T>
void expect_rows_bounded(int rows, int columns, const std::vector<Cut>& cuts, int threads) {
  std::vector<T> dense(static_cast<std::size_t>(rows * columns));
  const Random random(1, 2);
  for (const Cut& c : cuts) {
    for (int r = c.row; r < c.row + c.rows; ++r) {
      for (int k = c.column; k < c.column + c.columns; ++k) {
        const auto at = static_cast<std::size_t>(r * columns + k);
        dense[at] = static_cast<T>((r % 3 == 0 ? 0.01 : 1.0) * random.normal(at));
      }
    }
  }
  std::vector<T> flat;
  std::vector<RowBlock> blocks;
  for (const Cut& c : cuts) {
    blocks.push_back({3, flat.size(), c.row, c.rows, c.columns});
    flat.resize(flat.size() + kernels::packed_size<T>(c.rows, c.columns));
    kernels::pack(dense.data(), columns, c.row, c.rows, c.column, c.columns,
                  flat.data() + blocks.back().first);
  }
  blocks.push_back({4, flat.size(), 0, 5, 2});  // another tensor's rows do not count in
  flat.resize(flat.size() + kernels::packed_size<T>(5, 2), T{100});
  const double limit = 2;
  const MaxNorm<T> bound(blocks, limit);
  for (int t = 0; t < threads; ++t)
    bound.apply(flat.data(), bound.strips() * t / threads, bound.strips() * (t + 1) / threads);

  std::vector<T> after(dense.size());
  for (std::size_t b = 0; b < cuts.size(); ++b)
    kernels::unpack(flat.data() + blocks[b].first, cuts[b].row, cuts[b].rows, cuts[b].column, cuts[b].columns,
                    after.data(), columns);
  int scaled = 0;
  for (int r = 0; r < rows; ++r) {
    double squares = 0;
    for (int k = 0; k < columns; ++k)
      squares += std::pow(static_cast<double>(dense[static_cast<std::size_t>(r * columns + k)]), 2);
    const double norm = std::sqrt(squares), times = norm > limit ? limit / norm : 1;
    scaled += norm > limit ? 1 : 0;
    for (int k = 0; k < columns; ++k) {
      const auto at = static_cast<std::size_t>(r * columns + k);
      if (times == 1) {
        ASSERT_EQ(after[at], dense[at]) << r << "," << k;
      } else {
        ASSERT_NEAR(after[at], static_cast<double>(dense[at]) * times, 1e-6) << r << "," << k;
      }
    }
  }
  EXPECT_GT(scaled, rows / 3);
  for (std::size_t b = 0; b < cuts.size(); ++b) {  // the padding
    std::vector<T> again(kernels::packed_size<T>(cuts[b].rows, cuts[b].columns));
    kernels::pack(after.data(), columns, cuts[b].row, cuts[b].rows, cuts[b].column, cuts[b].columns,
                  again.data());
    for (std::size_t i = 0; i < again.size(); ++i) ASSERT_EQ(again[i], flat[blocks[b].first + i]);
  }
}

TEST(MaxNorm, BoundsWholeRowsHoweverTheMatrixIsCut) {
  const std::vector<std::vector<Cut>> cuts = {
      {{0, 40, 0, 30}},                                      // one block, a last panel half empty
      {{0, 40, 0, 11}, {0, 40, 11, 19}},                     // [h, x]
      {{0, 20, 0, 30}, {20, 20, 0, 30}},                     // gates
      {{0, 10, 0, 30}, {10, 10, 10, 20}, {20, 20, 20, 10}},  // upper triangular
      {{0, 40, 0, 10}, {0, 10, 10, 20}, {10, 30, 10, 20}},   // panels that overlap askew
      {{0, 1, 0, 30}, {1, 39, 0, 30}}};
  for (std::size_t i = 0; i < cuts.size(); ++i) {
    SCOPED_TRACE(i);
    for (const int threads : {1, 3}) {
      expect_rows_bounded<float>(40, 30, cuts[i], threads);
      expect_rows_bounded<double>(40, 30, cuts[i], threads);
    }
  }
}

}  // namespace
}  // namespace cellwright
