// stack_test.cpp: wiring, padding and their gradients. Directions of time against PyTorch: tests/oracle/.
#include "nn/stack.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <string>

#include "base/rng.h"
#include "cellwright/error.h"
#include "nn/test_help.h"

namespace cellwright {
namespace {

using Direction = LayerSpec::Direction;

LayerSpec layer(const std::string& cell, int units, Direction direction = Direction::forward,
                bool residual = false) {
  LayerSpec l = test::layer(cell, units);
  l.direction = direction;
  l.residual = residual;
  return l;
}

template <class T>
AlignedArray<T> random_array(std::size_t n, std::uint64_t seed) {
  AlignedArray<T> array(n);
  const Random random(seed, hash_name("test.stack"));
  for (std::size_t i = 0; i < n; ++i) array[i] = static_cast<T>(random.normal(i));
  return array;
}

/// A stack with parameters from N(0, 0.5) in every existing entry.
template <class T>
struct Fixture {
  Stack<T> stack;
  AlignedArray<T> parameters;
  explicit Fixture(const StackSpec& spec, int threads = 2)
      : stack(spec, kernels::kernels<T>(), test::engine(threads)), parameters(stack.size()) {
    for (int i = 0; i < stack.tracks(); ++i) {
      const ParameterLayout<T>& layout = stack.track(i).layout();
      for (int p = 0; p < static_cast<int>(layout.parameters().size()); ++p) {
        const AlignedArray<T> values =
            random_array<T>(layout.stored_size(p), static_cast<std::uint64_t>(100 * i + p));
        std::vector<T> half(values.begin(), values.end());
        for (T& x : half) x *= T(0.5);
        layout.pack(p, half.data(), parameters.data() + stack.offset(i));
      }
    }
    stack.bind(parameters.data());
  }
};

template <class T>
struct Result {
  std::vector<T> outputs;
  StackState<T> state;
};

/// Lanes chosen out of x [steps, all, width], steps at which `keep` says so (any lane alike).
template <class T>
AlignedArray<T> cut(const AlignedArray<T>& x, int all, int width, const std::vector<int>& lanes,
                    const std::vector<int>& steps) {
  AlignedArray<T> y(steps.size() * lanes.size() * static_cast<std::size_t>(width));
  std::size_t at = 0;
  for (const int t : steps) {
    for (const int b : lanes) {
      std::copy_n(x.data() + (t * all + b) * width, width, y.data() + at);
      at += static_cast<std::size_t>(width);
    }
  }
  return y;
}

template <class T>
Result<T> run(Stack<T>& stack, int steps, int lanes, const AlignedArray<T>& x, const std::uint8_t* mask,
              bool training) {
  Result<T> r;
  r.state = stack.start(lanes);
  stack.forward(training, steps, {x.data()}, r.state, mask);
  r.outputs.assign(stack.output(0),
                   stack.output(0) + static_cast<std::ptrdiff_t>(steps) * lanes * stack.output_size(0));
  return r;
}

std::vector<StackSpec> some_stacks() {
  return {{{layer("lstm", 5)}, false, {3}},
          {{layer("gru", 4), layer("lstm_peephole", 5)}, false, {3}},
          {{layer("lstm", 4, Direction::reverse)}, false, {3}},
          {{layer("lstm", 4, Direction::both), layer("gru_reset_after", 3, Direction::both)}, false, {3}},
          {{layer("slstm", 4, Direction::both), layer("rnn", 8, Direction::forward, true)}, false, {3}},
          {{layer("min_gru", 4), layer("lstm_layernorm", 5, Direction::both), layer("gru", 2)}, true, {3}}};
}

// Every lane's steps that count, run alone and without padding, against the batch: outputs there, 0
// elsewhere, and the state after them, to the bit.
template <class T>
void expect_as_alone(const StackSpec& spec, int steps, int lanes, const std::vector<std::uint8_t>& mask,
                     bool training) {
  Fixture<T> f(spec);
  const AlignedArray<T> x = random_array<T>(static_cast<std::size_t>(steps * lanes * spec.inputs[0]), 7);
  const Result<T> all = run(f.stack, steps, lanes, x, mask.data(), training);
  const int width = f.stack.output_size(0);
  for (int b = 0; b < lanes; ++b) {
    std::vector<int> kept;
    for (int t = 0; t < steps; ++t) {
      if (mask[static_cast<std::size_t>(t * lanes + b)]) kept.push_back(t);
    }
    Result<T> alone;
    alone.state = f.stack.start(1);
    if (!kept.empty()) {
      alone = run(f.stack, static_cast<int>(kept.size()), 1, cut(x, lanes, spec.inputs[0], {b}, kept),
                  nullptr, training);
    }
    std::size_t next = 0;
    for (int t = 0; t < steps; ++t) {
      const T* row = all.outputs.data() + (t * lanes + b) * width;
      if (next < kept.size() && kept[next] == t) {
        EXPECT_EQ(0, std::memcmp(row, alone.outputs.data() + next * static_cast<std::size_t>(width),
                                 static_cast<std::size_t>(width) * sizeof(T)))
            << "lane " << b << " step " << t;
        ++next;
      } else {
        for (int k = 0; k < width; ++k) EXPECT_EQ(row[k], T(0)) << "lane " << b << " step " << t;
      }
    }
    const StackState<T> mine = select_lanes(all.state, {b});
    for (std::size_t i = 0; i < mine.layers.size(); ++i) {
      for (std::size_t s = 0; s < mine.layers[i].values.size(); ++s) {
        const AlignedArray<T>&a = mine.layers[i].values[s], &e = alone.state.layers[i].values[s];
        ASSERT_EQ(a.size(), e.size());
        EXPECT_EQ(0, std::memcmp(a.data(), e.data(), a.size() * sizeof(T)))
            << "lane " << b << " track " << i << " state " << s;
      }
    }
  }
}

TEST(Stack, RaggedLanesGiveTheBitsOfEachAlone) {
  for (const StackSpec& spec : some_stacks()) {
    for (const bool training : {false, true}) {
      expect_as_alone<float>(spec, 6, 5, mask_of_lengths({4, 0, 6, 1, 5}, 6), training);
      expect_as_alone<double>(spec, 6, 5, mask_of_lengths({4, 0, 6, 1, 5}, 6), training);
    }
  }
}

TEST(Stack, MasksInTheMiddleGiveTheBitsOfTheStepsRemoved) {
  std::vector<std::uint8_t> mask(7 * 4);
  const Random random(3, hash_name("test.mask"));
  for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = random.below(3, i) > 0;
  for (std::size_t t = 0; t < 7; ++t) mask[t * 4 + 2] = 0;  // a lane of padding alone
  for (std::size_t b = 0; b < 4; ++b) mask[3 * 4 + b] = 0;  // a step of padding alone
  for (const StackSpec& spec : some_stacks()) expect_as_alone<float>(spec, 7, 4, mask, true);
}

TEST(Stack, PaddingIsNotRead) {
  const StackSpec spec = some_stacks()[4];
  Fixture<double> f(spec);
  const std::vector<std::uint8_t> mask = mask_of_lengths({2, 4, 0}, 4);
  AlignedArray<double> x = random_array<double>(4 * 3 * 3, 5);
  const auto gradient = [&] {
    const Result<double> r = run(f.stack, 4, 3, x, mask.data(), true);
    const AlignedArray<double> d = random_array<double>(r.outputs.size(), 6);
    AlignedArray<double> g(f.stack.size());
    Stack<double>::Backward b;
    b.d_outputs = {d.data()};
    b.wanted = 1;
    b.gradients = g.data();
    f.stack.backward(b);
    std::vector<double> all(r.outputs);
    all.insert(all.end(), g.begin(), g.end());
    all.insert(all.end(), f.stack.d_input(0), f.stack.d_input(0) + x.size());
    return all;
  };
  const std::vector<double> clean = gradient();
  for (std::size_t r = 0; r < 12; ++r) {
    for (std::size_t k = 0; k < 3 && !mask[r]; ++k) x[r * 3 + k] = std::nan("");
  }
  EXPECT_EQ(clean, gradient());
}

// Σ w·outputs + Σ v·final states, by central differences in every parameter and input.
void expect_gradients(const StackSpec& spec, const std::vector<std::uint8_t>& mask, int steps, int lanes) {
  Fixture<double> f(spec, 1);
  AlignedArray<double> x = random_array<double>(static_cast<std::size_t>(steps * lanes * spec.inputs[0]), 17);
  const std::size_t outputs = static_cast<std::size_t>(steps * lanes * f.stack.output_size(0));
  const AlignedArray<double> w = random_array<double>(outputs, 18);
  StackState<double> d_final = f.stack.start(lanes), d_start = d_final;
  for (std::size_t i = 0; i < d_final.layers.size(); ++i) {
    for (std::size_t s = 0; s < d_final.layers[i].values.size(); ++s) {
      AlignedArray<double>& v = d_final.layers[i].values[s];
      v = random_array<double>(v.size(), 19 + 10 * i + s);
    }
  }
  const std::uint8_t* bytes = mask.empty() ? nullptr : mask.data();
  const auto objective = [&] {
    f.stack.bind(f.parameters.data());
    const Result<double> r = run(f.stack, steps, lanes, x, bytes, true);
    double sum = 0;
    for (std::size_t k = 0; k < outputs; ++k) sum += w[k] * r.outputs[k];
    for (std::size_t i = 0; i < r.state.layers.size(); ++i) {
      for (std::size_t s = 0; s < r.state.layers[i].values.size(); ++s) {
        for (std::size_t k = 0; k < r.state.layers[i].values[s].size(); ++k) {
          const double value = r.state.layers[i].values[s][k];
          // An empty lane of slstm ends at m's start, -1e30, beside which nothing else could be seen.
          if (std::abs(value) < 1e20) sum += d_final.layers[i].values[s][k] * value;
        }
      }
    }
    return sum;
  };
  objective();
  AlignedArray<double> g(f.stack.size());
  Stack<double>::Backward b;
  b.d_outputs = {w.data()};
  b.wanted = 1;
  b.gradients = g.data();
  b.d_final = &d_final;
  b.d_start = &d_start;
  f.stack.backward(b);
  const std::vector<double> d_x(f.stack.d_input(0), f.stack.d_input(0) + x.size());
  double largest = 0;
  for (const double v : g) largest = std::max(largest, std::abs(v));
  for (const double v : d_x) largest = std::max(largest, std::abs(v));
  const auto check = [&](double& number, double analytic, const std::string& what, std::size_t k) {
    const double before = number;
    number = before + 1e-5;
    const double up = objective();
    number = before - 1e-5;
    const double down = objective();
    number = before;
    EXPECT_NEAR(analytic, (up - down) / 2e-5, 1e-6 * std::max(std::abs(analytic), 1e-2 * largest))
        << what << "[" << k << "]";
  };
  for (std::size_t k = 0; k < x.size(); ++k) check(x[k], d_x[k], "x", k);
  for (std::size_t k = 0; k < g.size(); ++k) {
    if (f.parameters[k] != 0) check(f.parameters[k], g[k], "parameter", k);  // 0: padding
  }
}

TEST(Stack, GradientsOfRaggedBatchesAreThoseOfDifferences) {
  for (const StackSpec& spec : some_stacks()) expect_gradients(spec, mask_of_lengths({3, 0, 4}, 4), 4, 3);
}

TEST(Stack, GradientsOfEveryWiringAreThoseOfDifferences) {
  for (const bool skip : {false, true}) {
    expect_gradients(
        {{layer("rnn", 3, Direction::forward, true), layer("gru", 2, Direction::both)}, skip, {3}}, {}, 3, 2);
  }
  expect_gradients({{layer("rnn", 4, Direction::both), layer("lstm", 4, Direction::both, true)}, false, {3}},
                   {}, 3, 2);
}

TEST(Stack, SkipAndResidualAreWhatTheySay) {
  const int steps = 4, lanes = 2;
  StackSpec spec{{layer("gru", 3, Direction::forward, true), layer("lstm", 4)}, true, {3}};
  Fixture<double> f(spec);
  const AlignedArray<double> x = random_array<double>(24, 2);
  const Result<double> whole = run(f.stack, steps, lanes, x, nullptr, false);
  EXPECT_EQ(f.stack.output_size(0), 7);
  // The same by hand: layers of their own, with the parameters of their tracks.
  Stack<double> below({{layer("gru", 3)}, false, {3}}, kernels::kernels<double>(), test::engine(1));
  Stack<double> above({{layer("lstm", 4)}, false, {6}}, kernels::kernels<double>(), test::engine(1));
  below.bind(f.parameters.data());
  above.bind(f.parameters.data() + f.stack.offset(1));
  const Result<double> low = run(below, steps, lanes, x, nullptr, false);
  AlignedArray<double> joined(steps * lanes * 6);
  for (std::size_t r = 0; r < 8; ++r) {
    for (std::size_t k = 0; k < 3; ++k) {
      joined[r * 6 + k] = low.outputs[r * 3 + k] + x[r * 3 + k];
      joined[r * 6 + 3 + k] = x[r * 3 + k];
    }
  }
  const Result<double> high = run(above, steps, lanes, joined, nullptr, false);
  for (std::size_t r = 0; r < 8; ++r) {
    for (std::size_t k = 0; k < 3; ++k) EXPECT_EQ(whole.outputs[r * 7 + k], joined[r * 6 + k]);
    for (std::size_t k = 0; k < 4; ++k) EXPECT_EQ(whole.outputs[r * 7 + 3 + k], high.outputs[r * 4 + k]);
  }
}

TEST(Stack, TracksHaveNames) {
  const Wiring w =
      wire({{layer("lstm", 4, Direction::both), layer("gru", 3, Direction::reverse)}, false, {3}});
  ASSERT_EQ(w.tracks.size(), 3u);
  EXPECT_EQ(w.tracks[0].name, "layers.0");
  EXPECT_EQ(w.tracks[1].name, "layers.0.reverse");
  EXPECT_EQ(w.tracks[2].name, "layers.1");
  EXPECT_EQ(w.layer_inputs[1], std::vector<int>{8});
}

void expect_refused(const std::function<void()>& f, const std::string& part) {
  try {
    f();
    ADD_FAILURE() << "not refused: " << part;
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find(part), std::string::npos) << e.what();
  }
}

TEST(Stack, RefusesWhatCannotBe) {
  expect_refused([] { wire({{layer("lstm", 4, Direction::forward, true)}, false, {3}}); }, "residual");
  expect_refused([] { wire({{layer("lstm", 0)}, false, {3}}); }, "units 0");
  ModelSpec model = test::stack(5, 3, {{"lstm", 4}});
  model.layers[0].direction = Direction::both;
  expect_refused([&] { tensors_of(model); }, "may not look ahead");
}

TEST(Stack, LanesComeAndGo) {
  Fixture<double> f(some_stacks()[1]);
  const AlignedArray<double> x = random_array<double>(5 * 4 * 3, 9);
  Result<double> four = run(f.stack, 5, 4, x, nullptr, false);
  StackState<double> two = select_lanes(four.state, {3, 1});
  copy_lane(four.state, 0, two, 1);
  const AlignedArray<double> more = random_array<double>(2 * 4 * 3, 10);
  f.stack.forward(false, 2, {more.data()}, four.state);
  const StackState<double> expected = select_lanes(four.state, {3, 0});
  const AlignedArray<double> chosen = cut(more, 4, 3, {3, 0}, {0, 1});
  f.stack.forward(false, 2, {chosen.data()}, two);
  for (std::size_t i = 0; i < two.layers.size(); ++i) {
    for (std::size_t s = 0; s < two.layers[i].values.size(); ++s) {
      EXPECT_EQ(0, std::memcmp(two.layers[i].values[s].data(), expected.layers[i].values[s].data(),
                               two.layers[i].values[s].size() * sizeof(double)));
    }
  }
  expect_refused([&] { select_lanes(two, {2}); }, "lane 2 of 2");
}

}  // namespace
}  // namespace cellwright
