// barrier.h: where the threads of a group wait for each other, many times within one run of a team.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>

namespace cellwright {

/// wait() returns when all parties have called it; what each wrote before is then seen by all. It spins
/// briefly, then sleeps, so that a thread which the machine gave to somebody else does not cost its partners'
/// processors too. On a cache line of its own.
class alignas(64) Barrier {
 public:
  Barrier() = default;
  Barrier(const Barrier&) = delete;
  Barrier& operator=(const Barrier&) = delete;

  /// While nobody waits. `spins`: looks before a thread sleeps (spin.h).
  void set(int parties, int spins) {
    parties_ = parties;
    spins_ = spins;
  }

  void wait() noexcept;

 private:
  int parties_ = 1, spins_ = 0;
  std::atomic<int> arrived_{0};
  std::atomic<unsigned> round_{0};
  std::atomic<int> asleep_{0};
  std::mutex mutex_;
  std::condition_variable next_;
};

}  // namespace cellwright
