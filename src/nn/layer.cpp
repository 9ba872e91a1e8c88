// layer.cpp: a cell's text becomes plans; ports are matched by position.
#include "nn/layer.h"

#include <fmt/format.h>

#include <algorithm>

#include "cellwright/error.h"
#include "language/check.h"
#include "language/lower.h"
#include "language/parse.h"
#include "language/signature.h"
#include "run/one_hot.h"

namespace cellwright {
namespace {

bool same_piece(const Piece& a, const Piece& b) {
  return a.parameter == b.parameter && a.row == b.row && a.rows == b.rows && a.column == b.column &&
         a.columns == b.columns && a.matrix == b.matrix;
}

void ask_for_sites(const Graph& graph, const Regularisation& regularisation, int index) {
  try {
    regularise(graph, regularisation, false);
  } catch (const SpecError& e) {
    throw SpecError(fmt::format("layer {}: {}", index, e.what()));
  }
}

}  // namespace

Graph lower_layer(const LayerSpec& spec, int index, const std::vector<int>& offered) {
  const syntax::Cell cell = syntax::parse_cell(spec.cell_text, spec.cell_file);
  const Signature ports = signature(cell);
  CellBinding binding;
  binding.units = spec.units;
  binding.sizes = spec.sizes;
  binding.options = spec.options;
  for (std::size_t p = 0; p < ports.inputs.size(); ++p) {
    if (p >= offered.size() && !ports.inputs[p].optional) {
      throw SpecError(
          fmt::format("layer {}: the cell '{}' wants an input '{}' from below, and what lies below offers {} "
                      "value{}; put a cell with more outputs under it, as grid_edge lies under grid_lstm "
                      "(--cell grid_edge,grid_lstm), or write '{}?' if the cell can do without",
                      index, cell.name, ports.inputs[p].name, offered.size(), offered.size() == 1 ? "" : "s",
                      ports.inputs[p].name));
    }
    binding.inputs.push_back(p < offered.size() ? offered[p] : 0);
  }
  syntax::check(cell);  // what is wrong with the text is so in any layer
  try {
    Graph graph = lower(cell, binding);
    ask_for_sites(graph, spec.regularisation, index);
    return graph;
  } catch (const CellError& e) {
    std::string below;
    for (std::size_t p = 0; p < ports.inputs.size(); ++p) {
      if (binding.inputs[p] > 0)
        below +=
            fmt::format("{}{} of {}", below.empty() ? "" : ", ", ports.inputs[p].name, binding.inputs[p]);
    }
    throw CellError(fmt::format("{}\n  in layer {}: {} units, and from below {}", e.what(), index, spec.units,
                                below.empty() ? "nothing" : below),
                    e.file(), e.line(), e.column());
  }
}

template <class T>
Layer<T>::Layer(const Graph& graph, const kernels::Kernels<T>& kernels, Engine& engine,
                const Regularisation& regularisation)
    : source_(graph), regularisation_(regularisation), kernels_(kernels), engine_(engine) {
  compile(false, false);
  inputs_.resize(graph.inputs.size());
  d_inputs_.resize(graph.inputs.size());
  d_input_pointers_.resize(graph.inputs.size());
  d_outputs_.resize(graph.outputs.size());
}

template <class T>
void Layer<T>::compile(bool training, bool masked) {
  Compiled& c = compiled(training, masked);
  const Graph graph = regularise(source_, regularisation_, training && !observing());
  PlanOptions options;
  options.scan = engine_.options.scan;
  c.plan = std::make_unique<Plan>(
      observing() ? make_plan(graph, training, observation_)
                  : make_plan(masked ? with_step_mask(graph) : graph, training, options));
  const Plan& first = *plain_[0].plan;
  if (!std::equal(c.plan->pieces.begin(), c.plan->pieces.end(), first.pieces.begin(), first.pieces.end(),
                  same_piece)) {
    throw InternalError("the plans of a layer cut the parameters differently");
  }
  RunOptions run;
  run.accurate = engine_.options.accurate;
  run.split = engine_.options.split;
  c.runner = std::make_unique<Runner<T>>(*c.plan, kernels_, engine_.pool, run);
  c.runner->set_noise(noise_seed_, noise_stream_);
  c.one_hot = cellwright::takes_one_hot(*c.plan, 0);
}

template <class T>
void Layer<T>::perturb(ParameterNoiseSpec spec) {
  noise_ =
      spec.any() ? std::make_unique<ParameterNoise<T>>(layout(), std::move(spec), engine_.pool) : nullptr;
  unbind(true);
}

template <class T>
void Layer<T>::observe(const Observation& observation) {
  if (observing()) {
    for (Compiled& c : observed_) c = {};
    last_ = nullptr;
    trained_ = nullptr;
  }
  observation_ = observation;
}

template <class T>
const Plan& Layer<T>::observed_plan(bool training) {
  if (!observing() || observed_[training].plan == nullptr)
    throw InternalError("a layer that is not observed was asked for what it kept");
  return *observed_[training].plan;
}

template <class T>
bool Layer<T>::scans(bool training) {
  if (plain_[training].plan == nullptr) compile(training, false);
  return has_scan(*plain_[training].plan);
}

template <class T>
bool Layer<T>::takes_one_hot(bool training) {
  if (plain_[training].plan == nullptr) compile(training, false);
  return !observing() && plain_[training].one_hot;
}

template <class T>
void Layer<T>::unbind(bool training) {
  plain_[training].bound = masked_[training].bound = observed_[training].bound = false;
  if (!training) step_bound_ = false;
  if (training) perturbed_ = nullptr;
}

template <class T>
void Layer<T>::bind(const T* parameters) {
  parameters_ = parameters;
  unbind(false);
  unbind(true);
}

template <class T>
void Layer<T>::prepare(bool training, int steps, int lanes, bool masked) {
  Compiled& c = compiled(training, masked);
  if (c.plan == nullptr) compile(training, masked);
  if (takes_step(training, steps, lanes, masked)) return prepare_step();
  c.runner->prepare(steps, lanes);
  if (c.bound) return;
  const bool perturb = training && noise_ && !observing();
  if (perturb && perturbed_ == nullptr) perturbed_ = noise_->draw(parameters_, noise_seed_, noise_stream_);
  c.runner->bind(perturb ? perturbed_ : parameters_);
  c.bound = true;
}

template <class T>
void Layer<T>::prepare_step() {
  if (step_bound_) return;
  if (step_ == nullptr) {
    step_ = std::make_unique<StepRunner<T>>(*plain_[0].plan, kernels_, RunOptions{engine_.options.accurate});
    step_->set_noise(noise_seed_, noise_stream_);
  }
  step_->bind(parameters_);
  step_bound_ = true;
}

template <class T>
void Layer<T>::forward(bool training, int steps, const std::vector<const T*>& inputs, LayerState<T>& state,
                       const std::uint8_t* mask, const std::int32_t* one_hot) {
  for (std::size_t p = 0; p < inputs_.size(); ++p) {
    inputs_[p] = p < inputs.size() && graph().inputs[p].size > 0 ? inputs[p] : nullptr;
  }
  stepped_ = takes_step(training, steps, state.lanes, mask != nullptr);
  if (stepped_) {
    if (step_one_hot_ != (one_hot != nullptr)) {
      step_one_hot_ = one_hot != nullptr;
      step_->take_one_hot(step_one_hot_);
      step_->bind(parameters_);
    }
    step_->set_state(state);
    step_->step(inputs_.data(), one_hot ? *one_hot : 0);
    step_->get_state(state);
    return;
  }
  Compiled& c = compiled(training, mask != nullptr);
  if (training) {
    steps_ = steps;
    lanes_ = state.lanes;
    trained_ = &c;
  }
  last_ = c.runner.get();
  c.runner->set_step_mask(mask);
  c.runner->set_one_hot(one_hot);
  c.runner->forward(steps, inputs_.data(), state);
}

template <class T>
void Layer<T>::backward(const std::vector<const T*>& d_outputs, const Backward& wanted) {
  std::fill(d_outputs_.begin(), d_outputs_.end(), nullptr);
  std::copy_n(d_outputs.begin(), std::min(d_outputs.size(), d_outputs_.size()), d_outputs_.begin());
  for (std::size_t p = 0; p < d_inputs_.size(); ++p) {
    const int size = graph().inputs[p].size;
    d_input_pointers_[p] = nullptr;
    if (static_cast<int>(p) >= wanted.wanted || size == 0) continue;
    const std::size_t n =
        static_cast<std::size_t>(steps_) * static_cast<std::size_t>(lanes_) * static_cast<std::size_t>(size);
    if (d_inputs_[p].size() < n) d_inputs_[p] = AlignedArray<T>(n);
    if (trained_->plan->input_gradients[p] <
        0) {  // the input does not matter: its gradient is 0, and the plan has no place for it
      std::fill_n(d_inputs_[p].data(), n, T{});
    } else {
      d_input_pointers_[p] = d_inputs_[p].data();
    }
  }
  typename Runner<T>::Backward b;
  b.d_outputs = d_outputs_.data();
  b.d_losses = wanted.d_losses;
  b.d_final = wanted.d_final;
  b.gradients = wanted.gradients;
  b.d_inputs = d_input_pointers_.data();
  b.d_start = wanted.d_start;
  trained_->runner->backward(b);
  if (noise_ && b.gradients && !wanted.more) noise_->chain(b.gradients);
}

template <class T>
const T* Layer<T>::d_input(int port) const {
  const auto p = static_cast<std::size_t>(port);
  return p < d_inputs_.size() && !d_inputs_[p].empty() ? d_inputs_[p].data() : nullptr;
}

template <class T>
std::size_t Layer<T>::fixed_bytes() {
  if (plain_[true].plan == nullptr) compile(true, false);
  std::size_t bytes = noise_ ? 2 * layout().size() * sizeof(T) : 0;  // its copy and scales
  for (const Compiled& c : plain_) bytes += c.runner->fixed_bytes();
  return bytes;
}

template <class T>
std::size_t Layer<T>::window_bytes(bool training, int steps, int lanes, int given, int wanted) {
  if (plain_[training].plan == nullptr) compile(training, false);
  std::size_t bytes = plain_[training].runner->window_bytes(steps, lanes, given, wanted);
  for (int p = 0; training && p < std::min(wanted, static_cast<int>(graph().inputs.size())); ++p) {
    bytes += static_cast<std::size_t>(steps) * static_cast<std::size_t>(lanes) *
             static_cast<std::size_t>(graph().inputs[static_cast<std::size_t>(p)].size) * sizeof(T);
  }
  return bytes;
}

template <class T>
void Layer<T>::set_noise(std::uint64_t seed, std::uint64_t stream) {
  if (noise_ && (seed != noise_seed_ || stream != noise_stream_)) unbind(true);
  noise_seed_ = seed;
  noise_stream_ = stream;
  if (step_) step_->set_noise(seed, stream);
  for (Compiled* set : {plain_, masked_, observed_}) {
    for (int training = 0; training < 2; ++training) {
      if (set[training].runner) set[training].runner->set_noise(seed, stream);
    }
  }
}

template class Layer<float>;
template class Layer<double>;

}  // namespace cellwright
