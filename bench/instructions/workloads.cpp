// workloads.cpp: two fixed pieces of work whose instructions are counted, so that a regression shows without
// a clock: see count.
//
//   workloads --build            the compiler and the kind of build, which the counts depend on
//   workloads NAME [TARGET]      runs it once, inside counted_work(), which is what callgrind counts
#include <cstdio>
#include <cstring>
#include <functional>
#include <string>

#include "../ours/stack.h"
#include "../ours/works.h"

/// What callgrind counts: --toggle-collect='*counted_work*'.
[[gnu::noinline]] void counted_work(const std::function<void()>& run) {
  run();
  asm volatile("" ::: "memory");
}

namespace cellwright {
namespace {

int run(const std::string& name, const std::string& target) {
  Engine engine({1, target, false});
  bench::Work work;
  if (name == "lstm_training") {
    work = train_or_infer(true, "lstm", "12,20,64,72,2", engine);  // bind, forward and backward of two layers
  } else if (name == "gru_streaming") {
    work = train_or_infer(false, "gru", "1,1,8,48,1", engine);  // one step of one lane
  } else {
    std::fprintf(stderr, "workloads: no work '%s'; there are lstm_training and gru_streaming\n",
                 name.c_str());
    return 2;
  }
  work.run();  // what is made once is made now
  const int times = name == "gru_streaming" ? 100 : 1;
  counted_work([&] {
    for (int i = 0; i < times; ++i) work.run();
  });
  return 0;
}

}  // namespace
}  // namespace cellwright

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "--build") == 0) {
    std::puts(BUILD);
    return 0;
  }
  if (argc < 2) {
    std::fprintf(stderr, "usage: workloads NAME [TARGET] | workloads --build\n");
    return 2;
  }
  try {
    return cellwright::run(argv[1], argc > 2 ? argv[2] : "avx2");
  } catch (const std::exception& e) {
    std::fprintf(stderr, "workloads: %s\n", e.what());
    return 1;
  }
}
