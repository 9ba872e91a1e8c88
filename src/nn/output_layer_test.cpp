// output_layer_test.cpp: the adaptive softmax: against PyTorch's, gradients against differences, the same
// bits however the work is cut, probabilities that sum to one, and what cannot be.
#include "nn/output_layer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "cellwright/error.h"
#include "nn/regulariser_test_help.h"
#include "support/data_path.h"

namespace cellwright {
namespace {

using test::stack;

ModelSpec adaptive(int classes, int units, std::vector<int> cutoffs) {
  ModelSpec spec = stack(classes, 5, {{"lstm", units}});
  spec.adaptive_softmax = std::move(cutoffs);
  return spec;
}

// A row-major tensor into, and out of, the layer's flat array.
template <class T>
void put(const OutputTensor& t, const std::vector<double>& values, T* flat) {
  const std::vector<T> v(values.begin(), values.end());
  if (t.matrix) {
    kernels::pack(v.data(), t.columns, 0, t.rows, 0, t.columns, flat);
  } else {
    std::copy(v.begin(), v.end(), flat);
  }
}
template <class T>
std::vector<T> take(const OutputTensor& t, const T* flat) {
  std::vector<T> v(static_cast<std::size_t>(t.rows) * static_cast<std::size_t>(t.columns));
  if (t.matrix) {
    kernels::unpack(flat, 0, t.rows, 0, t.columns, v.data(), t.columns);
  } else {
    std::copy_n(flat, v.size(), v.begin());
  }
  return v;
}

std::vector<double> flattened(const nlohmann::json& rows) {
  std::vector<double> all;
  for (const auto& row : rows)
    for (const double x : row) all.push_back(x);
  return all;
}

// From tools/make_adaptive_softmax_oracle.py.
template <class T>
void expect_pytorchs(double tolerance) {
  const auto oracle = nlohmann::json::parse(read_file(test::fixture_path("oracle/adaptive_softmax.json")));
  ASSERT_GE(oracle["cases"].size(), 3u);
  for (const auto& stored : oracle["cases"]) {
    const int inputs = stored["inputs"], classes = stored["classes"];
    const auto cutoffs = stored["cutoffs"].get<std::vector<int>>();
    const auto targets = stored["targets"].get<std::vector<std::int32_t>>();
    const auto exact_h = flattened(stored["h"]), nats = stored["nats"].get<std::vector<double>>(),
               d_h = flattened(stored["d_h"]), log_p = flattened(stored["log_probabilities"]);
    const std::vector<T> h(exact_h.begin(), exact_h.end());
    const auto tensors = output_tensors(inputs, classes, cutoffs);
    ASSERT_EQ(tensors.size(), stored["tensors"].size());
    for (const std::string& simd : kernels::available_targets()) {
      for (const int threads : {1, 2}) {
        ThreadPool pool(threads);
        OutputLayer<T> layer(inputs, classes, cutoffs, kernels::kernels<T>(simd), pool);
        AlignedArray<T> parameters(layer.size()), gradients(layer.size()), found_d_h(h.size());
        gradients.fill(T(1e30));  // must be overwritten
        for (std::size_t i = 0; i < tensors.size(); ++i)
          put(tensors[i], stored["tensors"]["head." + tensors[i].name].template get<std::vector<double>>(),
              parameters.data() + layer.offset(i));
        layer.bind(parameters.data());
        const int rows = static_cast<int>(targets.size());
        const typename OutputLayer<T>::Gradients g{T{1}, gradients.data(), found_d_h.data(), T{}, true};
        const double loss = layer.loss({h.data(), targets.data(), 3, rows / 3, 0}, &g);
        double sum = 0;
        for (std::size_t r = 0; r < nats.size(); ++r) {
          EXPECT_NEAR(layer.row_nats()[r], nats[r], tolerance * (1 + nats[r])) << simd << " row " << r;
          sum += nats[r];
        }
        EXPECT_NEAR(loss, sum, tolerance * (1 + sum));
        for (std::size_t i = 0; i < d_h.size(); ++i)
          ASSERT_NEAR(static_cast<double>(found_d_h[i]), d_h[i], tolerance * 10) << simd << " d_h " << i;
        for (std::size_t i = 0; i < tensors.size(); ++i) {
          const auto exact =
              stored["gradients"]["head." + tensors[i].name].template get<std::vector<double>>();
          const std::vector<T> found = take(tensors[i], gradients.data() + layer.offset(i));
          for (std::size_t k = 0; k < exact.size(); ++k)
            ASSERT_NEAR(static_cast<double>(found[k]), exact[k], tolerance * 10)
                << simd << " " << tensors[i].name << " " << k;
        }
        AlignedArray<T> logits(static_cast<std::size_t>(2 * classes));
        layer.logits(h.data(), 2, logits.data());
        for (std::size_t i = 0; i < log_p.size(); ++i)
          ASSERT_NEAR(static_cast<double>(logits[i]), log_p[i], tolerance * (1 + std::abs(log_p[i])))
              << simd << " " << i;
      }
    }
  }
}

TEST(AdaptiveSoftmax, LossGradientsAndProbabilitiesArePyTorchs) {
  expect_pytorchs<double>(1e-11);
  expect_pytorchs<float>(5e-6);
}

TEST(AdaptiveSoftmax, GradientOfAModelIsThatOfDifferences) {
  Model<double> model(adaptive(23, 16, {4, 11}), test::engine(1));
  test::randomise(model, 1);
  const test::Tokens tokens(4, 3, 23, 30);
  test::expect_gradients(model, tokens.window());
  const auto of = [&](const char* name) { return model.tensors()[test::index_of(model, name)].shape; };
  EXPECT_EQ(of("head.weight"), (std::vector<std::int64_t>{6, 16}));
  EXPECT_EQ(of("head.bias"), (std::vector<std::int64_t>{6}));
  EXPECT_EQ(of("head.tails.0.projection"), (std::vector<std::int64_t>{4, 16}));
  EXPECT_EQ(of("head.tails.0.weight"), (std::vector<std::int64_t>{7, 4}));
  EXPECT_EQ(of("head.tails.1.projection"), (std::vector<std::int64_t>{1, 16}));
  EXPECT_EQ(of("head.tails.1.weight"), (std::vector<std::int64_t>{12, 1}));
  std::int64_t trained = 0;
  for (const TensorInfo& info : model.tensors()) trained += info.trained;
  EXPECT_EQ(model.parameter_count(), trained);
}

TEST(AdaptiveSoftmax, BitsAreThoseOfAnyThreadsAndStretches) {
  const ModelSpec spec = adaptive(3000, 32, {100, 700});
  const test::Tokens tokens(9, 40, 3000, 8);
  TokenWindow window = tokens.window();
  window.first_counted = 2;
  Model<float> model(spec, test::engine(1));
  test::randomise(model, 4);
  const double nats = test::train_once(model, window).nats;
  const auto expected = test::all_gradients(model);
  for (const int threads : {1, 2, 7}) {
    for (const int stretch : {0, 1, 4}) {
      Model<float> other(spec, test::engine(threads));
      test::copy_parameters(model, other);
      other.set_stretch(stretch);
      EXPECT_EQ(test::train_once(other, window).nats, nats);
      EXPECT_TRUE(test::all_gradients(other) == expected) << threads << " threads, stretches of " << stretch;
      ModelState<float> state = other.make_state(40);
      EXPECT_EQ(other.evaluate_window(window, state).nats, nats);
    }
  }
}

TEST(AdaptiveSoftmax, StepGivesLogProbabilitiesThatTheLossKnows) {
  Model<double> model(adaptive(40, 64, {5, 12, 20}), test::engine(2));
  test::randomise(model, 2);
  const test::Tokens tokens(6, 2, 40, 5);
  WindowRows<double> rows;
  ModelState<double> state = model.make_state(2), stepped = model.make_state(2);
  model.evaluate_window(tokens.window(), state, &rows);
  std::vector<double> logits(80);
  for (std::size_t t = 0; t < 6; ++t) {
    model.step(tokens.inputs.data() + 2 * t, stepped, logits.data());
    for (std::size_t b = 0; b < 2; ++b) {
      double sum = 0;
      for (std::size_t c = 0; c < 40; ++c) sum += std::exp(logits[b * 40 + c]);
      EXPECT_NEAR(sum, 1, 1e-12);
      EXPECT_NEAR(logits[b * 40 + static_cast<std::size_t>(tokens.targets[2 * t + b])], -rows.nats[2 * t + b],
                  1e-12);
    }
  }
}

// No target in a cluster: its gradient is 0, whatever the window before left there.
TEST(AdaptiveSoftmax, AnEmptyClusterHasNoGradient) {
  Model<double> model(adaptive(40, 16, {5, 12}), test::engine(1));
  test::randomise(model, 2);
  const test::Tokens tokens(6, 2, 40, 5);
  test::train_once(model, tokens.window());
  TokenWindow window = tokens.window();
  const std::vector<std::int32_t> targets(12, 3);
  window.targets = targets.data();
  test::train_once(model, window);
  for (const char* name :
       {"head.tails.0.projection", "head.tails.0.weight", "head.tails.1.projection", "head.tails.1.weight"})
    for (const double g : model.gradient(test::index_of(model, name))) ASSERT_EQ(g, 0) << name;
  for (const double g : model.gradient(test::index_of(model, "head.bias"))) ASSERT_NE(g, 0);
}

TEST(AdaptiveSoftmax, IsPartOfTheSpecification) {
  const ModelSpec spec = adaptive(40, 16, {5, 12});
  EXPECT_EQ(model_spec_from_json(to_json(spec)).adaptive_softmax, spec.adaptive_softmax);
  EXPECT_EQ(to_json(stack(40, 5, {{"lstm", 16}})).find("adaptive"), std::string::npos);
  std::string json = to_json(spec);
  for (const char* bad :
       {"[5,\"x\"]", "7", "[0]", "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]", "[4294967296]"}) {
    std::string damaged = json;
    damaged.replace(damaged.find("[5,12]"), 6, bad);
    EXPECT_THROW(model_spec_from_json(damaged), FormatError) << bad;
  }
}

TEST(AdaptiveSoftmax, RefusesWhatCannotBe) {
  const auto refused = [](ModelSpec spec, const std::string& part) {
    try {
      tensors_of(spec);
      ADD_FAILURE() << part;
    } catch (const SpecError& e) {
      EXPECT_NE(std::string(e.what()).find(part), std::string::npos) << e.what();
    }
  };
  refused(adaptive(40, 16, {0}), "a cutoff of 0");
  refused(adaptive(40, 16, {40}), "a cutoff of 40");
  refused(adaptive(40, 16, {9, 9}), "a cutoff of 9 after 9");
  refused(adaptive(40, 15, {9, 20}), "fewer cutoffs");
  ModelSpec spec = adaptive(40, 16, {9});
  spec.label_smoothing = 0.1;
  refused(spec, "label_smoothing");
  spec = adaptive(40, 16, {9});
  spec.embedding = 16;
  spec.tied = true;
  refused(spec, "tied");
}

}  // namespace
}  // namespace cellwright
