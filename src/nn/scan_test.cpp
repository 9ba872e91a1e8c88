// scan_test.cpp: models and stacks whose engine asks for scans against those of one that does not: ragged
// batches, both directions, truncated windows, stretches; the same bits for any number of threads; and
// refusal where a scan has nothing to do.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "cellwright/error.h"
#include "nn/test_help.h"

namespace cellwright {
namespace {

// Long enough for five chunks; a stretch of 600 has them too.
constexpr int kSteps = 1200, kLanes = 2;

EngineOptions scanning(int threads) {
  EngineOptions options;
  options.threads = threads;
  options.scan = true;
  return options;
}

Engine& scan_engine(int threads) {
  static Engine one(scanning(1)), two(scanning(2)), seven(scanning(7));
  return threads == 1 ? one : threads == 2 ? two : seven;
}

template <class T>
using Numbers = std::vector<std::vector<T>>;

/// Two updates with a carried state, the last one truncated: steps 300 … count; then a validation.
template <class T>
Numbers<T> train(const ModelSpec& spec, Engine& engine, int stretch = 0, int advance = 0) {
  Model<T> model(spec, engine);
  model.initialise(4);
  model.set_stretch(stretch);
  const std::size_t n = static_cast<std::size_t>(kSteps * kLanes);
  const std::vector<std::int32_t> inputs = test::random_tokens(n, spec.classes, 1),
                                  targets = test::random_tokens(n, spec.classes, 2);
  ModelState<T> state = model.make_state(kLanes);
  Numbers<T> found;
  for (int update = 0; update < 2; ++update) {
    model.set_noise(3, static_cast<std::uint64_t>(update));
    const WindowLoss loss =
        model.train_window({kSteps, kLanes, inputs.data(), targets.data(), 300 * update}, state, advance);
    found.push_back({static_cast<T>(loss.nats / static_cast<double>(loss.tokens))});
    for (std::size_t i = 0; i < model.tensors().size(); ++i) found.push_back(model.gradient(i));
    for (const auto& layer : state.layers) {
      for (const auto& values : layer.values) found.emplace_back(values.begin(), values.end());
    }
  }
  const WindowLoss loss = model.evaluate_window({kSteps, kLanes, inputs.data(), targets.data(), 0}, state);
  found.push_back({static_cast<T>(loss.nats / static_cast<double>(loss.tokens))});
  return found;
}

template <class T>
void expect_near(const Numbers<T>& a, const Numbers<T>& b, double tolerance) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < b.size(); ++i) {
    double largest = 1e-30, difference = 0;
    for (std::size_t k = 0; k < b[i].size(); ++k) {
      largest = std::max(largest, std::abs(static_cast<double>(b[i][k])));
      difference = std::max(difference, std::abs(static_cast<double>(a[i][k] - b[i][k])));
    }
    EXPECT_LE(difference, tolerance * largest) << "tensor " << i;
  }
}

ModelSpec some_model() {
  ModelSpec spec = test::stack(11, 6, {{"min_gru", 9}, {"rg_lru", 9}, {"lstm", 4}, {"min_lstm", 20}});
  spec.layers[0].regularisation.zoneout["h"] = 0.1;
  spec.layers[1].residual = true;
  return spec;
}

TEST(ScanModel, EqualsThePlainOneWithinRounding) {
  const ModelSpec spec = some_model();
  expect_near(train<double>(spec, scan_engine(2)), train<double>(spec, test::engine(2)), 1e-10);
  expect_near(train<float>(spec, scan_engine(2)), train<float>(spec, test::engine(2)), 1e-3);
}

TEST(ScanModel, ThreadsChangeNoBit) {
  for (const ModelSpec& spec : {some_model(), test::stack(11, 0, {{"min_gru", 100}})}) {
    const Numbers<float> one = train<float>(spec, scan_engine(1));
    EXPECT_EQ(train<float>(spec, scan_engine(2)), one);
    EXPECT_EQ(train<float>(spec, scan_engine(7)), one);
  }
}

// A stretch has chunks of its own.
TEST(ScanModel, StretchesAndTruncatedWindowsAreRight) {
  const ModelSpec spec = some_model();
  const Numbers<double> whole = train<double>(spec, test::engine(2));
  for (const int stretch : {600, 512, 130})
    expect_near(train<double>(spec, scan_engine(2), stretch), whole, 1e-10);
  const Numbers<double> part = train<double>(spec, test::engine(2), 0, 700);
  expect_near(train<double>(spec, scan_engine(2), 0, 700), part, 1e-10);
  expect_near(train<double>(spec, scan_engine(2), 600, 700), part, 1e-10);
}

// Lengths that end in several chunks, none, and all; forward, backwards and both ways in time.
TEST(ScanStack, RaggedBatchesEqualThePlainOnes) {
  const std::vector<int> lengths = {kSteps, 700, 1, 0, 513};
  const int lanes = static_cast<int>(lengths.size()), width = 3;
  const std::vector<std::uint8_t> mask = mask_of_lengths(lengths, kSteps);
  AlignedArray<double> x(static_cast<std::size_t>(kSteps * lanes * width));
  const Random random(9, hash_name("test.scan"));
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = random.normal(i);
    if (!mask[i / static_cast<std::size_t>(width)]) x[i] = std::nan("");  // padding is not read
  }
  for (const auto direction :
       {LayerSpec::Direction::forward, LayerSpec::Direction::reverse, LayerSpec::Direction::both}) {
    StackSpec spec{{test::layer("min_gru", 7), test::layer("min_lstm", 5)}, false, {width}};
    for (LayerSpec& layer : spec.layers) layer.direction = direction;
    Numbers<double> results[2];
    for (const bool scan : {false, true}) {
      Stack<double> stack(spec, kernels::kernels<double>(), scan ? scan_engine(2) : test::engine(2));
      AlignedArray<double> parameters(stack.size()), gradients(stack.size());
      for (int i = 0; i < stack.tracks(); ++i) {
        const ParameterLayout<double>& layout = stack.track(i).layout();
        for (int p = 0; p < static_cast<int>(layout.parameters().size()); ++p) {
          std::vector<double> values(layout.stored_size(p));
          for (std::size_t k = 0; k < values.size(); ++k)
            values[k] = 0.5 * random.normal(k, static_cast<std::uint64_t>(100 * i + p));
          layout.pack(p, values.data(), parameters.data() + stack.offset(i));
        }
      }
      stack.bind(parameters.data());
      StackState<double> state = stack.start(lanes), d_start = stack.start(lanes);
      stack.forward(true, kSteps, {x.data()}, state, mask.data());
      const std::size_t n = static_cast<std::size_t>(kSteps * lanes * stack.output_size(0));
      AlignedArray<double> d(n);
      for (std::size_t i = 0; i < n; ++i) d[i] = random.normal(i, 77);
      Numbers<double>& found = results[scan];
      found.emplace_back(stack.output(0), stack.output(0) + n);
      Stack<double>::Backward b;
      b.d_outputs = {d.data()};
      b.wanted = 1;
      b.gradients = gradients.data();
      b.d_start = &d_start;
      stack.backward(b);
      found.emplace_back(gradients.begin(), gradients.end());
      found.emplace_back(stack.d_input(0), stack.d_input(0) + x.size());
      for (const StackState<double>* s : {&state, &d_start}) {
        for (const auto& layer : s->layers)
          found.emplace_back(layer.values[0].begin(), layer.values[0].end());
      }
    }
    expect_near(results[1], results[0], 1e-11);
  }
}

TEST(ScanModel, WithoutAnAffineLayerIsRefused) {
  const auto told = [](const ModelSpec& spec) -> std::string {
    try {
      Model<float> model(spec, scan_engine(1));
      model.require_scan(false);
    } catch (const SpecError& error) {
      return error.what();
    }
    return "";
  };
  const std::string message = told(test::stack(7, 4, {{"lstm", 4}, {"gru", 4}}));
  EXPECT_NE(message.find("layer 0, lstm: a matrix mixes the units of 'h' (line 8); layer 1, gru: a matrix"),
            std::string::npos)
      << message;
  EXPECT_EQ(told(test::stack(7, 4, {{"lstm", 4}, {"min_gru", 4}})), "");
  // Its gradient is carried by a scan, in training alone.
  EXPECT_NE(told(test::stack(7, 4, {{"sru", 4}})).find("'C' goes through sigmoid"), std::string::npos);
  EXPECT_NO_THROW(Model<float>(test::stack(7, 4, {{"sru", 4}}), scan_engine(1)));
}

}  // namespace
}  // namespace cellwright
