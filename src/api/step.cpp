// step.cpp: the public Step: a chain of layers, each a StepRunner. Start at Parts::run; step_load.cpp reads
// model files.
#include "cellwright/step.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "api/cell_inside.h"
#include "api/step_parts.h"
#include "base/denormals.h"
#include "base/rng.h"
#include "cellwright/error.h"
#include "nn/initialise.h"

namespace cellwright {
namespace {

std::vector<Graph> graphs_of(const std::vector<StepLayer>& layers) {
  if (layers.empty()) throw SpecError("a Step needs at least one layer");
  std::vector<Graph> graphs;
  for (const StepLayer& layer : layers) {
    CellSizes sizes = layer.sizes;
    if (!graphs.empty()) {
      const auto& wanted = layer.cell.inside().ports.inputs;
      const auto& below = graphs.back().outputs;
      sizes.inputs.clear();
      for (std::size_t p = 0; p < wanted.size(); ++p) {
        if (p >= below.size() && !wanted[p].optional) {
          throw SpecError(fmt::format(
              "layer {}: the cell '{}' wants an input '{}', and the layer below has {} output{}",
              graphs.size(), layer.cell.name(), wanted[p].name, below.size(), below.size() == 1 ? "" : "s"));
        }
        sizes.inputs.push_back(p < below.size() ? below[p].size : 0);
      }
    }
    graphs.push_back(lower(layer.cell.inside().syntax, binding_of(layer.cell, sizes)));
  }
  return graphs;
}

std::string name_of(std::size_t layer, const std::string& parameter) {
  return fmt::format("layers.{}.{}", layer, parameter);
}

}  // namespace

Step::Parts::Parts(const std::vector<Graph>& graphs, const StepOptions& o)
    : options(o), kernels(&kernels::kernels<float>(o.simd)), model(std::make_shared<StepModel>()) {
  auto made = std::make_shared<std::vector<Plan>>();
  for (const Graph& graph : graphs) made->push_back(make_plan(graph, false));
  plans = std::move(made);
  make_runners();
  for (const auto& runner : runners) model->layers.emplace_back(runner->layout().size());
}

Step::Parts::Parts(const Parts& other)
    : options(other.options), kernels(other.kernels), plans(other.plans), model(other.model) {
  make_runners();
  bind();
}

void Step::Parts::make_runners() {
  for (std::size_t l = 0; l < plans->size(); ++l) {
    const Plan& plan = (*plans)[l];
    runners.push_back(std::make_unique<StepRunner<float>>(plan, *kernels, RunOptions{options.accurate}));
    runners.back()->set_noise(options.seed, hash_name(name_of(l, "noise")));
    states.push_back(make_state<float>(plan, 1));
    inputs.emplace_back(plan.graph.inputs.size());
  }
}

void Step::Parts::bind() {
  for (std::size_t l = 0; l < runners.size(); ++l) runners[l]->bind(model->layers[l].data());
  if (model->head_rows == 0) return;
  one_hot.assign(model->embedding == 0 ? static_cast<std::size_t>(model->tokens) : 0, 0.0f);
  constexpr int kPanel = kernels::kPanel<float>;
  const int depth = outputs(), panels = (model->head_rows + kPanel - 1) / kPanel;
  top.assign(static_cast<std::size_t>(depth), 0.0f);
  head_terms.resize(static_cast<std::size_t>(panels));
  head_panels.resize(head_terms.size());
  for (int i = 0; i < panels; ++i) {
    const auto at = static_cast<std::size_t>(i);
    head_terms[at] = {
        top.data(), depth,
        model->head.data() + at * static_cast<std::size_t>(kPanel) * static_cast<std::size_t>(depth), depth};
    kernels::ProductPanel<float>& panel = head_panels[at];
    panel.width = std::min(kPanel, model->head_rows - i * kPanel);
    panel.start = kernels::Start::kBias;
    panel.bias = model->bias.data() + i * kPanel;
    panel.terms = &head_terms[at];
    panel.term_count = 1;
  }
}

const float* Step::Parts::run(const float* input) noexcept {
  for (std::size_t l = 0; l < runners.size(); ++l) {
    std::vector<const float*>& ports = inputs[l];
    const Graph& graph = (*plans)[l].graph;
    for (std::size_t p = 0; p < ports.size(); ++p) {
      const int size = graph.inputs[p].size;
      ports[p] = size == 0 ? nullptr : l == 0 ? input : runners[l - 1]->output(static_cast<int>(p));
      if (l == 0) input += size;
    }
    runners[l]->step(ports.data());
  }
  return runners.back()->output(0);
}

void Step::Parts::apply_head(const float* h, float* out) noexcept {
  std::copy_n(h, top.size(), top.data());
  for (std::size_t i = 0; i < head_panels.size(); ++i)
    head_panels[i].out = out + i * static_cast<std::size_t>(kernels::kPanel<float>);
  kernels->step_product(head_panels.data(), static_cast<int>(head_panels.size()));
}

Step::Step(const Cell& cell, const CellSizes& sizes, const StepOptions& options)
    : Step(std::vector<StepLayer>{{cell, sizes}}, options) {}

Step::Step(const std::vector<StepLayer>& layers, const StepOptions& options)
    : parts_(std::make_unique<Parts>(graphs_of(layers), options)) {
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const auto& layout = parts_->runners[l]->layout();
    const double by_default = 1 / std::sqrt(static_cast<double>(layers[l].sizes.units));
    for (std::size_t i = 0; i < layout.parameters().size(); ++i) {
      const cellwright::Parameter& p = layout.parameters()[i];
      const std::vector<double> start = initial_values(p, name_of(l, p.name), options.seed, by_default, 0);
      const std::vector<float> values(start.begin(), start.end());
      layout.pack(static_cast<int>(i), values.data(), parts_->model->layers[l].data());
    }
  }
  parts_->bind();
}

Step::Step(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Step::~Step() = default;
Step::Step(Step&&) noexcept = default;
Step& Step::operator=(Step&&) noexcept = default;

int Step::inputs() const noexcept {
  int sum = 0;
  for (const Port& port : parts_->plans->front().graph.inputs) sum += port.size;
  return sum;
}

int Step::outputs() const noexcept {
  return parts_->model->numbers ? parts_->model->head_rows : parts_->outputs();
}
int Step::tokens() const noexcept { return parts_->model->tokens; }

std::vector<Step::Parameter> Step::parameters() const {
  std::vector<Parameter> list;
  for (std::size_t l = 0; l < parts_->runners.size(); ++l) {
    const auto& layout = parts_->runners[l]->layout();
    for (std::size_t i = 0; i < layout.parameters().size(); ++i) {
      const cellwright::Parameter& p = layout.parameters()[i];
      const std::size_t count = layout.stored_size(static_cast<int>(i));
      Parameter one{name_of(l, p.name), {p.rows}, std::vector<float>(count)};
      if (p.matrix) one.shape.push_back(static_cast<std::int64_t>(count) / p.rows);
      layout.unpack(static_cast<int>(i), parts_->model->layers[l].data(), one.values.data());
      list.push_back(std::move(one));
    }
  }
  return list;
}

void Step::set(const std::string& parameter, const std::vector<float>& values) {
  std::string known;
  for (std::size_t l = 0; l < parts_->runners.size(); ++l) {
    const auto& layout = parts_->runners[l]->layout();
    for (std::size_t i = 0; i < layout.parameters().size(); ++i) {
      const std::string& name = layout.parameters()[i].name;
      known += " " + name_of(l, name);
      if (parameter != name_of(l, name) && (parts_->runners.size() > 1 || parameter != name)) continue;
      const std::size_t count = layout.stored_size(static_cast<int>(i));
      if (values.size() != count)
        throw ShapeError(
            fmt::format("parameter '{}' has {} numbers, not {}", parameter, count, values.size()));
      if (parts_->model.use_count() > 1) parts_->model = std::make_shared<StepModel>(*parts_->model);
      layout.pack(static_cast<int>(i), values.data(), parts_->model->layers[l].data());
      parts_->bind();
      return;
    }
  }
  throw SpecError(fmt::format("no parameter '{}'; there are{}", parameter, known));
}

void Step::step(const float* input, float* output) noexcept {
  Parts& p = *parts_;
  if (p.model->numbers)
    p.apply_head(p.run(input), output);
  else
    std::copy_n(p.run(input), p.outputs(), output);
}

void Step::run(int count, const float* input, float* output) noexcept {
  const FlushDenormals flush;  // once for all
  const int from = inputs(), to = outputs();
  for (int i = 0; i < count; ++i, input += from, output += to) step(input, output);
}

bool Step::step_token(std::int32_t token, float* logits) noexcept {
  Parts& p = *parts_;
  if (token < 0 || token >= p.model->tokens) return false;
  const FlushDenormalsBriefly flush;
  const auto at = static_cast<std::size_t>(token);
  const float* x = p.one_hot.data();
  if (p.model->embedding > 0) {
    x = p.model->table.data() + at * static_cast<std::size_t>(p.model->embedding);
  } else {
    p.one_hot[at] = 1;
  }
  const float* h = p.run(x);
  if (p.model->embedding == 0) p.one_hot[at] = 0;
  p.apply_head(h, logits);
  return true;
}

StepState Step::state() const {
  StepState state;
  save(state);
  return state;
}

void Step::save(StepState& state) const {
  std::size_t size = 0;
  for (const LayerState<float>& layer : parts_->states) {
    for (const auto& values : layer.values) size += values.size();
  }
  state.values.resize(size);
  float* to = state.values.data();
  for (std::size_t l = 0; l < parts_->runners.size(); ++l) {
    LayerState<float>& layer = parts_->states[l];
    parts_->runners[l]->get_state(layer);
    state.steps = layer.step;
    state.fresh = layer.fresh[0] != 0;
    for (const auto& values : layer.values) to = std::copy(values.begin(), values.end(), to);
  }
}

void Step::restore(const StepState& state) {
  std::size_t size = 0;
  for (const LayerState<float>& layer : parts_->states) {
    for (const auto& values : layer.values) size += values.size();
  }
  if (state.values.size() != size)
    throw ShapeError(
        fmt::format("a state of {} numbers does not fit layers whose state has {}; take it from a "
                    "Step of the same cells and sizes",
                    state.values.size(), size));
  const float* from = state.values.data();
  for (std::size_t l = 0; l < parts_->runners.size(); ++l) {
    LayerState<float>& layer = parts_->states[l];
    layer.step = state.steps;
    layer.fresh[0] = state.fresh;
    for (auto& values : layer.values) {
      std::copy_n(from, values.size(), values.data());
      from += values.size();
    }
    parts_->runners[l]->set_state(layer);
  }
}

void Step::restart() noexcept {
  for (const auto& runner : parts_->runners) runner->restart();
}

Step Step::fork() const {
  Step other(std::make_unique<Parts>(*parts_));
  other.restore(state());
  return other;
}

}  // namespace cellwright
