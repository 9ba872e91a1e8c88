// held_memory.h: how much a target holds at once, so that it can require a small multiple of its input.
// Counts through the address sanitizer's hooks; libFuzzer's own limits see only single large requests.
#pragma once

#include <sanitizer/allocator_interface.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace cellwright::fuzz {

inline std::atomic<std::int64_t> held{0}, most_held{0};  // bytes, since the last HeldMemory was made

inline void count_new(const volatile void*, std::size_t size) {
  const std::int64_t now = held += static_cast<std::int64_t>(size);
  if (now > most_held) most_held = now;
}
inline void count_gone(const volatile void* p) {
  held -= static_cast<std::int64_t>(__sanitizer_get_allocated_size(const_cast<const void*>(p)));
}

/// From its making to its end at most `plus` bytes and `times` the input's size are held, else the target
/// stops as on a crash.
class HeldMemory {
 public:
  HeldMemory(std::size_t input, std::int64_t times, std::int64_t plus = std::int64_t{1} << 20)
      : limit_(plus + times * static_cast<std::int64_t>(input)) {
    static const int installed = __sanitizer_install_malloc_and_free_hooks(count_new, count_gone);
    if (installed == 0) std::abort();
    held = most_held = 0;
  }
  ~HeldMemory() {
    if (most_held <= limit_) return;
    std::fprintf(stderr, "held %lld bytes, at most %lld were expected\n",
                 static_cast<long long>(most_held.load()), static_cast<long long>(limit_));
    std::abort();
  }
  HeldMemory(const HeldMemory&) = delete;
  HeldMemory& operator=(const HeldMemory&) = delete;

 private:
  std::int64_t limit_;
};

inline void require(bool held_true) {
  if (!held_true) std::abort();
}

}  // namespace cellwright::fuzz
