// engine.h: what numbers run on: threads and a SIMD target. One per process is enough; models keep a
// reference.
#pragma once

#include <string>

#include "base/thread_pool.h"
#include "run/split.h"

namespace cellwright {

struct EngineOptions {
  int threads = 0;        ///< 0: all the process may use
  std::string simd = "";  ///< "", "auto": the best; else a target's name
  bool accurate = false;  ///< accurate activations in float
  Split split{0, 0};      ///< of loops over threads; a team of 0: as costs least (run/split.h). For measuring
  bool scan = false;  ///< states whose recurrence is affine are carried by scans (compile/plan.h); SpecError
                      ///< where no layer of a model has one
};

struct Engine {
  explicit Engine(const EngineOptions& wanted = {})
      : options(wanted), pool(wanted.threads > 0 ? wanted.threads : ThreadPool::available_processors()) {}
  EngineOptions options;
  ThreadPool pool;
};

}  // namespace cellwright
