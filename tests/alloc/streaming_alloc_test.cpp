// A streaming step allocates nothing: every form of operator new is counted while forward(1, …) runs.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "language/lower.h"
#include "language/parse.h"
#include "language/shipped.h"
#include "run/runner.h"

namespace {
std::atomic<bool> counting{false};
std::atomic<int> counted{0};

void* allocate(std::size_t size, std::size_t alignment) {
  if (counting) ++counted;
  void* p = nullptr;
  if (posix_memalign(&p, alignment < sizeof(void*) ? sizeof(void*) : alignment, size ? size : 1) != 0)
    throw std::bad_alloc();
  return p;
}
}  // namespace

void* operator new(std::size_t size) { return allocate(size, alignof(std::max_align_t)); }
void* operator new[](std::size_t size) { return allocate(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t a) {
  return allocate(size, static_cast<std::size_t>(a));
}
void* operator new[](std::size_t size, std::align_val_t a) {
  return allocate(size, static_cast<std::size_t>(a));
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

TEST(CountedNew, CountsWhatThisTestIsAbout) {
  counted = 0;
  counting = true;
  { const AlignedArray<float> array(100); }
  { const std::vector<int> vector(100); }
  counting = false;
  EXPECT_EQ(counted, 2);
}

class Streaming : public testing::TestWithParam<std::string> {};

TEST_P(Streaming, AllocatesNothingAfterTheFirstStep) {
  CellBinding binding;
  binding.units = 24;
  binding.inputs = {10};
  const Graph graph = lower(syntax::parse_cell(shipped_cell_text(GetParam()), GetParam() + ".cell"), binding);
  for (const bool training : {false, true}) {
    const Plan plan = make_plan(graph, training);
    for (const int threads : {1, 2}) {
      for (const int lanes : {1, 3}) {
        ThreadPool pool(threads);
        Runner<float> runner(plan, kernels::kernels<float>(), pool);
        runner.prepare(1, lanes);
        AlignedArray<float> parameters(runner.layout().size()), x(10 * static_cast<std::size_t>(lanes));
        runner.bind(parameters.data());
        LayerState<float> state = make_state<float>(plan, lanes);
        const float* inputs[] = {x.data()};
        runner.forward(1, inputs, state);
        counted = 0;
        counting = true;
        for (int t = 0; t < 20; ++t) runner.forward(1, inputs, state);
        counting = false;
        EXPECT_EQ(counted, 0) << threads << " threads, " << lanes << " lanes";
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Cells, Streaming, testing::ValuesIn(shipped_cells()),
                         [](const auto& name) { return name.param; });

}  // namespace
}  // namespace cellwright
