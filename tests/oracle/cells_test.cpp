// cells_test.cpp: shipped cells against their papers' equations, which tools/make_cells_oracle.py writes by
// hand and PyTorch differentiates: outputs, final states and every gradient, through the compiled plan in
// double.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "compile/plan.h"
#include "interop/safetensors.h"
#include "kernels/kernels.h"
#include "run/runner.h"
#include "support/shipped_bindings.h"

namespace cellwright {
namespace {

constexpr double kTolerance = 1e-10;

const std::string& path() {
  static const std::string path = CELLWRIGHT_SOURCE_DIR "/tests/oracle/cells.safetensors";
  return path;
}

const SafetensorsFile& file() {
  static const SafetensorsFile file = read_safetensors(path());
  return file;
}

/// "lstm_depth_gated.upper": what stands before the first slash of a tensor's name.
std::vector<std::string> cases() {
  std::vector<std::string> names;
  for (const Tensor& t : file().tensors) {
    const std::string name = t.name.substr(0, t.name.find('/'));
    if (names.empty() || names.back() != name) names.push_back(name);
  }
  return names;
}

AlignedArray<double> aligned(const std::vector<double>& values) {
  AlignedArray<double> array(values.size());
  std::copy(values.begin(), values.end(), array.begin());
  return array;
}

class CellsOracle : public testing::TestWithParam<std::string> {
 protected:
  std::string full(const std::string& name) const { return GetParam() + "/" + name; }
  const Tensor& tensor(const std::string& name) const { return file().at(full(name), path()); }
  std::vector<double> read(const std::string& name) const { return tensor(name).values<double>(); }

  void expect_near(const double* found, const std::string& name) const {
    const std::vector<double> wanted = read(name);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      ASSERT_NEAR(found[i], wanted[i], kTolerance) << name << " entry " << i;
      ++compared_;
    }
  }

  /// All that the oracle holds of a kind, "parameter.": so nothing of the cell or of the oracle is left out.
  std::size_t count(const std::string& kind) const {
    return static_cast<std::size_t>(
        std::count_if(file().tensors.begin(), file().tensors.end(),
                      [&](const Tensor& t) { return t.name.rfind(full(kind), 0) == 0; }));
  }

  LayerState<double> states(const Plan& plan, int lanes, const std::string& kind) const {
    LayerState<double> state = make_state<double>(plan, lanes);
    std::fill(state.fresh.begin(), state.fresh.end(), std::uint8_t{0});
    for (std::size_t s = 0; s < plan.graph.states.size(); ++s) {
      const std::vector<double> values = read(kind + plan.graph.states[s].name);
      EXPECT_EQ(values.size(), state.values[s].size());
      std::copy(values.begin(), values.end(), state.values[s].begin());
    }
    return state;
  }

  mutable std::size_t compared_ = 0;
};

TEST_P(CellsOracle, AgreesInValuesAndAllGradients) {
  const std::string name = GetParam().substr(0, GetParam().find('.'));
  const syntax::Cell cell = test::shipped(name);
  // Sizes are the oracle's: of the inputs, of the first output, and of a size that the cell names its
  // state's.
  CellBinding binding;
  for (const auto& port : signature(cell).inputs) {
    const Tensor* x = file().find(full("in." + port.name));
    binding.inputs.push_back(x ? static_cast<int>(x->shape[2]) : 0);
  }
  const Tensor& y = tensor("out." + signature(cell).outputs[0]);
  const int steps = static_cast<int>(y.shape[0]), lanes = static_cast<int>(y.shape[1]);
  binding.units = static_cast<int>(y.shape[2]);
  for (const std::string& size : signature(cell).size_names)
    binding.sizes[size] = static_cast<int>(tensor("start.C").shape[1]);
  const Plan plan = make_plan(lower(cell, binding), true);
  const Graph& graph = plan.graph;

  ThreadPool pool(2);
  Runner<double> runner(plan, kernels::kernels<double>(), pool);
  AlignedArray<double> parameters(runner.layout().size()), gradients(runner.layout().size());
  EXPECT_EQ(graph.parameters.size(), count("parameter."));
  for (std::size_t p = 0; p < graph.parameters.size(); ++p) {
    const std::vector<double> stored = read("parameter." + graph.parameters[p].name);
    ASSERT_EQ(stored.size(), runner.layout().stored_size(static_cast<int>(p))) << graph.parameters[p].name;
    runner.layout().pack(static_cast<int>(p), stored.data(), parameters.data());
  }
  runner.bind(parameters.data());
  runner.prepare(steps, lanes);

  std::vector<AlignedArray<double>> x, d_x, d_y;
  for (const Port& port : graph.inputs) {
    x.push_back(port.size > 0 ? aligned(read("in." + port.name)) : AlignedArray<double>());
    d_x.emplace_back(x.back().size());
  }
  for (const Port& port : graph.outputs) d_y.push_back(aligned(read("weight.out." + port.name)));
  std::vector<const double*> x_at, d_y_at;
  std::vector<double*> d_x_at;
  for (auto& a : x) x_at.push_back(a.empty() ? nullptr : a.data());
  for (auto& a : d_x) d_x_at.push_back(a.empty() ? nullptr : a.data());
  for (auto& a : d_y) d_y_at.push_back(a.data());

  LayerState<double> state = states(plan, lanes, "start.");
  EXPECT_EQ(graph.states.size(), count("start."));
  runner.forward(steps, x_at.data(), state);
  for (std::size_t p = 0; p < graph.outputs.size(); ++p)
    expect_near(runner.output(static_cast<int>(p)), "out." + graph.outputs[p].name);
  for (std::size_t s = 0; s < graph.states.size(); ++s)
    expect_near(state.values[s].data(), "final." + graph.states[s].name);

  const LayerState<double> d_final = states(plan, lanes, "weight.final.");
  LayerState<double> d_start = make_state<double>(plan, lanes);
  Runner<double>::Backward b;
  b.d_outputs = d_y_at.data();
  b.d_final = &d_final;
  b.gradients = gradients.data();
  b.d_inputs = d_x_at.data();
  b.d_start = &d_start;
  runner.backward(b);
  for (std::size_t p = 0; p < graph.parameters.size(); ++p) {
    std::vector<double> found(runner.layout().stored_size(static_cast<int>(p)));
    runner.layout().unpack(static_cast<int>(p), gradients.data(), found.data());
    expect_near(found.data(), "d.parameter." + graph.parameters[p].name);
  }
  for (std::size_t p = 0; p < graph.inputs.size(); ++p) {
    if (graph.inputs[p].size > 0) expect_near(d_x[p].data(), "d.in." + graph.inputs[p].name);
  }
  for (std::size_t s = 0; s < graph.states.size(); ++s)
    expect_near(d_start.values[s].data(), "d.start." + graph.states[s].name);
  EXPECT_GT(compared_, 100u);
}

INSTANTIATE_TEST_SUITE_P(All, CellsOracle, testing::ValuesIn(cases()), [](const auto& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
});

}  // namespace
}  // namespace cellwright
