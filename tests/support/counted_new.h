// counted_new.h: every form of operator new, replaced by one that can count. For a program of its own:
// include it in exactly one source, since it defines the replacements.
//
// Start at allocations_during(). What always holds: counted are all threads of the program.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace cellwright::test {

inline std::atomic<bool> counting{false};
inline std::atomic<long> counted{0};
inline std::atomic<std::size_t> counted_bytes{0};

/// Calls of operator new, by any thread, while f() runs.
template <class F>
long allocations_during(const F& f) {
  counted = 0;
  counting = true;
  f();
  counting = false;
  return counted;
}

/// Bytes that operator new is asked for while f() runs, whatever is given back.
template <class F>
std::size_t bytes_during(const F& f) {
  counted_bytes = 0;
  allocations_during(f);
  return counted_bytes;
}

inline void* counted_new(std::size_t size, std::size_t alignment) {
  if (counting) {
    ++counted;
    counted_bytes += size;
  }
  void* p = nullptr;
  if (posix_memalign(&p, alignment < sizeof(void*) ? sizeof(void*) : alignment, size ? size : 1) != 0)
    throw std::bad_alloc();
  return p;
}

}  // namespace cellwright::test

void* operator new(std::size_t size) {
  return cellwright::test::counted_new(size, alignof(std::max_align_t));
}
void* operator new[](std::size_t size) {
  return cellwright::test::counted_new(size, alignof(std::max_align_t));
}
void* operator new(std::size_t size, std::align_val_t a) {
  return cellwright::test::counted_new(size, static_cast<std::size_t>(a));
}
void* operator new[](std::size_t size, std::align_val_t a) {
  return cellwright::test::counted_new(size, static_cast<std::size_t>(a));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept try {
  return cellwright::test::counted_new(size, alignof(std::max_align_t));
} catch (...) {
  return nullptr;
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept try {
  return cellwright::test::counted_new(size, alignof(std::max_align_t));
} catch (...) {
  return nullptr;
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
