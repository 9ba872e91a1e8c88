// model.cpp: the stack: tokens in, layers upwards, head; then the same way back. Layout of the flat arrays:
// embedding, layers from the bottom, head's weight, head's bias, each on a cache line.
#include "nn/model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/denormals.h"
#include "base/rng.h"
#include "cellwright/error.h"
#include "nn/head.h"
#include "nn/initialise.h"
#include "nn/layer.h"
#include "nn/model_tensors.h"
#include "nn/token_input.h"

namespace cellwright {
namespace {

// As Runner's: asked here first, before the tokens of a window are read and room is made for them.
constexpr int kMaxRows = 1 << 30;

}  // namespace

template <class T>
struct Model<T>::Parts {
  ModelSpec spec;
  Engine& engine;
  const kernels::Kernels<T>& kernels;
  TokenInput<T> tokens;
  std::vector<std::unique_ptr<Layer<T>>> layers;
  std::unique_ptr<Head<T>> head;

  std::vector<TensorInfo> infos;
  std::vector<TensorEntry> entries;
  std::vector<std::size_t> layer_offsets;
  std::size_t head_weight = 0, head_bias = 0;
  AlignedArray<T> parameters, gradients;
  std::int64_t count = 0;
  bool bound = false;

  std::vector<const T*> values;  // what goes up from one layer to the next
  std::vector<T> d_losses;
  AlignedArray<T> d_h;

  Parts(const ModelSpec& s, Engine& e)
      : spec(s), engine(e), kernels(kernels::kernels<T>(e.options.simd)), tokens(s, e.pool) {
    const std::vector<Graph> graphs = lower_layers(spec);
    count = count_parameters(spec, graphs);
    std::size_t size = tokens.table_size();
    for (const Graph& g : graphs) {
      layers.push_back(
          std::make_unique<Layer<T>>(g, kernels, engine, spec.layers[layers.size()].regularisation));
      layers.back()->perturb(parameter_noise_of(spec, static_cast<int>(layers.size()) - 1, g));
      layer_offsets.push_back(size);
      size += layers.back()->layout().size();
    }
    head = std::make_unique<Head<T>>(layers.back()->output_size(0), spec.classes, kernels, engine.pool);
    head_weight = size;
    head_bias = head_weight + padded<T>(head->weight_size());
    size = head_bias + head->bias_size();
    parameters = AlignedArray<T>(size);
    gradients = AlignedArray<T>(size);
    std::vector<Graph> compiled;  // a plan's graph has its parameters in the layout's order
    for (const auto& layer : layers) compiled.push_back(layer->graph());
    list_tensors(spec, compiled, infos, entries);
    for (std::size_t i = 0; i < entries.size(); ++i) {
      TensorEntry& entry = entries[i];
      if (entry.kind == TensorEntry::Kind::kLayer)
        entry.offset = layer_offsets[static_cast<std::size_t>(entry.layer)];
      if (entry.kind == TensorEntry::Kind::kHeadWeight) entry.offset = head_weight;
    }
    entries.back().offset = head_bias;
    values.reserve(16);
  }

  void bind() {
    if (bound) return;
    tokens.bind(parameters.data() + (spec.tied ? head_weight : 0));
    for (std::size_t l = 0; l < layers.size(); ++l) layers[l]->bind(parameters.data() + layer_offsets[l]);
    head->bind(parameters.data() + head_weight, parameters.data() + head_bias);
    bound = true;
  }

  void check_state(const ModelState<T>& state, int lanes) const {
    if (state.lanes == lanes && state.layers.size() == layers.size()) return;
    throw ShapeError(fmt::format(
        "the model's {} layers and {} lanes were given a state of {} layers and {} lanes; use make_state({})",
        layers.size(), lanes, state.layers.size(), state.lanes, lanes));
  }

  void check_tokens(const std::int32_t* ids, std::size_t n, int lowest) const {
    for (std::size_t i = 0; i < n; ++i) {
      if (ids[i] < lowest || ids[i] >= spec.classes) {
        throw ShapeError(fmt::format("token {} lies outside the model's {} classes", ids[i], spec.classes));
      }
    }
  }

  void check_window(const TokenWindow& w, const ModelState<T>& state) const {
    if (w.steps < 1 || w.lanes < 1)
      throw ShapeError(fmt::format("a window of {} steps and {} lanes is empty", w.steps, w.lanes));
    if (w.lanes > kMaxRows / w.steps) {
      throw ShapeError(
          fmt::format("a window of {} steps and {} lanes has more than {} rows; take fewer of either",
                      w.steps, w.lanes, kMaxRows));
    }
    if (w.first_counted < 0 || w.first_counted > w.steps) {
      throw ShapeError(
          fmt::format("a window of {} steps cannot count from step {}", w.steps, w.first_counted));
    }
    check_state(state, w.lanes);
    const std::size_t n = static_cast<std::size_t>(w.steps) * static_cast<std::size_t>(w.lanes);
    check_tokens(w.inputs, n, 0);
    if (w.targets) check_tokens(w.targets, n, -1);
  }

  // Leaves the top layer's outputs in `values`.
  void forward(bool training, const std::int32_t* ids, int steps, ModelState<T>& state) {
    bind();
    tokens.prepare(static_cast<std::size_t>(steps) * static_cast<std::size_t>(state.lanes));
    values.assign(1, tokens.forward(training, ids,
                                    static_cast<std::size_t>(steps) * static_cast<std::size_t>(state.lanes)));
    for (std::size_t l = 0; l < layers.size(); ++l) {
      Layer<T>& layer = *layers[l];
      layer.prepare(training, steps, state.lanes);
      layer.forward(training, steps, values, state.layers[l]);
      values.clear();
      for (int p = 0; p < layer.outputs(); ++p) values.push_back(layer.runner(training).output(p));
    }
  }

  double cell_losses(bool training, const TokenWindow& w) {
    double sum = 0;
    for (const auto& layer : layers) {
      if (layer->graph().losses.empty()) continue;
      for (int t = w.first_counted; t < w.steps; ++t) {
        sum += layer->runner(training).loss_at(t, static_cast<int>(layer->graph().losses.size()));
      }
    }
    return sum;
  }

  static std::int64_t counted(const TokenWindow& w) {
    const auto first = static_cast<std::size_t>(w.first_counted) * static_cast<std::size_t>(w.lanes);
    const auto last = static_cast<std::size_t>(w.steps) * static_cast<std::size_t>(w.lanes);
    return std::count_if(w.targets + first, w.targets + last, [](std::int32_t t) { return t >= 0; });
  }

  typename Head<T>::Rows rows(const TokenWindow& w) const {
    return {values[0], w.targets, w.steps, w.lanes, w.first_counted};
  }

  void zero_gradients() {
    const auto zero = [&](int thread) {
      const std::size_t n = gradients.size(), team = static_cast<std::size_t>(engine.pool.size());
      const std::size_t first = n * static_cast<std::size_t>(thread) / team,
                        last = n * (static_cast<std::size_t>(thread) + 1) / team;
      std::fill(gradients.data() + first, gradients.data() + last, T{});
    };
    engine.pool.run(std::ref(zero));
  }

  void backward(const TokenWindow& w, T scale) {
    d_losses.assign(static_cast<std::size_t>(w.steps), scale);
    std::fill_n(d_losses.begin(), w.first_counted, T{});
    values.assign(1, d_h.data());
    for (std::size_t l = layers.size(); l-- > 0;) {
      Layer<T>& layer = *layers[l];
      const int wanted = l > 0 ? layers[l - 1]->outputs() : spec.embedding > 0 ? 1 : 0;
      layer.backward(values, d_losses.data(), wanted, gradients.data() + layer_offsets[l]);
      values.clear();
      for (int p = 0; p < wanted; ++p) values.push_back(layer.d_input(p));
    }
    if (spec.embedding > 0 && values[0])
      tokens.backward(w.inputs, w.steps, w.lanes, values[0],
                      gradients.data() + (spec.tied ? head_weight : 0));
  }
};

template <class T>
Model<T>::Model(const ModelSpec& spec, Engine& engine) : parts_(std::make_unique<Parts>(spec, engine)) {}
template <class T>
Model<T>::~Model() = default;

template <class T>
const ModelSpec& Model<T>::spec() const {
  return parts_->spec;
}

template <class T>
Engine& Model<T>::engine() const {
  return parts_->engine;
}

template <class T>
void Model<T>::initialise(std::uint64_t seed) {
  Parts& m = *parts_;
  for (std::size_t i = 0; i < m.entries.size(); ++i) {
    const TensorEntry& entry = m.entries[i];
    const int units = entry.kind == TensorEntry::Kind::kLayer
                          ? m.spec.layers[static_cast<std::size_t>(entry.layer)].units
                          : m.layers.back()->output_size(0);
    const std::vector<double> values =
        initial_values(entry.parameter, m.infos[i].name, seed, 1.0 / std::sqrt(static_cast<double>(units)),
                       m.spec.init_uniform);
    set(i, std::vector<T>(values.begin(), values.end()));
  }
}

template <class T>
const std::vector<TensorInfo>& Model<T>::tensors() const {
  return parts_->infos;
}

template <class T>
std::int64_t Model<T>::parameter_count() const {
  return parts_->count;
}

template <class T>
static std::vector<T> read_tensor(const ParameterLayout<T>* layout, const TensorEntry& entry,
                                  const TensorInfo& info, const T* from) {
  std::vector<T> values(count_of(info));
  const T* source = from + entry.offset;
  if (entry.kind == TensorEntry::Kind::kLayer) {
    layout->unpack(entry.index, source, values.data());
  } else if (entry.kind == TensorEntry::Kind::kHeadWeight) {
    kernels::unpack(source, 0, entry.parameter.rows, 0, entry.parameter.columns, values.data(),
                    entry.parameter.columns);
  } else {
    std::copy_n(source, values.size(), values.data());
  }
  return values;
}

template <class T>
std::vector<T> Model<T>::unpack(std::size_t tensor, const T* flat) const {
  const TensorEntry& entry = parts_->entries.at(tensor);
  const auto* layout =
      entry.layer >= 0 ? &parts_->layers[static_cast<std::size_t>(entry.layer)]->layout() : nullptr;
  return read_tensor(layout, entry, parts_->infos[tensor], flat);
}

template <class T>
void Model<T>::pack(std::size_t tensor, const std::vector<T>& values, T* flat) const {
  const TensorEntry& entry = parts_->entries.at(tensor);
  const TensorInfo& info = parts_->infos[tensor];
  if (values.size() != count_of(info)) {
    throw ShapeError(
        fmt::format("tensor '{}' has {} numbers, not {}", info.name, count_of(info), values.size()));
  }
  T* to = flat + entry.offset;
  if (entry.kind == TensorEntry::Kind::kLayer) {
    parts_->layers[static_cast<std::size_t>(entry.layer)]->layout().pack(entry.index, values.data(), to);
  } else if (entry.kind == TensorEntry::Kind::kHeadWeight) {
    kernels::pack(values.data(), entry.parameter.columns, 0, entry.parameter.rows, 0, entry.parameter.columns,
                  to);
  } else {
    std::copy(values.begin(), values.end(), to);
  }
}

template <class T>
std::vector<T> Model<T>::get(std::size_t tensor) const {
  return unpack(tensor, parts_->parameters.data());
}

template <class T>
std::vector<T> Model<T>::gradient(std::size_t tensor) const {
  return unpack(tensor, parts_->gradients.data());
}

template <class T>
void Model<T>::set(std::size_t tensor, const std::vector<T>& values) {
  pack(tensor, values, parts_->parameters.data());
  parameters_changed();
}

template <class T>
T* Model<T>::parameters() {
  return parts_->parameters.data();
}
template <class T>
const T* Model<T>::parameters() const {
  return parts_->parameters.data();
}
template <class T>
T* Model<T>::gradients() {
  return parts_->gradients.data();
}
template <class T>
std::size_t Model<T>::size() const {
  return parts_->parameters.size();
}
template <class T>
void Model<T>::parameters_changed() {
  parts_->bound = false;
}

template <class T>
ModelState<T> Model<T>::make_state(int lanes) const {
  ModelState<T> state;
  state.lanes = lanes;
  for (const auto& layer : parts_->layers) state.layers.push_back(layer->start(lanes));
  return state;
}

template <class T>
WindowLoss Model<T>::train_window(const TokenWindow& w, ModelState<T>& state, int advance) {
  Parts& m = *parts_;
  if (w.targets == nullptr) throw ShapeError("a window to train on needs targets");
  m.check_window(w, state);
  if (advance < 0 || advance > w.steps)
    throw ShapeError(fmt::format("a window of {} steps cannot advance by {}", w.steps, advance));
  const FlushDenormals flush;
  const bool part_way = advance > 0 && advance < w.steps;
  ModelState<T> kept;
  if (part_way) {
    kept = state;
    m.forward(true, w.inputs, advance, kept);  // as the window itself: with its masks and its noise
  }
  m.forward(true, w.inputs, w.steps, state);

  WindowLoss loss;
  loss.tokens = Parts::counted(w);
  const T scale = loss.tokens > 0 ? static_cast<T>(1.0 / static_cast<double>(loss.tokens)) : T{};
  const std::size_t top = static_cast<std::size_t>(w.steps) * static_cast<std::size_t>(w.lanes) *
                          static_cast<std::size_t>(m.layers.back()->output_size(0));
  if (m.d_h.size() < top) m.d_h = AlignedArray<T>(top);
  m.zero_gradients();
  const typename Head<T>::Gradients gradients{scale, m.gradients.data() + m.head_weight,
                                              m.gradients.data() + m.head_bias, m.d_h.data(),
                                              static_cast<T>(m.spec.label_smoothing)};
  loss.nats = m.head->loss(m.rows(w), &gradients);
  loss.cell_losses = m.cell_losses(true, w);
  m.backward(w, scale);
  if (part_way) state = std::move(kept);
  return loss;
}

template <class T>
WindowLoss Model<T>::evaluate_window(const TokenWindow& w, ModelState<T>& state) {
  Parts& m = *parts_;
  if (w.targets == nullptr) throw ShapeError("a window to evaluate needs targets");
  m.check_window(w, state);
  const FlushDenormals flush;
  m.forward(false, w.inputs, w.steps, state);
  WindowLoss loss;
  loss.tokens = Parts::counted(w);
  loss.nats = m.head->loss(m.rows(w), nullptr);
  loss.cell_losses = m.cell_losses(false, w);
  return loss;
}

template <class T>
void Model<T>::step(const std::int32_t* tokens, ModelState<T>& state, T* logits) {
  Parts& m = *parts_;
  m.check_state(state, state.lanes);
  m.check_tokens(tokens, static_cast<std::size_t>(state.lanes), 0);
  const FlushDenormals flush;
  m.forward(false, tokens, 1, state);
  m.head->logits(m.values[0], state.lanes, logits);
}

template <class T>
void Model<T>::set_noise(std::uint64_t seed, std::uint64_t update) {
  parts_->tokens.set_noise(seed, update);
  for (std::size_t l = 0; l < parts_->layers.size(); ++l) {
    // A stream a layer and update; the multiplier is odd, so that no two updates share one.
    parts_->layers[l]->set_noise(seed,
                                 hash_name(fmt::format("noise.layers.{}", l)) + update * 0x9E3779B97F4A7C15u);
  }
}

template class Model<float>;
template class Model<double>;

}  // namespace cellwright
