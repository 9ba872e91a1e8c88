// rtneural.cpp: RTNeural's compile-time LSTM as a program that bench/run asks in turn (../serve.h). Usage:
// rtneural
//
//   step lstm I,H      one lane, one step after the other; the sizes compiled in are those of main()
#include <RTNeural/RTNeural.h>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

#include <memory>
#include <random>

#include "serve.h"

namespace {

template <int inputs, int units>
bench::Work streaming() {
  using Model = RTNeural::ModelT<float, inputs, units, RTNeural::LSTMLayerT<float, inputs, units>>;
  struct Held {
    Model model;
    alignas(64) float x[inputs + 16] = {};
  };
  // The model asks for more alignment than make_shared may give.
  auto held = std::shared_ptr<Held>(new Held);
  std::mt19937 generator(1);
  std::uniform_real_distribution<float> uniform(-0.1f, 0.1f);
  const auto matrix = [&](int rows) {
    std::vector<std::vector<float>> m(static_cast<std::size_t>(rows), std::vector<float>(4 * units));
    for (auto& row : m)
      for (float& v : row) v = uniform(generator);
    return m;
  };
  auto& layer = held->model.template get<0>();
  layer.setWVals(matrix(inputs));
  layer.setUVals(matrix(units));
  std::vector<float> bias(4 * units);
  for (float& v : bias) v = uniform(generator);
  layer.setBVals(bias);
  held->model.reset();
  for (int i = 0; i < inputs; ++i) held->x[i] = 0.3f - 0.01f * static_cast<float>(i);
  bench::Work work;
  work.flop = 2.0 * 4 * units * (inputs + units);
  const int steps = static_cast<int>(std::min(5000.0, std::max(50.0, 4e7 / work.flop)));
  work.units = steps;
  work.run = [held, steps] {
    for (int t = 0; t < steps; ++t) {
      held->model.forward(held->x);
      held->x[0] = -held->x[0];
    }
  };
  return work;
}

}  // namespace

int main() {
#if defined(__SSE2__)
  _mm_setcsr(_mm_getcsr() | 0x8040);  // denormals are flushed to 0, as for ours
#endif
#if defined(RTNEURAL_USE_EIGEN)
  std::puts("RTNeural, Eigen");
#elif defined(RTNEURAL_USE_XSIMD)
  std::puts("RTNeural, xsimd");
#else
  std::puts("RTNeural, standard library");
#endif
  std::fflush(stdout);
  return bench::serve([](const std::vector<std::string>& words) -> bench::Work {
    if (words.size() == 3 && words[0] == "step" && words[1] == "lstm") {
      if (words[2] == "1,16") return streaming<1, 16>();
      if (words[2] == "1,32") return streaming<1, 32>();
      if (words[2] == "1,64") return streaming<1, 64>();
      if (words[2] == "40,128") return streaming<40, 128>();
      if (words[2] == "128,256") return streaming<128, 256>();
      if (words[2] == "256,512") return streaming<256, 512>();
    }
    throw std::runtime_error(
        "RTNeural's sizes are compiled in: step lstm 1,16, 1,32, 1,64, 40,128, 128,256, 256,512");
  });
}
