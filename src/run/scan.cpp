// scan.cpp: see scan.h. A column is one unit of one lane. Step i of a scan is the i-th that it takes: the
// last of the window first where it runs backwards.
#include "run/scan.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/denormals.h"

namespace cellwright {
namespace {

/// Columns that go through a chunk twice before the next: what they read is still in the cache at the second
/// time.
constexpr std::size_t kStrip = 256;

/// Below so many numbers waking a team costs more than it saves.
constexpr std::size_t kSmall = 4096;

}  // namespace

template <class T>
BoundScan<T>::BoundScan(const Scan& code, const kernels::Kernels<T>& kernels, Bindings<T>& bindings)
    : code_(code),
      kernels_(kernels),
      bindings_(bindings),
      a_(bind(code.a)),
      b_(bind(code.b)),
      reverse_(code.previous.shift > code.next.shift) {}

template <class T>
typename BoundScan<T>::Operand BoundScan<T>::bind(const Slot& slot) {
  Operand operand;
  operand.slot = &slot;
  if (slot.kind == Slot::Kind::kParameter)
    operand.copy = add_copy(bindings_, slot.index, slot.offset, code_.size, 1);
  if (slot.kind == Slot::Kind::kConstant) {
    operand.constant = AlignedArray<T>(static_cast<std::size_t>(code_.size));
    for (std::size_t i = 0; i < operand.constant.size(); ++i)
      operand.constant[i] = static_cast<T>(slot.values[slot.values.size() == 1 ? 0 : i]);
  }
  return operand;
}

template <class T>
std::size_t BoundScan<T>::held(int steps, int lanes, int chunk) const {
  const auto chunks = static_cast<std::size_t>((steps + chunk - 1) / chunk);
  return chunks == 1
             ? 0
             : padded<T>(2 * chunks * static_cast<std::size_t>(lanes) * static_cast<std::size_t>(code_.size));
}

template <class T>
void BoundScan<T>::prepare(int steps, int lanes, int chunk) {
  summaries_ = AlignedArray<T>(held(steps, lanes, chunk));
}

/// Where step i reads an operand. What is fixed stands there for one lane.
template <class T>
const T* BoundScan<T>::row(const Operand& operand, int i, std::size_t column) const {
  const std::size_t unit = column % static_cast<std::size_t>(code_.size);
  if (operand.slot->kind == Slot::Kind::kConstant) return operand.constant.data() + unit;
  if (operand.slot->kind == Slot::Kind::kParameter)
    return bindings_.copies[static_cast<std::size_t>(operand.copy)].values.data() + unit;
  const Place place = operand.slot->place;
  return bindings_.buffers[static_cast<std::size_t>(place.buffer)].at(step(i) + place.shift, 0) + column;
}

template <class T>
T* BoundScan<T>::next_row(int i, std::size_t column) const {
  return bindings_.buffers[static_cast<std::size_t>(code_.next.buffer)].at(step(i) + code_.next.shift, 0) +
         column;
}

template <class T>
const T* BoundScan<T>::start_row(std::size_t column) const {
  return bindings_.buffers[static_cast<std::size_t>(code_.previous.buffer)].at(step(0) + code_.previous.shift,
                                                                               0) +
         column;
}

/// The index-th of those that the steps which run fall into.
template <class T>
typename BoundScan<T>::Segment BoundScan<T>::segment(int index) const {
  const int c = first_ / chunk_ + index;
  return {c, std::max(first_, c * chunk_), std::min(last_, (c + 1) * chunk_)};
}

template <class T>
kernels::Recurrence<T> BoundScan<T>::steps_of(const Segment& s, std::size_t column, std::size_t n) const {
  return {row(a_, s.first, column), a_.fixed() ? 0 : slot_, row(b_, s.first, column),
          b_.fixed() ? 0 : slot_,   s.last - s.first,       n};
}

template <class T>
T* BoundScan<T>::factor(int c, std::size_t column) const {
  return summaries_.data() + static_cast<std::size_t>(2 * c) * width_ + column;
}

/// After carry(c): the state behind chunk c.
template <class T>
T* BoundScan<T>::rest(int c, std::size_t column) const {
  return summaries_.data() + static_cast<std::size_t>(2 * c + 1) * width_ + column;
}

/// The state that enters chunk c.
template <class T>
const T* BoundScan<T>::entering(int c, std::size_t column) const {
  return c == 0 ? start_row(column) : c == 1 ? next_row(chunk_ - 1, column) : rest(c - 1, column);
}

/// Columns beside each other whose operands lie beside each other too.
template <class T>
template <class F>
void BoundScan<T>::each_stretch(Columns columns, const F& f) const {
  const auto size = static_cast<std::size_t>(code_.size);
  const bool whole = !a_.fixed() && !b_.fixed();
  for (std::size_t column = columns.first; column < columns.last;) {
    const std::size_t n =
        whole ? columns.last - column : std::min(columns.last - column, size - column % size);
    f(column, n);
    column += n;
  }
}

template <class T>
void BoundScan<T>::chain(const Segment& s, Columns columns) const noexcept {
  each_stretch(columns, [&](std::size_t column, std::size_t n) {
    const T* start = s.first == s.chunk * chunk_ ? entering(s.chunk, column) : next_row(s.first - 1, column);
    kernels_.recurrence(steps_of(s, column, n), start, next_row(s.first, column), slot_);
  });
}

template <class T>
void BoundScan<T>::summarise(const Segment& s, Columns columns) const noexcept {
  if (s.first == s.chunk * chunk_) {
    std::fill(factor(s.chunk, columns.first), factor(s.chunk, columns.last), T{1});
    std::fill(rest(s.chunk, columns.first), rest(s.chunk, columns.last), T{0});
  }
  each_stretch(columns, [&](std::size_t column, std::size_t n) {
    kernels_.recurrence_summary(steps_of(s, column, n), factor(s.chunk, column), rest(s.chunk, column));
  });
}

/// The state behind chunk c, whose summary is complete, from the one before it.
template <class T>
void BoundScan<T>::carry(int c, Columns columns) const noexcept {
  const std::size_t n = columns.last - columns.first;
  const T* f = factor(c, columns.first);
  T* behind = rest(c, columns.first);
  const T* start = entering(c, columns.first);
  bool finite = true;
  for (std::size_t k = 0; k < n; ++k) finite = finite && std::isfinite(f[k]);
  if (finite) {
    kernels_.recurrence({f, 0, behind, 0, 1, n}, start, behind, 0);
    return;
  }
  // A product of factors may overflow where the steps themselves, from a small state, do not: those take the
  // steps.
  const Segment whole{c, c * chunk_, (c + 1) * chunk_};
  for (std::size_t k = 0; k < n; ++k) {
    if (std::isfinite(f[k])) {
      kernels_.recurrence({f + k, 0, behind + k, 0, 1, 1}, start + k, behind + k, 0);
    } else {
      kernels_.recurrence(steps_of(whole, columns.first + k, 1), start + k, behind + k, 0);
    }
  }
}

template <class T>
void BoundScan<T>::by_columns(Columns columns) const noexcept {
  const int segments = (last_ - 1) / chunk_ - first_ / chunk_ + 1;
  for (std::size_t first = columns.first; first < columns.last; first += kStrip) {
    const Columns strip{first, std::min(columns.last, first + kStrip)};
    for (int i = 0; i < segments; ++i) {
      const Segment s = segment(i);
      if (composed(s.chunk)) summarise(s, strip);
      chain(s, strip);
      if (composed(s.chunk) && ends_chunk(s)) carry(s.chunk, strip);
    }
  }
}

template <class T>
void BoundScan<T>::by_chunks(ThreadPool& pool) const noexcept {
  const int width = static_cast<int>(width_), grain = kernels::kPanel<T>, team = pool.size();
  const int segments = (last_ - 1) / chunk_ - first_ / chunk_ + 1;
  const int pieces = std::clamp((2 * team + segments - 1) / segments, 1, (width + grain - 1) / grain);
  const auto columns_of = [&](int parts, int index) {
    const Part p = part(width, parts, index, grain);
    return Columns{static_cast<std::size_t>(p.first), static_cast<std::size_t>(p.last)};
  };
  // Chunk 0, and a chunk that was begun before, has its start: it runs at once.
  const auto ready = [&](const Segment& s) { return s.chunk == 0 || s.first > s.chunk * chunk_; };
  const auto summaries = [&](int thread) {
    const FlushDenormals flush;
    const Part mine = part(segments * pieces, team, thread);
    for (int i = mine.first; i < mine.last; ++i) {
      const Segment s = segment(i / pieces);
      const Columns columns = columns_of(pieces, i % pieces);
      if (composed(s.chunk)) summarise(s, columns);
      if (ready(s)) chain(s, columns);
    }
  };
  const auto carries = [&](int thread) {
    const FlushDenormals flush;
    const Columns columns = columns_of(team, thread);
    for (int i = 0; i < segments && columns.first < columns.last; ++i) {
      const Segment s = segment(i);
      if (composed(s.chunk) && ends_chunk(s)) carry(s.chunk, columns);
    }
  };
  const auto chains = [&](int thread) {
    const FlushDenormals flush;
    const Part mine = part(segments * pieces, team, thread);
    for (int i = mine.first; i < mine.last; ++i) {
      if (!ready(segment(i / pieces))) chain(segment(i / pieces), columns_of(pieces, i % pieces));
    }
  };
  pool.run(std::ref(summaries));
  pool.run(std::ref(carries));
  pool.run(std::ref(chains));
}

template <class T>
void BoundScan<T>::run(ThreadPool& pool, int steps, int chunk, int first, int last) noexcept {
  steps_ = steps;
  chunk_ = chunk;
  chunks_ = (steps + chunk - 1) / chunk;
  first_ = reverse_ ? steps - last : first;
  last_ = reverse_ ? steps - first : last;
  width_ = bindings_.lanes * static_cast<std::size_t>(code_.size);
  slot_ = static_cast<std::ptrdiff_t>(width_) * (reverse_ ? -1 : 1);

  // Units do not see each other. Where there are enough of them each thread takes its own through all steps;
  // else threads take chunks.
  const int width = static_cast<int>(width_), grain = kernels::kPanel<T>, team = pool.size();
  const bool enough = (width + grain - 1) / grain >= 2 * team;
  if (team == 1 || static_cast<std::size_t>(last - first) * width_ < kSmall) {
    const FlushDenormals flush;
    by_columns({0, width_});
  } else if (enough || last_ - first_ <= chunk_) {
    const auto units = [&](int thread) {
      const FlushDenormals flush;
      const Part p = part(width, team, thread, grain);
      by_columns({static_cast<std::size_t>(p.first), static_cast<std::size_t>(p.last)});
    };
    pool.run(std::ref(units));
  } else {
    by_chunks(pool);
  }
}

template class BoundScan<float>;
template class BoundScan<double>;

}  // namespace cellwright
