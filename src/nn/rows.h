// rows.h: moving columns of [steps, lanes, width] arrays: concatenation, its gradient, and time turned round.
// Start at move_rows.
#pragma once

#include <cstdint>

#include "base/thread_pool.h"

namespace cellwright {

/// Columns from `offset` of an array [steps, lanes, width]; `turned`: step t is its step steps-1-t.
template <class T>
struct Columns {
  T* data = nullptr;
  int width = 0;
  int offset = 0;
  bool turned = false;
};

/// Writes, or with `add` adds, n columns of every row. Rows of steps at which `mask` [steps, lanes] (of the
/// untouched time; null: everything counts) is 0 are left alone.
template <class T>
void move_rows(ThreadPool& pool, int steps, int lanes, int n, Columns<const T> from, Columns<T> to,
               bool add = false, const std::uint8_t* mask = nullptr);

}  // namespace cellwright
