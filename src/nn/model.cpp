// model.cpp: tokens in, through the stack, head; then the same way back; a long window stretch by stretch.
// Start at Model::train_window.
#include "nn/model.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/denormals.h"
#include "cellwright/error.h"
#include "nn/model_parts.h"

namespace cellwright {

template <class T>
Model<T>::Model(const ModelSpec& spec, Engine& engine)
    : TrainedParameters<T>(engine), parts_(std::make_unique<Parts>(spec, engine)) {
  Parts& m = *parts_;
  this->lay_out(m.tensors(), m.stack, m.size(), count_parameters(spec, m.stack.wiring()), spec.init_uniform);
  m.parameters = this->parameters();
  m.gradients = this->gradients();
  require_scan(true);
}
template <class T>
Model<T>::~Model() = default;

template <class T>
void Model<T>::require_scan(bool training) {
  parts_->stack.require_scan(training);
}

template <class T>
const ModelSpec& Model<T>::spec() const {
  return parts_->spec;
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
  m.bind(this->version());
  const int stretch = rows ? w.steps : m.stretch_of(w), count = (w.steps + stretch - 1) / stretch;
  const bool part_way = advance > 0 && advance < w.steps;
  ModelState<T> kept;
  std::vector<ModelState<T>> starts;  // of all stretches but the last, whose start `state` becomes
  for (int i = 0; i < count; ++i) {
    const int first = i * stretch;
    if (part_way && first <= advance && advance - first < stretch) {
      kept = state;
      // With the masks and the noise of training, as the window itself.
      if (advance > first) m.forward(true, Parts::part_of(w, first, stretch).inputs, advance - first, kept);
    }
    if (i + 1 == count) break;
    starts.push_back(state);
    m.forward(true, Parts::part_of(w, first, stretch).inputs, stretch, state);
  }

  const std::int64_t tokens = Parts::counted(w);
  const T scale = tokens > 0 ? static_cast<T>(1.0 / static_cast<double>(tokens)) : T{};
  this->zero_gradients(m.head_at, m.stack_at, static_cast<std::size_t>(m.spec.embedding), w.inputs,
                       static_cast<std::size_t>(w.steps) * static_cast<std::size_t>(w.lanes));  // the head writes its own
  m.clear_losses(w);
  ModelState<T> d_state;
  if (count > 1) d_state = state;
  for (int i = count - 1; i >= 0; --i) {
    const TokenWindow part = Parts::part_of(w, i * stretch, stretch);
    m.forward(true, part.inputs, part.steps, i + 1 == count ? state : starts[static_cast<std::size_t>(i)]);
    m.backward(part, scale, i + 1 == count, i == 0, d_state);
    m.keep_losses(part, i * stretch);
    if (i + 1 < count) starts.pop_back();
  }
  m.tokens.finish(w.inputs, static_cast<std::size_t>(w.steps) * static_cast<std::size_t>(w.lanes),
                  m.gradients + m.head_at);
  if (part_way) state = std::move(kept);
  if (rows) *rows = m.window_rows(w);
  return m.summed_losses(w);
}

template <class T>
WindowLoss Model<T>::evaluate_window(const TokenWindow& w, ModelState<T>& state, WindowRows<T>* rows) {
  Parts& m = *parts_;
  if (w.targets == nullptr) throw ShapeError("a window to evaluate needs targets");
  m.check_window(w, state);
  const FlushDenormals flush;
  m.bind(this->version());
  m.clear_losses(w);
  const int stretch = rows ? w.steps : m.stretch_of(w);
  for (int first = 0; first < w.steps; first += stretch) {
    const TokenWindow part = Parts::part_of(w, first, stretch);
    m.forward(false, part.inputs, part.steps, state);
    m.head.loss(m.rows(part), nullptr);
    m.keep_losses(part, first);
  }
  if (rows) *rows = m.window_rows(w);
  return m.summed_losses(w);
}

template <class T>
void Model<T>::set_stretch(int steps) {
  if (steps < 0) throw ShapeError(fmt::format("a stretch of {} steps; 0 is the whole window", steps));
  parts_->stretch = steps;
}

template <class T>
int Model<T>::stretch() const {
  return parts_->stretch;
}

template <class T>
void Model<T>::step(const std::int32_t* tokens, ModelState<T>& state, T* logits) {
  Parts& m = *parts_;
  m.stack.check_state(state, state.lanes);
  m.check_tokens(tokens, static_cast<std::size_t>(state.lanes), 0);
  const FlushDenormals flush;
  m.bind(this->version());
  m.forward(false, tokens, 1, state);
  m.head.logits(m.stack.output(0), state.lanes, logits);
}

template <class T>
void Model<T>::set_noise(std::uint64_t seed, std::uint64_t update) {
  parts_->tokens.set_noise(seed, update);
  parts_->stack.set_noise(seed, update);
}

template <class T>
typename Model<T>::Inside Model<T>::inside() {
  parts_->bind(this->version());
  return {parts_->tokens, parts_->stack, parts_->head};
}

template class Model<float>;
template class Model<double>;

}  // namespace cellwright
