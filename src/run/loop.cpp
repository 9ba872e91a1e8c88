// loop.cpp: see loop.h. Start at Loop::run.
#include "run/loop.h"

#include <functional>

#include "base/denormals.h"
#include "cellwright/error.h"

namespace cellwright {

template <class T>
Loop<T>::Loop(const Plan& plan, bool reverse, std::vector<BoundInstruction<T>>& program, ThreadPool& pool)
    : shares_(plan, reverse, kernels::kPanel<T>), reverse_(reverse), program_(program), pool_(pool) {}

template <class T>
void Loop<T>::split(int steps, int lanes, Split forced) {
  if (program_.empty() || (steps == steps_ && lanes == lanes_)) return;
  steps_ = steps;
  lanes_ = lanes;
  if (forced.team() > pool_.size())
    throw InternalError("a loop was to be split over more threads than there are");
  const int units = split_.units;
  split_ = forced.team() > 0 ? forced : cheapest(estimate_splits(shares_, steps, lanes, pool_.size()));
  while (static_cast<int>(barriers_.size()) < split_.lanes) barriers_.push_back(std::make_unique<Barrier>());
  for (auto& barrier : barriers_) barrier->set(split_.units, pool_.spins());
  if (divided_ != nullptr && units == split_.units) return;
  divided_ = &shares_.of(split_.units);
  for (std::size_t k = 0; k < program_.size(); ++k) program_[k].divide((*divided_)[k], split_.units);
}

template <class T>
void Loop<T>::run(int first, int last) {
  if (program_.empty()) return;
  if (split_.team() == 1) return run_part(0, first, last);  // it wakes nobody
  const auto part_of = [&](int thread) { run_part(thread, first, last); };
  pool_.run(std::ref(part_of));  // by reference: a std::function of it would allocate
}

template <class T>
void Loop<T>::run_part(int thread, int first, int last) noexcept {
  if (thread >= split_.team()) return;
  const FlushDenormals flush;
  const int lane_part = thread / split_.units, unit_part = thread % split_.units;
  const Part mine = part(lanes_, split_.lanes, lane_part);
  const int lanes = mine.last - mine.first;
  if (lanes == 0) return;
  const auto row = static_cast<std::size_t>(mine.first);
  const Part whole_rows = part(lanes, split_.units, unit_part);
  Barrier& barrier = *barriers_[static_cast<std::size_t>(lane_part)];
  for (int i = 0; i < last - first; ++i) {
    const int step = reverse_ ? last - 1 - i : first + i;
    for (std::size_t k = 0; k < program_.size(); ++k) {
      const InstructionShares& shares = (*divided_)[k];
      if (shares.waits) barrier.wait();
      if (shares.by_lanes) {
        program_[k].run(step, row + static_cast<std::size_t>(whole_rows.first),
                        static_cast<std::size_t>(whole_rows.last - whole_rows.first), thread);
      } else {
        program_[k].run(step, row, static_cast<std::size_t>(lanes), thread, unit_part);
      }
    }
  }
}

template class Loop<float>;
template class Loop<double>;

}  // namespace cellwright
