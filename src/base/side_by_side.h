// side_by_side.h: many jobs on several threads, each taking the next one as soon as it is free.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>

namespace cellwright {

/// Calls job(0) … job(count - 1) on at most `threads` threads, the caller's among them, and returns when
/// those begun have returned. No further job begins once `stop` (null: never) is true or a job has thrown;
/// what was thrown is thrown again. `threads` >= 1, SpecError otherwise.
void side_by_side(int threads, std::size_t count, const std::atomic<bool>* stop,
                  const std::function<void(std::size_t)>& job);

}  // namespace cellwright
