// leaves.cpp: see leaves.h.
#include "run/leaves.h"

#include <algorithm>
#include <cmath>

namespace cellwright {
namespace {

// Sixteen bits a unit, eight units a block of the generator: a chance is met to 2^-17, at half the price of a
// word each.
template <class T>
void fill_drop_mask(const Node& node, const Random& random, std::int64_t step, std::uint64_t lane, T* row) {
  const double keep = node.values[0];
  const T either[] = {0, static_cast<T>(node.values[1])};  // by index: a branch would be guessed wrong often
  const auto below = static_cast<std::uint32_t>(std::lround(keep * 0x1p16));
  const std::uint64_t at = node.index == 1 ? 0 : static_cast<std::uint64_t>(step);
  const auto size = static_cast<std::size_t>(node.size);
  for (std::size_t k = 0; k < size; k += 8) {
    const auto words = random.words(at, lane << 32 | k);
    for (std::size_t i = 0; i < std::min<std::size_t>(8, size - k); ++i)
      row[k + i] = either[(words[i / 2] >> (16 * (i % 2)) & 0xFFFF) < below];
  }
}

/// Equal groups of units, a period each.
template <class T>
void fill_clock(const Node& node, std::int64_t step, T* row) {
  const auto size = static_cast<std::size_t>(node.size), groups = node.values.size();
  std::size_t group = groups;  // of the unit before
  T due = 0;
  for (std::size_t k = 0; k < size; ++k) {
    if (k * groups / size != group) {
      group = k * groups / size;
      due = step % static_cast<std::int64_t>(node.values[group]) == 0 ? T{1} : T{0};
    }
    row[k] = due;
  }
}

}  // namespace

template <class T>
void fill_leaf(const Node& node, const Random& random, std::int64_t step, const std::uint8_t* mask, int first,
               int last, T* slot) {
  const auto size = static_cast<std::size_t>(node.size);
  for (int lane = first; lane < last; ++lane) {
    T* row = slot + static_cast<std::size_t>(lane) * size;
    const auto b = static_cast<std::uint64_t>(lane);
    switch (node.op) {
      case Op::kNormal:
        for (std::size_t k = 0; k < size; ++k)
          row[k] = static_cast<T>(random.normal(static_cast<std::uint64_t>(step), b << 32 | k));
        break;
      case Op::kClock:
        if (lane > first) {
          std::copy_n(row - size, size, row);  // common to the lanes
        } else {
          fill_clock(node, step, row);
        }
        break;
      case Op::kDropMask:
        fill_drop_mask(node, random, step, b, row);
        break;
      default:  // kStepMask
        std::fill_n(row, size, mask == nullptr || mask[lane] ? T{1} : T{0});
    }
  }
}

template void fill_leaf<float>(const Node&, const Random&, std::int64_t, const std::uint8_t*, int, int,
                               float*);
template void fill_leaf<double>(const Node&, const Random&, std::int64_t, const std::uint8_t*, int, int,
                                double*);

}  // namespace cellwright
