// Two layers of every shipped cell, one upon the other, and upon an edge where the cell wants more from below
// than an input: the gradients of all parameters, inputs and initial states against central differences,
// whole and truncated. What a single cell's check cannot see is the way from the upper layer's d_inputs to
// the lower layer's d_outputs.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "base/rng.h"
#include "nn/layer.h"
#include "nn/test_help.h"
#include "support/shipped_bindings.h"
#include "verify/differences.h"
#include "verify/trial.h"

namespace cellwright {
namespace {

constexpr int kSteps = 7, kLanes = 3;

using Tensors = std::vector<std::vector<double>>;

std::vector<double> normals(const std::string& name, std::size_t count, double deviation) {
  const Random random(1, hash_name(name));
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = deviation * random.normal(i);
  return values;
}

std::size_t rows_of(int size) { return static_cast<std::size_t>(kLanes) * static_cast<std::size_t>(size); }

AlignedArray<double> aligned(const std::vector<double>& values) {
  AlignedArray<double> array(values.size());
  std::copy(values.begin(), values.end(), array.data());
  return array;
}

struct StackedLayer {
  Plan plan;
  Runner<double> runner;
  AlignedArray<double> packed, gradients;
  Tensors parameters, start, final_weights, d_parameters, d_start;

  StackedLayer(const Graph& graph, const std::string& name, ThreadPool& pool)
      : plan(make_plan(graph, true)),
        runner(plan, kernels::kernels<double>(), pool),
        packed(runner.layout().size()),
        gradients(packed.size()) {
    runner.prepare(kSteps, kLanes);
    for (std::size_t p = 0; p < plan.graph.parameters.size(); ++p) {
      const Parameter& about = plan.graph.parameters[p];
      parameters.push_back(normals(name + about.name, runner.layout().stored_size(static_cast<int>(p)), 0.5));
      const std::vector<bool> exists = existing_entries(about);
      for (std::size_t i = 0; i < exists.size(); ++i) {
        if (!exists[i]) parameters.back()[i] = 0;
      }
    }
    for (const State& s : plan.graph.states) {
      start.push_back(normals(name + "start " + s.name, rows_of(s.size), 0.5));
      final_weights.push_back(normals(name + "final " + s.name, rows_of(s.size), 1));
    }
  }

  LayerState<double> state_of(const Tensors& values, std::int64_t step) const {
    LayerState<double> state = make_state<double>(plan, kLanes);
    for (std::size_t s = 0; s < values.size(); ++s)
      std::copy(values[s].begin(), values[s].end(), state.values[s].data());
    std::fill(state.fresh.begin(), state.fresh.end(),
              std::uint8_t{0});  // a given state, not the cell's start
    state.step = step;
    return state;
  }

  LayerState<double> forward(const std::vector<const double*>& inputs, std::int64_t step) {
    for (std::size_t p = 0; p < parameters.size(); ++p)
      runner.layout().pack(static_cast<int>(p), parameters[p].data(), packed.data());
    runner.bind(packed.data());
    LayerState<double> state = state_of(start, step);
    runner.forward(kSteps, inputs.data(), state);
    return state;
  }

  void backward(const std::vector<const double*>& d_outputs, const std::vector<double*>& d_inputs) {
    const std::vector<double> ones(kSteps, 1.0);
    const LayerState<double> d_final = state_of(final_weights, 0);
    LayerState<double> d_before = state_of(start, 0);
    gradients.fill(0);
    runner.backward({d_outputs.data(), ones.data(), &d_final, gradients.data(), d_inputs.data(), &d_before});
    d_parameters.clear();
    d_start.clear();
    for (std::size_t p = 0; p < parameters.size(); ++p) {
      d_parameters.emplace_back(parameters[p].size());
      runner.layout().unpack(static_cast<int>(p), gradients.data(), d_parameters.back().data());
    }
    for (const auto& d : d_before.values) d_start.emplace_back(d.begin(), d.end());
  }
};

/// The graphs from the bottom: of unequal widths where the cell can, of equal ones where it adds what comes
/// from below to its own.
std::vector<Graph> layers_of(const std::string& cell) {
  int needed = 0;
  for (const auto& port : signature(test::shipped(cell)).inputs) needed += !port.optional;
  struct Widths {
    int input, lower, upper;
  };
  for (const Widths w : {Widths{5, 4, 6}, Widths{5, 4, 8}, Widths{5, 4, 4}, Widths{4, 4, 4}}) {
    std::vector<LayerSpec> specs = {test::layer(cell, w.lower), test::layer(cell, w.upper)};
    for (LayerSpec& spec : specs)
      for (const std::string& size : signature(test::shipped(cell)).size_names) spec.sizes[size] = 3;
    if (needed > 1) specs.insert(specs.begin(), test::layer("grid_edge", w.lower));
    std::vector<Graph> graphs;
    std::vector<int> offered = {w.input};
    try {
      for (const LayerSpec& spec : specs) {
        graphs.push_back(lower_layer(spec, static_cast<int>(graphs.size()), offered));
        offered.clear();
        for (const Port& port : graphs.back().outputs) offered.push_back(port.size);
      }
      return graphs;
    } catch (const CellError&) {
      continue;  // the next widths
    }
  }
  throw std::logic_error("two layers of " + cell + " have no sizes that fit");
}

/// Objective: Σ weights · the upper outputs + Σ weights · final states of both + the cells' own losses.
class Stack {
 public:
  explicit Stack(const std::string& cell) {
    const std::vector<Graph> graphs = layers_of(cell);
    for (std::size_t l = 0; l < graphs.size(); ++l)
      layers_.push_back(std::make_unique<StackedLayer>(graphs[l], std::to_string(l) + ".", pool_));
    x_ = normals("x", kSteps * rows_of(graphs[0].inputs[0].size), 1);
    for (const Port& port : layers_.back()->plan.graph.outputs)
      weights_.push_back(normals("weights." + port.name, kSteps * rows_of(port.size), 1));
  }

  /// The state moves on to that after the window; a little aside, for a maximum leaves equal numbers, at
  /// which no derivative exists.
  void go_on() {
    std::vector<LayerState<double>> after(layers_.size());
    run(&after);
    step_ += kSteps;
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      for (std::size_t s = 0; s < layers_[l]->start.size(); ++s) {
        std::vector<double>& start = layers_[l]->start[s];
        const std::vector<double> aside =
            normals("aside" + std::to_string(l) + std::to_string(s), start.size(), 0.02);
        for (std::size_t i = 0; i < start.size(); ++i) start[i] = after[l].values[s][i] + aside[i];
      }
    }
  }

  void expect_right_gradients(const std::string& when) {
    run(nullptr);
    const std::vector<double> d_x = backward();
    double largest = largest_entry({d_x});
    for (const auto& f : layers_)
      largest = std::max({largest, largest_entry(f->d_parameters), largest_entry(f->d_start)});
    const auto objective = [&] { return run(nullptr); };
    const auto expect = [&](const std::string& name, std::vector<double>& tensor,
                            const std::vector<double>& d, const std::vector<bool>& exists) {
      const GradientRow row = check_tensor(name, tensor, d, exists, largest, objective);
      EXPECT_TRUE(row.passed) << when << ", " << name << ": " << row.error << " where " << row.allowed
                              << " is allowed";
      EXPECT_GT(row.entries, 0u) << name;
    };
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      StackedLayer& f = *layers_[l];
      const Graph& g = f.plan.graph;
      const std::string layer = "layer " + std::to_string(l) + ", ";
      for (std::size_t p = 0; p < f.parameters.size(); ++p)
        expect(layer + g.parameters[p].name, f.parameters[p], f.d_parameters[p],
               existing_entries(g.parameters[p]));
      for (std::size_t s = 0; s < f.start.size(); ++s)
        expect(layer + g.states[s].name + "[t-1]", f.start[s], f.d_start[s], {});
    }
    expect("x", x_, d_x, {});
  }

 private:
  double run(std::vector<LayerState<double>>* after) {
    read_ = aligned(x_);
    std::vector<const double*> values = {read_.data()};
    double sum = 0;
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      StackedLayer& f = *layers_[l];
      const LayerState<double> state = f.forward(inputs_of(f, values), step_);
      values.clear();
      for (std::size_t p = 0; p < f.plan.graph.outputs.size(); ++p)
        values.push_back(f.runner.output(static_cast<int>(p)));
      sum += f.runner.loss();
      for (std::size_t s = 0; s < f.final_weights.size(); ++s) {
        for (std::size_t i = 0; i < f.final_weights[s].size(); ++i)
          sum += state.values[s][i] * f.final_weights[s][i];
      }
      if (after) (*after)[l] = state;
    }
    for (std::size_t p = 0; p < weights_.size(); ++p) {
      for (std::size_t i = 0; i < weights_[p].size(); ++i) sum += values[p][i] * weights_[p][i];
    }
    return sum;
  }

  /// A cell with more inputs than lie below goes without the others.
  static std::vector<const double*> inputs_of(const StackedLayer& f, std::vector<const double*> offered) {
    offered.resize(f.plan.graph.inputs.size(), nullptr);
    return offered;
  }

  std::vector<double> backward() {
    std::vector<AlignedArray<double>> d;
    std::vector<const double*> d_outputs;
    for (const auto& w : weights_) d.push_back(aligned(w));
    for (const auto& w : d) d_outputs.push_back(w.data());
    for (std::size_t l = layers_.size(); l-- > 0;) {
      StackedLayer& f = *layers_[l];
      std::vector<AlignedArray<double>> below;
      std::vector<double*> d_inputs;
      for (const Port& port : f.plan.graph.inputs) {
        below.emplace_back(kSteps * rows_of(port.size));
        d_inputs.push_back(below.back().data());
      }
      f.backward(d_outputs, d_inputs);
      d = std::move(below);
      d_outputs.assign(d_inputs.begin(), d_inputs.end());
      if (l > 0) d_outputs.resize(layers_[l - 1]->plan.graph.outputs.size(), nullptr);
    }
    return {d[0].begin(), d[0].end()};
  }

  ThreadPool pool_{1};
  std::vector<std::unique_ptr<StackedLayer>> layers_;
  std::vector<double> x_;
  AlignedArray<double>
      read_;  // x_ as the last run() gave it to the lower layer, which reads it on the way back
  Tensors weights_;
  std::int64_t step_ = 0;
};

class TwoLayers : public testing::TestWithParam<std::string> {};

TEST_P(TwoLayers, HaveRightGradients) {
  Stack stack(GetParam());
  stack.expect_right_gradients("whole");
  stack.go_on();
  stack.expect_right_gradients("truncated");
}

INSTANTIATE_TEST_SUITE_P(All, TwoLayers, testing::ValuesIn(shipped_cells()),
                         [](const auto& name) { return name.param; });

}  // namespace
}  // namespace cellwright
