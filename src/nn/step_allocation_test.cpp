// step_allocation_test.cpp: the streaming step asks for no memory. Its own program, because it counts every
// operator new.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "nn/test_help.h"

namespace {
std::atomic<long> allocations{0};

void* counted(std::size_t size, std::size_t alignment) {
  ++allocations;
  void* p = alignment == 0 ? std::malloc(size)
                           : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}
}  // namespace

void* operator new(std::size_t size) { return counted(size, 0); }
void* operator new[](std::size_t size) { return counted(size, 0); }
void* operator new(std::size_t size, std::align_val_t a) {
  return counted(size, static_cast<std::size_t>(a));
}
void* operator new[](std::size_t size, std::align_val_t a) {
  return counted(size, static_cast<std::size_t>(a));
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

namespace cellwright {
namespace {

TEST(Step, AllocatesNothingAfterItsFirstCall) {
  for (const int embedding : {0, 8}) {
    for (const char* cell : {"lstm", "gru", "lstm_layernorm", "slstm", "min_gru"}) {
      Model<float> model(test::stack(300, embedding, {{cell, 24}, {cell, 24}}), test::engine(2));
      model.initialise(1);
      ModelState<float> state = model.make_state(4);
      std::vector<float> logits(1200);
      const std::int32_t tokens[] = {0, 1, 2, 299};
      model.step(tokens, state, logits.data());
      const long before = allocations;
      for (int t = 0; t < 20; ++t) model.step(tokens, state, logits.data());
      EXPECT_EQ(allocations - before, 0) << cell << ", embedding " << embedding;
    }
  }
}

}  // namespace
}  // namespace cellwright
