// cell_run.cpp: the public CellRun: one lane in double on the compiled plan.
#include <fmt/format.h>

#include <cmath>

#include "api/cell_inside.h"
#include "base/rng.h"
#include "cellwright/error.h"
#include "nn/initialise.h"
#include "run/step_runner.h"

namespace cellwright {

struct CellRun::Parts {
  Plan plan;
  StepRunner<double> runner;
  AlignedArray<double> packed;
  LayerState<double> state;  ///< the runner's, for reading
  std::vector<AlignedArray<double>> inputs;

  explicit Parts(const Graph& graph)
      : plan(make_plan(graph, false)),
        runner(plan, kernels::kernels<double>()),
        packed(runner.layout().size()),
        state(make_state<double>(plan, 1)) {
    for (const Port& port : plan.graph.inputs) inputs.emplace_back(static_cast<std::size_t>(port.size));
  }

  std::vector<double> output(int port) const {
    const double* from = runner.output(port);
    return {from, from + plan.graph.outputs[static_cast<std::size_t>(port)].size};
  }
};

CellRun::CellRun(const Cell& cell, const CellSizes& sizes, std::uint64_t seed)
    : parts_(std::make_unique<Parts>(lower(cell.inside().syntax, binding_of(cell, sizes)))) {
  const std::vector<cellwright::Parameter>& all = parts_->runner.layout().parameters();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::vector<double> values =
        initial_values(all[i], all[i].name, seed, 1 / std::sqrt(static_cast<double>(sizes.units)), 0);
    parts_->runner.layout().pack(static_cast<int>(i), values.data(), parts_->packed.data());
  }
  parts_->runner.bind(parts_->packed.data());
}

CellRun::~CellRun() = default;
CellRun::CellRun(CellRun&&) noexcept = default;
CellRun& CellRun::operator=(CellRun&&) noexcept = default;

std::vector<CellRun::Parameter> CellRun::parameters() const {
  std::vector<Parameter> list;
  const auto& layout = parts_->runner.layout();
  for (std::size_t i = 0; i < layout.parameters().size(); ++i) {
    const cellwright::Parameter& p = layout.parameters()[i];
    const std::size_t count = layout.stored_size(static_cast<int>(i));
    Parameter one{p.name, {p.rows}, std::vector<double>(count)};
    if (p.matrix) one.shape.push_back(static_cast<std::int64_t>(count) / p.rows);
    layout.unpack(static_cast<int>(i), parts_->packed.data(), one.values.data());
    list.push_back(std::move(one));
  }
  return list;
}

void CellRun::set(const std::string& parameter, const std::vector<double>& values) {
  const auto& layout = parts_->runner.layout();
  for (std::size_t i = 0; i < layout.parameters().size(); ++i) {
    if (layout.parameters()[i].name != parameter) continue;
    const std::size_t count = layout.stored_size(static_cast<int>(i));
    if (values.size() != count)
      throw ShapeError(fmt::format("parameter '{}' has {} numbers, not {}", parameter, count, values.size()));
    layout.pack(static_cast<int>(i), values.data(), parts_->packed.data());
    parts_->runner.bind(parts_->packed.data());
    return;
  }
  std::string known;
  for (const auto& p : layout.parameters()) known += " " + p.name;
  throw SpecError(fmt::format("no parameter '{}'; there are{}", parameter, known));
}

std::vector<std::vector<double>> CellRun::step_all(const std::vector<std::vector<double>>& inputs) {
  Parts& p = *parts_;
  if (inputs.size() > p.inputs.size())
    throw ShapeError(fmt::format("the cell has {} inputs, not {}", p.inputs.size(), inputs.size()));
  std::vector<const double*> pointers;
  for (std::size_t i = 0; i < p.inputs.size(); ++i) {
    const std::size_t given = i < inputs.size() ? inputs[i].size() : 0;
    if (given != p.inputs[i].size()) {
      throw ShapeError(fmt::format("input '{}' has {} numbers, not {}", p.plan.graph.inputs[i].name,
                                   p.inputs[i].size(), given));
    }
    if (given > 0) std::copy(inputs[i].begin(), inputs[i].end(), p.inputs[i].begin());
    pointers.push_back(given > 0 ? p.inputs[i].data() : nullptr);
  }
  p.runner.step(pointers.data());
  std::vector<std::vector<double>> outputs;
  for (std::size_t i = 0; i < p.plan.graph.outputs.size(); ++i)
    outputs.push_back(p.output(static_cast<int>(i)));
  return outputs;
}

std::vector<double> CellRun::step(const std::vector<double>& x) { return step_all({x}).front(); }

std::vector<double> CellRun::state(const std::string& name) const {
  const auto& states = parts_->plan.graph.states;
  for (std::size_t s = 0; s < states.size(); ++s) {
    if (states[s].name != name) continue;
    parts_->runner.get_state(parts_->state);
    return {parts_->state.values[s].begin(), parts_->state.values[s].end()};
  }
  std::string known;
  for (const State& s : states) known += " " + s.name;
  throw SpecError(fmt::format("no state '{}'; there are{}", name, known));
}

void CellRun::restart() { parts_->runner.restart(); }

}  // namespace cellwright
