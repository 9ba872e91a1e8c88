// scan.h: carries one state over all steps of a window: next = a ⊙ previous + b.
//
// Where to start: BoundScan::run. A window of many steps is cut into chunks (plan.h: scan_chunk()). What a
// chunk does to any state is a factor and a rest; with them the state before each chunk is found from the one
// before it, and then each chunk runs step by step from there. So an element of the state is a plain chain
// within its chunk; only what enters a chunk has come by the composed steps. What always holds: the bits are
// a function of the chunks alone, whether threads take chunks or units; run() neither allocates nor throws.
#pragma once

#include <cstddef>

#include "base/thread_pool.h"
#include "compile/plan.h"
#include "kernels/kernels.h"
#include "run/interpreter.h"

namespace cellwright {

template <class T>
class BoundScan {
 public:
  /// All references are kept.
  BoundScan(const Scan& code, const kernels::Kernels<T>& kernels, Bindings<T>& bindings);

  /// Numbers of scratch that run() asks for.
  std::size_t scratch(int steps, int lanes, int chunk) const;

  /// All steps and lanes of a window, in chunks of `chunk` steps.
  void run(ThreadPool& pool, int steps, int chunk, T* scratch) noexcept;

 private:
  struct Operand {
    const Slot* slot = nullptr;
    int copy = -1;             ///< kParameter: index into bindings_.copies
    AlignedArray<T> constant;  ///< kConstant: [size]
    bool fixed() const { return slot->kind != Slot::Kind::kMemory; }
  };
  struct Columns {
    std::size_t first, last;
  };

  Operand bind(const Slot& slot);
  const T* row(const Operand& operand, int i, std::size_t column) const;
  T* next_row(int i, std::size_t column) const;
  const T* start_row(std::size_t column) const;
  int step(int i) const { return reverse_ ? steps_ - 1 - i : i; }
  int chunk_begin(int c) const { return c * chunk_; }
  int chunk_end(int c) const { return c + 1 < chunks_ ? (c + 1) * chunk_ : steps_; }
  kernels::Recurrence<T> steps_of(int c, std::size_t column, std::size_t n) const;
  T* factor(int c, std::size_t column) const;
  T* rest(int c, std::size_t column) const;
  const T* before(int c, std::size_t column) const;

  void chain(int c, Columns columns) const noexcept;
  void summarise(int c, Columns columns) const noexcept;
  void carry(int c, Columns columns) const noexcept;
  void by_columns(Columns columns) const noexcept;
  template <class F>
  void each_stretch(Columns columns, const F& f) const;

  const Scan& code_;
  const kernels::Kernels<T>& kernels_;
  Bindings<T>& bindings_;
  Operand a_, b_;
  bool reverse_ = false;

  // Of the window that runs.
  int steps_ = 0, chunk_ = 0, chunks_ = 0;
  std::size_t width_ = 0;  ///< lanes·size
  std::ptrdiff_t slot_ = 0;
  T* scratch_ = nullptr;
};

}  // namespace cellwright
