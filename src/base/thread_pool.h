// thread_pool.h: a fixed team of threads that run one function together, as often as asked.
#pragma once

#include <functional>
#include <memory>

namespace cellwright {

/// run(f) calls f(0) … f(size()-1), f(0) on the caller, and returns when all have returned. The team waits by spinning
/// briefly, then sleeping. An exception in any f is rethrown on the caller (the first by index). Not reentrant.
class ThreadPool {
 public:
  explicit ThreadPool(int threads);  ///< threads >= 1; SpecError otherwise. 1 makes no thread at all.
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int size() const;
  int spins() const;  ///< looks before a thread of the team sleeps: 0 where it is larger than the machine
  void run(const std::function<void(int thread)>& f);

  /// The processors this process may use: affinity and the cgroup's quota respected; >= 1.
  static int available_processors();

 private:
  struct Team;
  std::unique_ptr<Team> team_;
};

/// [first, last) of part `index` of `parts` nearly equal parts of [0, count), cut at multiples of `grain`.
struct Part {
  int first;
  int last;
};
inline Part part(int count, int parts, int index, int grain = 1) {
  const int grains = (count + grain - 1) / grain;
  const int first = static_cast<int>(static_cast<long long>(grains) * index / parts) * grain;
  const int last = static_cast<int>(static_cast<long long>(grains) * (index + 1) / parts) * grain;
  return {first < count ? first : count, last < count ? last : count};
}

}  // namespace cellwright
