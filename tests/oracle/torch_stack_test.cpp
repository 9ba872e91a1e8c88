// torch_stack_test.cpp: stacks against what PyTorch computed in double: projected, in both directions, over
// sequences of unequal length; outputs, final states and every gradient. The files are made by
// tools/make_torch_oracle.py, which says what they hold.

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include "interop/safetensors.h"
#include "language/shipped.h"
#include "nn/stack.h"
#include "oracle/torch_parameters.h"

namespace cellwright {
namespace {

constexpr double kTolerance = 1e-10;

constexpr const char* kProjected = R"(cell lstm_projected(x) -> h
f = σ(W_f·[h[t-1], x] + b_f)
i = σ(W_i·[h[t-1], x] + b_i)
C̃ = tanh(W_C·[h[t-1], x] + b_C)
C = f ⊙ C[t-1] + i ⊙ C̃
o = σ(W_o·[h[t-1], x] + b_o)
h = W_h·(o ⊙ tanh(C))
size C = cells
)";

struct Case {
  const char* name;
  const char* cell;
  test::Sources parameters;
  int layers;
  bool both;
  int projected;  ///< 0: not
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class TorchStack : public testing::TestWithParam<Case> {
 protected:
  std::vector<double> read(const std::string& name) const { return file_.at(name, path_).values<double>(); }

  StackSpec spec() const {
    const Case& c = GetParam();
    LayerSpec layer;
    layer.cell_text = c.projected ? kProjected : std::string(shipped_cell_text(c.cell));
    layer.cell_file = c.cell;
    layer.units = c.projected ? c.projected : units_;
    if (c.projected) layer.sizes["cells"] = units_;
    if (c.both) layer.direction = LayerSpec::Direction::both;
    return {std::vector<LayerSpec>(static_cast<std::size_t>(c.layers), layer), false, {inputs_}};
  }

  static std::string suffix(const Track& track) {
    return "l" + std::to_string(track.layer) + (track.reverse ? "_reverse" : "");
  }

  /// PyTorch's [tracks, lanes, size] tensors PREFIXhSUFFIX and PREFIXcSUFFIX as our state.
  StackState<double> state(const Stack<double>& stack, const std::string& prefix,
                           const std::string& end) const {
    StackState<double> result = stack.start(lanes_);
    for (int i = 0; i < stack.tracks(); ++i) {
      LayerState<double>& layer = result.layers[static_cast<std::size_t>(i)];
      layer.fresh.assign(static_cast<std::size_t>(lanes_), 0);
      for (std::size_t s = 0; s < layer.values.size(); ++s) {
        const bool memory = stack.track(i).graph().states[s].name == "C";
        const std::vector<double> all = read(prefix + (memory ? "c" : "h") + end);
        const auto size = static_cast<std::ptrdiff_t>(layer.values[s].size());
        std::copy_n(all.begin() + i * size, size, layer.values[s].begin());
      }
    }
    return result;
  }

  static void expect_near(const double* found, const std::vector<double>& expected, const std::string& what) {
    for (std::size_t k = 0; k < expected.size(); ++k)
      ASSERT_NEAR(found[k], expected[k], kTolerance) << what << " entry " << k;
  }

  static void expect_states(const StackState<double>& found, const StackState<double>& expected,
                            const std::string& what) {
    for (std::size_t i = 0; i < expected.layers.size(); ++i) {
      for (std::size_t s = 0; s < expected.layers[i].values.size(); ++s) {
        const AlignedArray<double>& e = expected.layers[i].values[s];
        expect_near(found.layers[i].values[s].data(), {e.begin(), e.end()},
                    what + " of track " + std::to_string(i));
      }
    }
  }

  void run_and_compare(int threads);

  std::string path_ =
      std::string(CELLWRIGHT_SOURCE_DIR "/tests/oracle/torch_") + GetParam().name + ".safetensors";
  SafetensorsFile file_ = read_safetensors(path_);
  int steps_ = static_cast<int>(file_.at("x", path_).shape[0]),
      lanes_ = static_cast<int>(file_.at("x", path_).shape[1]),
      inputs_ = static_cast<int>(file_.at("x", path_).shape[2]);
  int units_ = static_cast<int>(file_.at("weight_hh_l0", path_).shape[0]) /
               (GetParam().parameters == test::kRnn   ? 1
                : GetParam().parameters == test::kGru ? 3
                                                      : 4);
};

void TorchStack::run_and_compare(int threads) {
  EngineOptions options;
  options.threads = threads;
  Engine engine(options);
  Stack<double> stack(spec(), kernels::kernels<double>(), engine);
  AlignedArray<double> parameters(stack.size()), gradients(stack.size());
  const test::ReadTensor reader = [this](const std::string& name) { return read(name); };
  const auto each = [&](const auto& f) {
    for (int i = 0; i < stack.tracks(); ++i) {
      const Track& track = stack.wiring().tracks[static_cast<std::size_t>(i)];
      for (std::size_t p = 0; p < stack.track(i).layout().parameters().size(); ++p)
        f(i, static_cast<int>(p), stack.track(i).layout().parameters()[p], suffix(track));
    }
  };
  each([&](int i, int p, const Parameter& parameter, const std::string& end) {
    const std::vector<double> stored =
        test::gather(reader, GetParam().parameters, parameter, units_, end, "", false);
    ASSERT_EQ(stored.size(), stack.track(i).layout().stored_size(p)) << parameter.name;
    stack.track(i).layout().pack(p, stored.data(), parameters.data() + stack.offset(i));
  });
  stack.bind(parameters.data());

  std::vector<std::uint8_t> mask;
  if (std::any_of(file_.tensors.begin(), file_.tensors.end(),
                  [](const Tensor& t) { return t.name == "lengths"; })) {
    std::vector<int> lengths;
    for (const double n : read("lengths")) lengths.push_back(static_cast<int>(n));
    mask = mask_of_lengths(lengths, steps_);
  }
  const auto array = [&](const std::string& name) {
    const std::vector<double> values = read(name);
    AlignedArray<double> a(values.size());
    std::copy(values.begin(), values.end(), a.begin());
    return a;
  };
  const AlignedArray<double> x = array("x"), d_y = array("g_y");
  StackState<double> now = state(stack, "", "0");
  stack.forward(true, steps_, {x.data()}, now, mask.empty() ? nullptr : mask.data());
  expect_near(stack.output(0), read("y"), "y");
  expect_states(now, state(stack, "", "_n"), "final state");

  const StackState<double> d_final = state(stack, "g_", "_n");
  StackState<double> d_start = stack.start(lanes_);
  Stack<double>::Backward b;
  b.d_outputs = {d_y.data()};
  b.wanted = 1;
  b.gradients = gradients.data();
  b.d_final = &d_final;
  b.d_start = &d_start;
  stack.backward(b);
  expect_near(stack.d_input(0), read("d_x"), "gradient of x");
  expect_states(d_start, state(stack, "d_", "0"), "gradient of the first state");
  each([&](int i, int p, const Parameter& parameter, const std::string& end) {
    std::vector<double> found(stack.track(i).layout().stored_size(p));
    stack.track(i).layout().unpack(p, gradients.data() + stack.offset(i), found.data());
    for (const bool hidden : {false, true}) {
      expect_near(found.data(),
                  test::gather(reader, GetParam().parameters, parameter, units_, end, "d_", hidden),
                  "gradient of " + parameter.name + " " + end);
    }
  });
}

TEST_P(TorchStack, OutputsFinalStatesAndAllGradientsAgree) { run_and_compare(1); }
TEST_P(TorchStack, AgreesWithTwoThreads) { run_and_compare(2); }

INSTANTIATE_TEST_SUITE_P(
    Cells, TorchStack,
    testing::Values(Case{"lstm_projected", "lstm_projected", test::kLstm, 1, false, 4},
                    Case{"lstm_2", "lstm", test::kLstm, 2, false, 0},
                    Case{"lstm_both", "lstm", test::kLstm, 2, true, 0},
                    Case{"gru_both", "gru_reset_after", test::kGru, 2, true, 0},
                    Case{"rnn_packed", "rnn", test::kRnn, 2, false, 0},
                    Case{"lstm_packed_both", "lstm", test::kLstm, 2, true, 0},
                    Case{"gru_packed_both", "gru_reset_after", test::kGru, 2, true, 0},
                    Case{"lstm_projected_packed_both", "lstm_projected", test::kLstm, 2, true, 4}),
    [](const testing::TestParamInfo<Case>& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace cellwright
