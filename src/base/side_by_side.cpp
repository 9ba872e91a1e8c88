// side_by_side.cpp: see side_by_side.h.
#include "base/side_by_side.h"

#include <algorithm>

#include "base/thread_pool.h"

namespace cellwright {

void side_by_side(int threads, std::size_t count, const std::atomic<bool>* stop,
                  const std::function<void(std::size_t)>& job) {
  if (count == 0) return;
  std::atomic<std::size_t> next{0};
  std::atomic<bool> failed{false};
  const auto go_on = [&] { return !failed.load() && !(stop && stop->load()); };
  ThreadPool pool(static_cast<int>(std::min(static_cast<std::size_t>(std::max(threads, 0)), count)));
  pool.run([&](int) {
    for (std::size_t i = next++; i < count && go_on(); i = next++) {
      try {
        job(i);
      } catch (...) {
        failed = true;  // the other threads need not go on
        throw;
      }
    }
  });
}

}  // namespace cellwright
