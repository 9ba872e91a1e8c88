// thread_pool.cpp: start at run(). A run is a new round number; workers spin on it, then sleep on a condition
// variable.
//
// What always holds: `f_` and `errors_` are written by the caller before the round is published and read
// after it; the caller touches them again only after `pending_` has fallen to 0.
#include "base/thread_pool.h"

#include <fmt/format.h>

#include <atomic>
#include <cmath>
#include <condition_variable>
#include <exception>
#include <fstream>
#include <iterator>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "base/processors.h"
#include "base/spin.h"
#include "cellwright/error.h"

#if defined(__linux__)
#include <sched.h>
#endif
namespace cellwright {

struct ThreadPool::Team {
  explicit Team(int threads) : errors(static_cast<std::size_t>(threads)) {
    // A team larger than the machine would spin away the time that its own members need.
    spins = threads <= available_processors() ? kSpins : 0;
    try {
      for (int i = 1; i < threads; ++i) workers.emplace_back([this, i] { work(i); });
    } catch (const std::system_error& e) {
      stop();
      throw IoError(fmt::format("cannot start {} threads: {}; ask for fewer", threads, e.code().message()));
    }
  }
  ~Team() { stop(); }

  template <class Ready>
  void wait(std::condition_variable& signal, Ready ready) {
    if (spin_until(spins, ready)) return;
    std::unique_lock lock(mutex);
    signal.wait(lock, ready);
  }

  void publish() {
    {
      const std::lock_guard lock(mutex);  // so that no worker falls asleep between its last look and the news
      round.fetch_add(1, std::memory_order_release);
    }
    start.notify_all();
  }

  void call(int index) noexcept {
    try {
      (*f)(index);
    } catch (...) {
      errors[static_cast<std::size_t>(index)] = std::current_exception();
    }
  }

  void work(int index) {
    for (unsigned seen = 0;;) {
      wait(start, [&] { return round.load(std::memory_order_acquire) != seen; });
      ++seen;
      if (stopping) return;
      call(index);
      if (pending.fetch_sub(1, std::memory_order_acq_rel) == 1) {
        const std::lock_guard lock(mutex);
        done.notify_one();
      }
    }
  }

  void run(const std::function<void(int)>& function) {
    if (running.exchange(true)) throw InternalError("ThreadPool::run was called while it was running");
    f = &function;
    pending.store(static_cast<int>(workers.size()), std::memory_order_relaxed);
    if (!workers.empty()) publish();
    call(0);
    if (!workers.empty()) wait(done, [&] { return pending.load(std::memory_order_acquire) == 0; });
    std::exception_ptr first;
    for (std::exception_ptr& error : errors) {
      if (error && !first) first = error;
      error = nullptr;
    }
    running.store(false);
    if (first) std::rethrow_exception(first);
  }

  void stop() {
    stopping = true;
    publish();
    for (std::thread& worker : workers) worker.join();
  }

  std::vector<std::exception_ptr> errors;  // by thread
  std::vector<std::thread> workers;        // threads 1 …
  const std::function<void(int)>* f = nullptr;
  std::atomic<unsigned> round{0};
  std::atomic<int> pending{0};
  std::atomic<bool> running{false};
  bool stopping = false;
  int spins = 0;
  std::mutex mutex;
  std::condition_variable start;
  std::condition_variable done;
};

ThreadPool::ThreadPool(int threads) {
  if (threads < 1) throw SpecError(fmt::format("a team of {} threads cannot work; give at least 1", threads));
  team_ = std::make_unique<Team>(threads);
}

ThreadPool::~ThreadPool() = default;

int ThreadPool::size() const { return static_cast<int>(team_->errors.size()); }

int ThreadPool::spins() const { return team_->spins; }

void ThreadPool::run(const std::function<void(int thread)>& f) { team_->run(f); }

int ThreadPool::available_processors() {
  int count = static_cast<int>(std::thread::hardware_concurrency());
#if defined(__linux__)
  for (std::size_t processors = 1024; processors <= 1 << 20; processors *= 4) {
    cpu_set_t* set = CPU_ALLOC(processors);
    if (set == nullptr) break;
    const std::size_t size = CPU_ALLOC_SIZE(processors);
    const bool known = sched_getaffinity(0, size, set) == 0;  // EINVAL: the kernel's set is larger
    if (known) count = CPU_COUNT_S(size, set);
    CPU_FREE(set);
    if (known) break;
  }
  std::ifstream in("/proc/self/cgroup");
  const std::string membership{std::istreambuf_iterator<char>(in), {}};
  const double quota = cgroup_quota(membership, "/sys/fs/cgroup");
  if (quota > 0 && quota < count) count = static_cast<int>(std::ceil(quota));
#endif
  return count < 1 ? 1 : count;
}

}  // namespace cellwright
