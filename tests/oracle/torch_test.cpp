// torch_test.cpp: rnn, lstm and gru, single and stacked, against what PyTorch computed in double: outputs,
// final states and every gradient, through the compiled plan. The files are made by
// tools/make_torch_oracle.py, which says what they hold.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "compile/plan.h"
#include "interop/safetensors.h"
#include "kernels/kernels.h"
#include "language/lower.h"
#include "language/parse.h"
#include "language/shipped.h"
#include "oracle/torch_parameters.h"
#include "run/runner.h"

namespace cellwright {
namespace {

constexpr double kTolerance = 1e-10;

struct Case {
  const char* file;
  const char* cell;
  int layers;
  test::Sources parameters;
  std::map<std::string, std::string> states;  ///< ours to PyTorch's
};

/// For the test's name in messages.
void PrintTo(const Case& c, std::ostream* out) { *out << c.file; }

const std::map<std::string, std::string> kH = {{"h", "h"}}, kHandC = {{"h", "h"}, {"C", "c"}};

AlignedArray<double> aligned(const std::vector<double>& values) {
  AlignedArray<double> array(values.size());
  std::copy(values.begin(), values.end(), array.begin());
  return array;
}

/// One layer with the buffers around it.
struct Layer {
  Layer(const char* cell, int inputs, int units, ThreadPool& pool)
      : plan(make_plan(lower(syntax::parse_cell(shipped_cell_text(cell), cell), {units, {inputs}, {}, {}}),
                       true)),
        runner(plan, kernels::kernels<double>(), pool),
        parameters(runner.layout().size()),
        gradients(runner.layout().size()) {}

  Plan plan;
  Runner<double> runner;
  AlignedArray<double> parameters, gradients, input, d_input;
  LayerState<double> state, d_start;
};

class TorchOracle : public testing::TestWithParam<Case> {
 protected:
  std::vector<double> read(const std::string& name) const { return file_.at(name, path_).values<double>(); }

  /// Layer `l` of a state tensor [L,B,H] in our order of states.
  LayerState<double> state(const Plan& plan, int l, const std::string& prefix,
                           const std::string& suffix) const {
    LayerState<double> result = make_state<double>(plan, lanes_);
    result.fresh.assign(static_cast<std::size_t>(lanes_), 0);
    for (std::size_t s = 0; s < plan.graph.states.size(); ++s) {
      const std::vector<double> all = read(prefix + GetParam().states.at(plan.graph.states[s].name) + suffix);
      const std::ptrdiff_t size = lanes_ * units_;
      std::copy_n(all.begin() + l * size, size, result.values[s].begin());
    }
    return result;
  }

  std::vector<double> gather(const Parameter& p, int l, const std::string& prefix,
                             bool hidden = false) const {
    return test::gather([this](const std::string& name) { return read(name); }, GetParam().parameters, p,
                        units_, "l" + std::to_string(l), prefix, hidden);
  }

  template <typename A>
  static void expect_near(const A& found, const std::vector<double>& expected, const std::string& what) {
    ASSERT_EQ(found.size(), expected.size()) << what;
    for (std::size_t k = 0; k < expected.size(); ++k) {
      ASSERT_NEAR(found[k], expected[k], kTolerance) << what << " entry " << k;
    }
  }

  static void expect_near(const double* found, const std::vector<double>& expected, const std::string& what) {
    expect_near(std::vector<double>(found, found + expected.size()), expected, what);
  }

  void expect_states(const LayerState<double>& found, const LayerState<double>& expected,
                     const std::string& what) {
    for (std::size_t s = 0; s < expected.values.size(); ++s) {
      expect_near(expected.values[s], std::vector<double>(found.values[s].begin(), found.values[s].end()),
                  what);
    }
  }

  /// Every layer on top of the one below, forward and backward, by `threads` threads.
  void run_and_compare(int threads);

  std::string path_ = std::string(CELLWRIGHT_SOURCE_DIR "/tests/oracle/") + GetParam().file;
  SafetensorsFile file_ = read_safetensors(path_);
  int steps_ = static_cast<int>(file_.at("x", path_).shape[0]),
      lanes_ = static_cast<int>(file_.at("x", path_).shape[1]);
  int inputs_ = static_cast<int>(file_.at("x", path_).shape[2]),
      units_ = static_cast<int>(file_.at("y", path_).shape[2]);
};

void TorchOracle::run_and_compare(int threads) {
  ThreadPool pool(threads);
  std::vector<std::unique_ptr<Layer>> layers;
  for (int l = 0; l < GetParam().layers; ++l) {
    layers.push_back(std::make_unique<Layer>(GetParam().cell, l == 0 ? inputs_ : units_, units_, pool));
    Layer& layer = *layers.back();
    for (std::size_t p = 0; p < layer.plan.graph.parameters.size(); ++p) {
      const std::vector<double> stored = gather(layer.plan.graph.parameters[p], l, "");
      ASSERT_EQ(stored.size(), layer.runner.layout().stored_size(static_cast<int>(p)));
      layer.runner.layout().pack(static_cast<int>(p), stored.data(), layer.parameters.data());
    }
    layer.runner.bind(layer.parameters.data());
    layer.runner.prepare(steps_, lanes_);
    layer.state = state(layer.plan, l, "", "0");
    layer.d_start = make_state<double>(layer.plan, lanes_);

    const std::size_t rows = static_cast<std::size_t>(steps_ * lanes_),
                      units = static_cast<std::size_t>(units_);
    if (l == 0) {
      layer.input = aligned(read("x"));
    } else {
      const double* below = layers[static_cast<std::size_t>(l) - 1]->runner.output(0);
      layer.input = aligned(std::vector<double>(below, below + rows * units));
    }
    layer.d_input = AlignedArray<double>(layer.input.size());
    const double* inputs[] = {layer.input.data()};
    layer.runner.forward(steps_, inputs, layer.state);
    expect_states(layer.state, state(layer.plan, l, "", "_n"), "final state of layer " + std::to_string(l));
  }
  expect_near(layers.back()->runner.output(0), read("y"), "y");

  AlignedArray<double> d_output = aligned(read("g_y"));
  for (int l = GetParam().layers - 1; l >= 0; --l) {
    Layer& layer = *layers[static_cast<std::size_t>(l)];
    const std::string name = " of layer " + std::to_string(l);
    const LayerState<double> d_final = state(layer.plan, l, "g_", "_n");
    const double* d_outputs[] = {d_output.data()};
    double* d_inputs[] = {layer.d_input.data()};
    Runner<double>::Backward b;
    b.d_outputs = d_outputs;
    b.d_final = &d_final;
    b.gradients = layer.gradients.data();
    b.d_inputs = d_inputs;
    b.d_start = &layer.d_start;
    layer.runner.backward(b);
    d_output = layer.d_input;

    expect_states(layer.d_start, state(layer.plan, l, "d_", "0"), "gradient of the first state" + name);
    for (std::size_t p = 0; p < layer.plan.graph.parameters.size(); ++p) {
      const Parameter& parameter = layer.plan.graph.parameters[p];
      std::vector<double> found(layer.runner.layout().stored_size(static_cast<int>(p)));
      layer.runner.layout().unpack(static_cast<int>(p), layer.gradients.data(), found.data());
      expect_near(found, gather(parameter, l, "d_", false), "gradient of " + parameter.name + name);
      expect_near(found, gather(parameter, l, "d_", true), "gradient of " + parameter.name + name);
    }
  }
  expect_near(layers.front()->d_input, read("d_x"), "gradient of x");
}

TEST_P(TorchOracle, OutputsAndAllGradientsAgree) { run_and_compare(1); }
TEST_P(TorchOracle, AgreesWithTwoThreads) { run_and_compare(2); }

INSTANTIATE_TEST_SUITE_P(Cells, TorchOracle,
                         testing::Values(Case{"torch_rnn.safetensors", "rnn", 1, test::kRnn, kH},
                                         Case{"torch_rnn_2.safetensors", "rnn", 2, test::kRnn, kH},
                                         Case{"torch_lstm.safetensors", "lstm", 1, test::kLstm, kHandC},
                                         Case{"torch_lstm_2.safetensors", "lstm", 2, test::kLstm, kHandC},
                                         Case{"torch_gru.safetensors", "gru_reset_after", 1, test::kGru, kH},
                                         Case{"torch_gru_2.safetensors", "gru_reset_after", 2, test::kGru,
                                              kH}),
                         [](const testing::TestParamInfo<Case>& info) {
                           return std::string(info.param.cell) + "_" + std::to_string(info.param.layers);
                         });

}  // namespace
}  // namespace cellwright
