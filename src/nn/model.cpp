// model.cpp: tokens in, through the stack, head; then the same way back. Layout of the flat arrays:
// embedding, tracks of the stack from the bottom, head's weight, head's bias, each on a cache line.
#include "nn/model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/denormals.h"
#include "cellwright/error.h"
#include "nn/head.h"
#include "nn/initialise.h"
#include "nn/model_tensors.h"
#include "nn/stack.h"
#include "nn/token_input.h"

namespace cellwright {
namespace {

// As Runner's: asked here first, before the tokens of a window are read and room is made for them.
constexpr int kMaxRows = 1 << 30;

StackSpec wired(const ModelSpec& spec) { return wire(spec).spec; }

}  // namespace

template <class T>
struct Model<T>::Parts {
  ModelSpec spec;
  Engine& engine;
  const kernels::Kernels<T>& kernels;
  TokenInput<T> tokens;
  Stack<T> stack;
  Head<T> head;

  std::vector<TensorInfo> infos;
  std::vector<TensorEntry> entries;
  std::size_t stack_at = 0, head_weight = 0, head_bias = 0;
  AlignedArray<T> parameters, gradients;
  std::int64_t count = 0;
  bool bound = false;

  std::vector<const T*> fed;  // what the stack reads
  std::vector<T> d_losses;
  AlignedArray<T> d_h;

  Parts(const ModelSpec& s, Engine& e)
      : spec(s),
        engine(e),
        kernels(kernels::kernels<T>(e.options.simd)),
        tokens(s, e.pool),
        stack(wired(s), kernels, e),
        head(stack.output_size(0), s.classes, kernels, e.pool) {
    count = count_parameters(spec, stack.wiring());
    stack_at = tokens.table_size();
    head_weight = stack_at + stack.size();
    head_bias = head_weight + padded<T>(head.weight_size());
    const std::size_t size = head_bias + head.bias_size();
    parameters = AlignedArray<T>(size);
    gradients = AlignedArray<T>(size);
    std::vector<const Graph*> graphs;  // a plan's graph has its parameters in the layout's order
    for (int i = 0; i < stack.tracks(); ++i) graphs.push_back(&stack.track(i).graph());
    list_tensors(spec, stack.wiring(), graphs, infos, entries);
    for (TensorEntry& entry : entries) {
      if (entry.kind == TensorEntry::Kind::kLayer) entry.offset = stack_at + stack.offset(entry.track);
      if (entry.kind == TensorEntry::Kind::kHeadWeight) entry.offset = head_weight;
    }
    entries.back().offset = head_bias;
  }

  void bind() {
    if (bound) return;
    tokens.bind(parameters.data() + (spec.tied ? head_weight : 0));
    stack.bind(parameters.data() + stack_at);
    head.bind(parameters.data() + head_weight, parameters.data() + head_bias);
    bound = true;
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
    stack.check_state(state, w.lanes);
    const std::size_t n = static_cast<std::size_t>(w.steps) * static_cast<std::size_t>(w.lanes);
    check_tokens(w.inputs, n, 0);
    if (w.targets) check_tokens(w.targets, n, -1);
  }

  void forward(bool training, const std::int32_t* ids, int steps, ModelState<T>& state) {
    bind();
    const std::size_t rows = static_cast<std::size_t>(steps) * static_cast<std::size_t>(state.lanes);
    tokens.prepare(rows);
    fed.assign(1, tokens.forward(training, ids, rows));
    stack.forward(training, steps, fed, state);
  }

  double cell_losses(const TokenWindow& w) {
    double sum = 0;
    for (int t = w.first_counted; t < w.steps && stack.has_losses(); ++t) sum += stack.loss_at(t);
    return sum;
  }

  static std::int64_t counted(const TokenWindow& w) {
    const auto first = static_cast<std::size_t>(w.first_counted) * static_cast<std::size_t>(w.lanes);
    const auto last = static_cast<std::size_t>(w.steps) * static_cast<std::size_t>(w.lanes);
    return std::count_if(w.targets + first, w.targets + last, [](std::int32_t t) { return t >= 0; });
  }

  typename Head<T>::Rows rows(const TokenWindow& w) const {
    return {stack.output(0), w.targets, w.steps, w.lanes, w.first_counted};
  }

  WindowRows<T> window_rows(const TokenWindow& w) const {
    return {rows(w).h, head.inputs(), head.row_nats()};
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
    typename Stack<T>::Backward b;
    b.d_outputs.assign(1, d_h.data());
    b.d_losses = d_losses.data();
    b.wanted = spec.embedding > 0 ? 1 : 0;
    b.gradients = gradients.data() + stack_at;
    stack.backward(b);
    if (spec.embedding > 0 && stack.d_input(0))
      tokens.backward(w.inputs, w.steps, w.lanes, stack.d_input(0),
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
                          ? m.spec
                                .layers[static_cast<std::size_t>(
                                    m.stack.wiring().tracks[static_cast<std::size_t>(entry.track)].layer)]
                                .units
                          : m.stack.output_size(0);
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
  const auto* layout = entry.track >= 0 ? &parts_->stack.track(entry.track).layout() : nullptr;
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
    parts_->stack.track(entry.track).layout().pack(entry.index, values.data(), to);
  } else if (entry.kind == TensorEntry::Kind::kHeadWeight) {
    kernels::pack(values.data(), entry.parameter.columns, 0, entry.parameter.rows, 0, entry.parameter.columns,
                  to);
  } else {
    std::copy(values.begin(), values.end(), to);
  }
}

template <class T>
std::vector<TensorPiece> Model<T>::pieces() const {
  const Parts& m = *parts_;
  std::vector<TensorPiece> all;
  const auto add = [&](std::size_t tensor, std::size_t first, bool packed, int row, int rows, int columns) {
    const std::size_t size =
        packed ? kernels::packed_size<T>(rows, columns) : padded<T>(static_cast<std::size_t>(rows));
    all.push_back({tensor, first, first + size, packed, row, rows, columns});
  };
  for (std::size_t i = 0; i < m.entries.size(); ++i) {
    const TensorEntry& entry = m.entries[i];
    if (entry.kind == TensorEntry::Kind::kHeadWeight) {
      add(i, entry.offset, true, 0, entry.parameter.rows, entry.parameter.columns);
    } else if (entry.kind == TensorEntry::Kind::kPlain) {
      add(i, entry.offset, false, 0, static_cast<int>(count_of(m.infos[i])), 1);
    } else {
      const ParameterLayout<T>& layout = m.stack.track(entry.track).layout();
      for (std::size_t k = 0; k < layout.pieces().size(); ++k) {
        const Piece& p = layout.pieces()[k];
        if (p.parameter != entry.index) continue;
        add(i, entry.offset + layout.offset(static_cast<int>(k)), p.matrix, p.row, p.rows, p.columns);
      }
    }
  }
  std::sort(all.begin(), all.end(),
            [](const TensorPiece& a, const TensorPiece& b) { return a.first < b.first; });
  return all;
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
  return parts_->stack.start(lanes);
}

template <class T>
WindowLoss Model<T>::train_window(const TokenWindow& w, ModelState<T>& state, int advance,
                                  WindowRows<T>* rows) {
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
                          static_cast<std::size_t>(m.stack.output_size(0));
  if (m.d_h.size() < top) m.d_h = AlignedArray<T>(top);
  m.zero_gradients();
  const typename Head<T>::Gradients gradients{scale, m.gradients.data() + m.head_weight,
                                              m.gradients.data() + m.head_bias, m.d_h.data(),
                                              static_cast<T>(m.spec.label_smoothing)};
  loss.nats = m.head.loss(m.rows(w), &gradients);
  if (rows) *rows = m.window_rows(w);
  loss.cell_losses = m.cell_losses(w);
  m.backward(w, scale);
  if (part_way) state = std::move(kept);
  return loss;
}

template <class T>
WindowLoss Model<T>::evaluate_window(const TokenWindow& w, ModelState<T>& state, WindowRows<T>* rows) {
  Parts& m = *parts_;
  if (w.targets == nullptr) throw ShapeError("a window to evaluate needs targets");
  m.check_window(w, state);
  const FlushDenormals flush;
  m.forward(false, w.inputs, w.steps, state);
  WindowLoss loss;
  loss.tokens = Parts::counted(w);
  loss.nats = m.head.loss(m.rows(w), nullptr);
  if (rows) *rows = m.window_rows(w);
  loss.cell_losses = m.cell_losses(w);
  return loss;
}

template <class T>
void Model<T>::step(const std::int32_t* tokens, ModelState<T>& state, T* logits) {
  Parts& m = *parts_;
  m.stack.check_state(state, state.lanes);
  m.check_tokens(tokens, static_cast<std::size_t>(state.lanes), 0);
  const FlushDenormals flush;
  m.forward(false, tokens, 1, state);
  m.head.logits(m.stack.output(0), state.lanes, logits);
}

template <class T>
void Model<T>::set_noise(std::uint64_t seed, std::uint64_t update) {
  parts_->tokens.set_noise(seed, update);
  parts_->stack.set_noise(seed, update);
}

template class Model<float>;
template class Model<double>;

}  // namespace cellwright
