#include "version.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/thread_pool.h"
#include "kernels/kernels.h"

namespace cellwright::app {

std::string version_text() {
  return fmt::format("cellwright {}\nsimd: {} (best first)\nthreads: {}", CELLWRIGHT_VERSION,
                     fmt::join(kernels::available_targets(), ", "), ThreadPool::available_processors());
}

}  // namespace cellwright::app
