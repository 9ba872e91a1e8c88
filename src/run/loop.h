// loop.h: the step-by-step part of a plan in one direction of time, and the team of threads that runs it.
//
// Where to start: Loop::run. What always holds: a thread never meets more than the threads that share its
// lanes, all of which go through the same instructions; how the team is split changes no bit.
#pragma once

#include <memory>
#include <vector>

#include "base/barrier.h"
#include "base/thread_pool.h"
#include "run/interpreter.h"
#include "run/split.h"

namespace cellwright {

template <class T>
class Loop {
 public:
  /// Keeps references. `program` is the plan's forward or, with `reverse`, backward loop.
  Loop(const Plan& plan, bool reverse, std::vector<BoundInstruction<T>>& program, ThreadPool& pool);

  /// For windows of so many steps and lanes: the way that costs least, or `forced` where its team is not 0
  /// (InternalError where it is larger than the pool). Allocates when a way is new.
  void split(int steps, int lanes, Split forced);
  const Split& split() const { return split_; }

  /// Steps [first, last) of all lanes. Nothing is allocated.
  void run(int first, int last);

 private:
  void run_part(int thread, int first, int last) noexcept;

  LoopShares shares_;
  const bool reverse_;
  std::vector<BoundInstruction<T>>& program_;
  ThreadPool& pool_;
  Split split_;
  const std::vector<InstructionShares>* divided_ = nullptr;  ///< of split_; null: not divided yet
  int steps_ = 0, lanes_ = 0;
  std::vector<std::unique_ptr<Barrier>> barriers_;  ///< per part of the lanes
};

}  // namespace cellwright
