// barrier.cpp: the last to arrive begins a new round; the others wait for the round's number to change.
#include "base/barrier.h"

#include "base/spin.h"

namespace cellwright {

void Barrier::wait() noexcept {
  const unsigned round = round_.load(std::memory_order_relaxed);  // it stays until this thread has arrived
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == parties_) {
    arrived_.store(0, std::memory_order_relaxed);
    round_.store(round + 1);
    // Either a sleeper was counted before this look, or it looks at the round after that and sees it new.
    if (asleep_.load() == 0) return;
    { const std::lock_guard lock(mutex_); }  // nobody stands between its last look and its sleep
    next_.notify_all();
    return;
  }
  if (spin_until(spins_, [&] { return round_.load(std::memory_order_acquire) != round; })) return;
  std::unique_lock lock(mutex_);
  asleep_.fetch_add(1);
  next_.wait(lock, [&] { return round_.load() != round; });
  asleep_.fetch_sub(1);
}

}  // namespace cellwright
