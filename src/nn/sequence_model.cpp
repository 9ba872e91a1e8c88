// sequence_model.cpp: numbers in, through the stack and the head to the loss; then the same way back. Start
// at SequenceModel::train.
#include "nn/sequence_model.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/denormals.h"
#include "cellwright/error.h"

namespace cellwright {
namespace {

// As Runner's: asked here first, before room is made.
constexpr int kMaxRows = 1 << 30;

template <class T>
T* room(AlignedArray<T>& array, std::size_t n) {
  if (array.size() < n) {
    array = AlignedArray<T>();  // free first: two generations need not fit
    array = AlignedArray<T>(n);
  }
  return array.data();
}

template <class T>
std::unique_ptr<TokenInput<T>> symbol_input(const SequenceSpec& spec, ThreadPool& pool) {
  if (spec.symbols == 0) return nullptr;
  ModelSpec tokens;
  tokens.classes = spec.symbols;
  tokens.embedding = spec.embedding;
  tokens.embedding_dropout = spec.embedding_dropout;
  return std::make_unique<TokenInput<T>>(tokens, pool);
}

std::size_t product(int a, int b) { return static_cast<std::size_t>(a) * static_cast<std::size_t>(b); }

}  // namespace

template <class T>
SequenceModel<T>::SequenceModel(const SequenceSpec& spec, Engine& engine)
    : TrainedParameters<T>(engine),
      spec_(spec),
      loss_(make_loss<T>(spec.loss)),
      symbols_(symbol_input<T>(spec, engine.pool)),
      stack_(wire(spec).spec, kernels::kernels<T>(engine.options.simd), engine),
      head_(stack_.output_size(0), loss_->width(), kernels::kernels<T>(engine.options.simd), engine.pool),
      reader_(spec.reading, stack_.wiring()) {
  tensors_of(spec);  // too large is told before memory is asked for
  stack_at_ = symbols_ ? symbols_->table_size() : 0;
  head_at_ = stack_at_ + stack_.size();
  bias_at_ = head_at_ + head_.size();
  std::vector<const Graph*> graphs;
  for (int i = 0; i < stack_.tracks(); ++i) graphs.push_back(&stack_.track(i).graph());
  TensorList list = list_tensors(spec_, stack_.wiring(), graphs);
  std::int64_t count = 0;
  for (std::size_t i = 0; i < list.entries.size(); ++i) {
    TensorEntry& entry = list.entries[i];
    count += list.infos[i].trained;
    if (entry.kind == TensorEntry::Kind::kLayer) entry.offset = stack_at_ + stack_.offset(entry.track);
    if (entry.kind == TensorEntry::Kind::kHeadMatrix) entry.offset = head_at_;
    if (entry.kind == TensorEntry::Kind::kHeadBias) entry.offset = bias_at_;
  }
  this->lay_out(std::move(list), stack_, bias_at_ + head_.bias_size(), count, spec_.init_uniform);
  stack_.require_scan(true);
}

template <class T>
void SequenceModel<T>::bind() {
  if (bound_ == this->version()) return;
  if (symbols_) symbols_->bind(this->parameters());
  stack_.bind(this->parameters() + stack_at_);
  head_.bind(this->parameters() + head_at_, this->parameters() + bias_at_);
  bound_ = this->version();
}

template <class T>
void SequenceModel<T>::set_noise(std::uint64_t seed, std::uint64_t update) {
  if (symbols_) symbols_->set_noise(seed, update);
  stack_.set_noise(seed, update);
}

template <class T>
void SequenceModel<T>::check(const SequenceWindow<T>& w, const StackState<T>& state) const {
  if (w.steps < 1 || w.lanes < 1)
    throw ShapeError(fmt::format("a window of {} steps and {} lanes is empty", w.steps, w.lanes));
  if (w.lanes > kMaxRows / w.steps) {
    throw ShapeError(
        fmt::format("a window of {} steps and {} lanes has more than {} rows; take fewer of either", w.steps,
                    w.lanes, kMaxRows));
  }
  stack_.check_state(state, w.lanes);
  if ((symbols_ ? static_cast<const void*>(w.symbols) : w.inputs) == nullptr)
    throw ShapeError(symbols_ ? "a window for this model needs symbols"
                              : "a window for this model needs inputs");
  for (std::size_t r = 0; symbols_ && r < product(w.steps, w.lanes); ++r) {
    if (w.symbols[r] < 0 || w.symbols[r] >= spec_.symbols)
      throw ShapeError(fmt::format("symbol {} lies outside the model's {}", w.symbols[r], spec_.symbols));
  }
}

template <class T>
void SequenceModel<T>::forward(bool training, const SequenceWindow<T>& w, StackState<T>& state) {
  bind();
  const std::size_t rows = product(w.steps, w.lanes);
  const T* fed = nullptr;
  if (symbols_) {
    symbols_->prepare(rows);
    fed = symbols_->forward(training, w.symbols, rows);
  } else {
    const std::size_t n = rows * static_cast<std::size_t>(spec_.inputs);
    T* to = room(inputs_, n);
    std::copy_n(w.inputs, n, to);
    fed = to;
  }
  stack_.forward(training, w.steps, {fed}, state, w.mask);
  head_input_ = stack_.output(0);
  int heads = static_cast<int>(rows);
  if (!each()) {
    T* read = room(read_, product(w.lanes, head_.inputs()));
    reader_.read(stack_.output(0), w.steps, w.lanes, w.mask, read);
    head_input_ = read;
    heads = w.lanes;
  }
  head_.forward(head_input_, heads, room(outputs_, product(heads, head_.outputs())));
}

// Loss of the last forward(), and what its gradient is with respect to the outputs.
template <class T>
SequenceLoss SequenceModel<T>::measure(const SequenceWindow<T>& w, bool gradients) {
  SequenceLoss loss;
  for (int t = 0; t < w.steps && stack_.has_losses(); ++t) loss.cell_losses += stack_.loss_at(t);
  if (!has_targets(w)) return loss;
  const int steps = each() ? w.steps : 1;
  const std::size_t rows = product(steps, w.lanes);
  counted_.assign(rows, 1);
  if (w.counted) counted_.assign(w.counted, w.counted + rows);
  if (w.mask && each()) {
    for (std::size_t r = 0; r < rows; ++r) counted_[r] = counted_[r] && w.mask[r];
  }
  row_losses_.resize(rows);
  LossRows<T> about;
  about.steps = steps;
  about.lanes = w.lanes;
  about.outputs = outputs_.data();
  about.targets = w.targets;
  about.labels = w.labels;
  about.counted = counted_.data();
  loss_->check_targets(about);
  for (std::size_t b = 0; b < static_cast<std::size_t>(w.lanes); ++b) {
    std::int64_t of_lane = 0;
    for (std::size_t r = b; r < rows; r += static_cast<std::size_t>(w.lanes)) of_lane += counted_[r] != 0;
    loss.count += loss_->of_lanes() ? std::min<std::int64_t>(of_lane, 1) : of_lane;
  }
  const double scale = loss.count > 0 ? 1.0 / static_cast<double>(loss.count) : 0;
  T* d = gradients ? room(d_outputs_, rows * static_cast<std::size_t>(head_.outputs())) : nullptr;
  loss_->evaluate(about, scale, row_losses_.data(), d, this->engine().pool);
  for (std::size_t r = 0; r < rows; ++r) loss.sum += row_losses_[r];
  return loss;
}

template <class T>
SequenceLoss SequenceModel<T>::train(const SequenceWindow<T>& w, StackState<T>& state) {
  if (!has_targets(w)) throw ShapeError("a window to train on needs targets");
  check(w, state);
  const FlushDenormals flush;
  forward(true, w, state);
  const SequenceLoss loss = measure(w, true);
  this->zero_gradients(this->size());

  T* d_read = room(d_read_, product(each() ? w.steps * w.lanes : w.lanes, head_.inputs()));
  head_.backward(head_input_, d_outputs_.data(), each() ? w.steps : 1, w.lanes,
                 {this->gradients() + head_at_, this->gradients() + bias_at_, false}, d_read);
  const T* d_h = d_read;
  if (!each()) {
    T* spread = room(d_h_, product(w.steps * w.lanes, head_.inputs()));
    reader_.spread(d_read, w.steps, w.lanes, w.mask, spread);
    d_h = spread;
  }
  d_losses_.assign(static_cast<std::size_t>(w.steps),
                   loss.count > 0 ? static_cast<T>(1.0 / static_cast<double>(loss.count)) : T{});
  typename Stack<T>::Backward b;
  b.d_outputs.assign(1, d_h);
  b.d_losses = d_losses_.data();
  b.wanted = spec_.embedding > 0 ? 1 : 0;
  b.gradients = this->gradients() + stack_at_;
  stack_.backward(b);
  if (spec_.embedding > 0 && stack_.d_input(0))
    symbols_->backward(w.symbols, w.steps, w.lanes, stack_.d_input(0), this->gradients());
  return loss;
}

template <class T>
SequenceLoss SequenceModel<T>::evaluate(const SequenceWindow<T>& w, StackState<T>& state) {
  check(w, state);
  const FlushDenormals flush;
  forward(false, w, state);
  return measure(w, false);
}

template class SequenceModel<float>;
template class SequenceModel<double>;

}  // namespace cellwright
