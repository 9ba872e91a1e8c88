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

  /// Numbers that prepare() holds.
  std::size_t held(int steps, int lanes, int chunk) const;
  void prepare(int steps, int lanes, int chunk);

  /// Steps [first, last) and all lanes of a window of `steps` steps, cut into chunks of `chunk`. The steps of
  /// a window are asked for one after the other, in the scan's direction, and where they are cut changes no
  /// bit.
  void run(ThreadPool& pool, int steps, int chunk, int first, int last) noexcept;

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
  /// Steps [first, last) of a scan, counted in its direction, within chunk `chunk`.
  struct Segment {
    int chunk, first, last;
  };

  Operand bind(const Slot& slot);
  const T* row(const Operand& operand, int i, std::size_t column) const;
  T* next_row(int i, std::size_t column) const;
  const T* start_row(std::size_t column) const;
  int step(int i) const { return reverse_ ? steps_ - 1 - i : i; }
  Segment segment(int index) const;
  bool composed(int c) const { return c > 0 && c + 1 < chunks_; }
  bool ends_chunk(const Segment& s) const { return s.last == (s.chunk + 1) * chunk_; }
  kernels::Recurrence<T> steps_of(const Segment& s, std::size_t column, std::size_t n) const;
  T* factor(int c, std::size_t column) const;
  T* rest(int c, std::size_t column) const;
  const T* entering(int c, std::size_t column) const;

  void chain(const Segment& s, Columns columns) const noexcept;
  void summarise(const Segment& s, Columns columns) const noexcept;
  void carry(int c, Columns columns) const noexcept;
  void by_columns(Columns columns) const noexcept;
  void by_chunks(ThreadPool& pool) const noexcept;
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
  int first_ = 0, last_ = 0;           ///< of the steps that run, in the scan's direction
  mutable AlignedArray<T> summaries_;  ///< per chunk: factor [width], rest [width]
};

}  // namespace cellwright
