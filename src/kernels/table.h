// table.h: how a target hands in its functions: a row an op, all ops listed, none forgotten; inside kernels/
// only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "graph/op.h"
#include "kernels/kernels.h"

namespace cellwright::kernels {

/// What an op has for pointwise work: its fast and its accurate loop, or nothing.
template <class T>
struct TileRow {
  Op op;
  TileFunction<T> fast = nullptr;
  TileFunction<T> accurate = nullptr;
};

/// True if the rows name every op exactly once and in order: checked by static_assert beside each table.
template <class Row, std::size_t n>
constexpr bool lists_every_op(const Row (&rows)[n]) {
  if (n != kOpCount) return false;
  for (std::size_t i = 0; i < n; ++i) {
    if (rows[i].op != static_cast<Op>(i)) return false;
  }
  return true;
}

/// The plain reference, "scalar".
template <class T>
const Kernels<T>& reference_kernels();

/// std::log, compiled once for all targets.
double natural_log(double x);

/// A SIMD target in the binary: Highway's bit for it and its table for T.
template <class T>
struct CompiledTarget {
  std::int64_t bit;
  const Kernels<T>* kernels;
};

/// The SIMD targets in the binary, best first, whether or not this processor runs them; ends with a null
/// `kernels`.
template <class T>
const CompiledTarget<T>* compiled_targets();

/// Rows and panels of a weight gradient's d that are packed at a time: the scratch's size.
inline constexpr int kGradientRows = 256;
inline constexpr int kGradientPanels = 4;

}  // namespace cellwright::kernels
