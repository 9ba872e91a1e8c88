// model_parts.h: what a Model holds, for the room's own sources: model.cpp runs windows, model_bytes.cpp
// counts what they hold. Layout of the flat arrays: embedding, tracks
// of the stack from the bottom, output layer's tensors, each on a cache line.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <vector>

#include "cellwright/error.h"
#include "nn/model.h"
#include "nn/model_tensors.h"
#include "nn/output_layer.h"
#include "nn/stack.h"
#include "nn/token_input.h"

namespace cellwright {

template <class T>
struct Model<T>::Parts {
  // As Runner's: asked here first, before the tokens of a window are read and room is made for them.
  static constexpr int kMaxRows = 1 << 30;

  ModelSpec spec;
  Engine& engine;
  const kernels::Kernels<T>& kernels;
  TokenInput<T> tokens;
  Stack<T> stack;
  OutputLayer<T> head;

  std::size_t stack_at = 0, head_at = 0;
  const T* parameters = nullptr;  // the model's flat arrays
  T* gradients = nullptr;
  std::uint64_t bound = 0;  // the version of the parameters that all parts see

  std::vector<const T*> fed;  // what the stack reads
  std::vector<T> d_losses;
  AlignedArray<T> d_h;
  std::vector<double> row_nats, step_losses;  // of a window
  int stretch = 0;

  Parts(const ModelSpec& s, Engine& e)
      : spec(s),
        engine(e),
        kernels(kernels::kernels<T>(e.options.simd)),
        tokens(s, e.pool),
        stack(wire(s).spec, kernels, e),
        head(stack.output_size(0), s.classes, s.adaptive_softmax, kernels, e.pool) {
    stack_at = tokens.table_size();
    head_at = stack_at + stack.size();
  }

  std::size_t size() const { return head_at + head.size(); }

  TensorList tensors() const {
    std::vector<const Graph*> graphs;  // a plan's graph has its parameters in the layout's order
    for (int i = 0; i < stack.tracks(); ++i) graphs.push_back(&stack.track(i).graph());
    TensorList list = list_tensors(spec, stack.wiring(), graphs);
    for (TensorEntry& entry : list.entries) {
      if (entry.kind == TensorEntry::Kind::kLayer) entry.offset = stack_at + stack.offset(entry.track);
      if (entry.kind == TensorEntry::Kind::kHeadMatrix || entry.kind == TensorEntry::Kind::kHeadBias)
        entry.offset = head_at + head.offset(static_cast<std::size_t>(entry.index));
    }
    return list;
  }

  // To the parameters as they are; `version` as TrainedParameters'.
  void bind(std::uint64_t version) {
    if (bound == version) return;
    tokens.bind(parameters + (spec.tied ? head_at : 0));
    stack.bind(parameters + stack_at);
    head.bind(parameters + head_at);
    bound = version;
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
    const std::size_t rows = static_cast<std::size_t>(steps) * static_cast<std::size_t>(state.lanes);
    const bool one_hot = spec.embedding == 0 && stack.takes_one_hot(training);
    if (one_hot) {
      fed.assign(1, nullptr);
    } else {
      tokens.prepare(rows);
      fed.assign(1, tokens.forward(training, ids, rows));
    }
    stack.forward(training, steps, fed, state, nullptr, one_hot ? ids : nullptr);
  }

  static std::int64_t counted(const TokenWindow& w) {
    const auto first = static_cast<std::size_t>(w.first_counted) * static_cast<std::size_t>(w.lanes);
    const auto last = static_cast<std::size_t>(w.steps) * static_cast<std::size_t>(w.lanes);
    return std::count_if(w.targets + first, w.targets + last, [](std::int32_t t) { return t >= 0; });
  }

  typename OutputLayer<T>::Rows rows(const TokenWindow& w) const {
    return {stack.output(0), w.targets, w.steps, w.lanes, w.first_counted};
  }

  WindowRows<T> window_rows(const TokenWindow& w) const {
    return {rows(w).h, head.inputs(), head.row_nats()};
  }

  int stretch_of(const TokenWindow& w) const { return stretch > 0 ? std::min(stretch, w.steps) : w.steps; }

  // Steps [first, first + steps) of a window, or as many as there are.
  static TokenWindow part_of(const TokenWindow& w, int first, int steps) {
    const std::size_t at = static_cast<std::size_t>(first) * static_cast<std::size_t>(w.lanes);
    TokenWindow part = w;
    part.steps = std::min(steps, w.steps - first);
    part.inputs += at;
    if (part.targets) part.targets += at;
    part.first_counted = std::clamp(w.first_counted - first, 0, part.steps);
    return part;
  }

  // Losses of a stretch, kept by row and step so that their sum runs in one order however a window is cut.
  void keep_losses(const TokenWindow& part, int first) {
    const std::size_t lanes = static_cast<std::size_t>(part.lanes);
    const std::size_t from = static_cast<std::size_t>(part.first_counted) * lanes,
                      to = static_cast<std::size_t>(part.steps) * lanes;
    std::copy(head.row_nats() + from, head.row_nats() + to,
              row_nats.data() + static_cast<std::size_t>(first) * lanes + from);
    for (int t = part.first_counted; t < part.steps && stack.has_losses(); ++t)
      step_losses[static_cast<std::size_t>(first + t)] = stack.loss_at(t);
  }

  void clear_losses(const TokenWindow& w) {
    row_nats.assign(static_cast<std::size_t>(w.steps) * static_cast<std::size_t>(w.lanes), 0.0);
    step_losses.assign(stack.has_losses() ? static_cast<std::size_t>(w.steps) : 0, 0.0);
  }

  WindowLoss summed_losses(const TokenWindow& w) const {
    WindowLoss loss;
    loss.nats = std::accumulate(row_nats.begin(), row_nats.end(), 0.0);
    loss.cell_losses = std::accumulate(step_losses.begin(), step_losses.end(), 0.0);
    loss.tokens = counted(w);
    return loss;
  }

  // Loss and gradients of a stretch whose forward() was the last; d_state: of the state behind it, and then
  // before it.
  void backward(const TokenWindow& part, T scale, bool last, bool first, ModelState<T>& d_state) {
    const std::size_t top = static_cast<std::size_t>(part.steps) * static_cast<std::size_t>(part.lanes) *
                            static_cast<std::size_t>(stack.output_size(0));
    if (d_h.size() < top) d_h = AlignedArray<T>(top);
    const typename OutputLayer<T>::Gradients of_head{scale, gradients + head_at, d_h.data(),
                                                     static_cast<T>(spec.label_smoothing), last};
    head.loss(rows(part), &of_head);
    d_losses.assign(static_cast<std::size_t>(part.steps), scale);
    std::fill_n(d_losses.begin(), part.first_counted, T{});
    typename Stack<T>::Backward b;
    b.d_outputs.assign(1, d_h.data());
    b.d_losses = d_losses.data();
    b.wanted = spec.embedding > 0 ? 1 : 0;
    b.gradients = gradients + stack_at;
    b.d_final = last ? nullptr : &d_state;
    b.d_start = first ? nullptr : &d_state;
    b.more = !first;
    stack.backward(b);
    if (spec.embedding > 0 && stack.d_input(0))
      tokens.backward(part.inputs, part.steps, part.lanes, stack.d_input(0), gradients);
  }
};

}  // namespace cellwright
