// step_runner.cpp: start at StepRunner::step; step_bind.cpp makes its list.
#include "run/step_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/denormals.h"
#include "cellwright/error.h"
#include "run/leaves.h"

namespace cellwright {

template <class T>
void StepRunner<T>::step(const T* const* inputs, std::int32_t place) noexcept {
  const FlushDenormalsBriefly flush;
  place_ = place;
  for (const Input& input : inputs_) {
    if (inputs[input.port] != nullptr) std::memcpy(input.to, inputs[input.port], input.size * sizeof(T));
  }
  for (const Leaf& leaf : leaves_)
    fill_leaf(plan_.graph[leaf.node], leaf.random, step_, nullptr, 0, 1, leaf.to);
  turn_ ^= 1;
  for (const Call& call : calls_[turn_]) {
    if (call.tile != nullptr) {
      call.tile(call.out, call.a, call.b, call.c, call.n);
    } else if (call.clocked < 0) {
      kernels_.step_product(call.panels, call.panel_count);
    } else {
      run_clocked(clocked_[static_cast<std::size_t>(call.clocked)]);
    }
  }
  ++step_;
  fresh_ = false;
}

/// As BoundInstruction's: idle units are 0, a term whose operand is 0 is left out.
template <class T>
void StepRunner<T>::run_clocked(const Clocked& clocked) noexcept {
  const auto due = [&](int period) { return period == 1 || step_ % period == 0; };
  std::size_t panels = 0, terms = 0;
  for (const auto& source : clocked.panels) {
    kernels::ProductPanel<T>& panel = due_panels_[panels];
    panel = source.bound;
    panel.terms = due_terms_.data() + terms;
    panel.term_count = 0;
    const bool awake = due(source.period);
    for (const auto& term : source.terms) {
      if (!awake || !due(term.period)) continue;
      due_terms_[terms++] = term.bound;
      ++panel.term_count;
    }
    if (panel.term_count > 0) {
      ++panels;
    } else if (panel.start != kernels::Start::kAccumulate) {
      const bool biased = awake && panel.start == kernels::Start::kBias;
      for (int j = 0; j < panel.width; ++j) panel.out[j] = biased ? panel.bias[j] : T{0};
    }
  }
  if (panels > 0) kernels_.product(1, due_panels_.data(), static_cast<int>(panels));
}

template <class T>
double StepRunner<T>::loss(int count) const noexcept {
  double sum = 0;
  for (const T* loss : losses_[turn_]) {
    if (count-- == 0) break;
    sum += static_cast<double>(*loss);
  }
  return sum;
}

template <class T>
void StepRunner<T>::restart() noexcept {
  for (std::size_t s = 0; s < plan_.states.size(); ++s) {
    const auto size = static_cast<std::size_t>(plan_.graph.states[s].size);
    std::copy_n(memory_.data() + starts_[s], size, at({plan_.states[s].buffer, 1}, turn_));
  }
  step_ = 0;
  fresh_ = true;
}

template <class T>
void StepRunner<T>::check(const LayerState<T>& state, int lane) const {
  bool fits =
      (parameters_ != nullptr || layout_.size() == 0) && lane >= 0 && lane < state.lanes && state.values.size() == plan_.states.size();
  for (std::size_t s = 0; fits && s < state.values.size(); ++s)
    fits = state.values[s].size() ==
           static_cast<std::size_t>(plan_.graph.states[s].size) * static_cast<std::size_t>(state.lanes);
  if (!fits) {
    throw ShapeError(
        fmt::format("lane {} of a state of {} lanes and {} values does not fit a cell of {} states", lane,
                    state.lanes, state.values.size(), plan_.states.size()));
  }
}

template <class T>
void StepRunner<T>::set_state(const LayerState<T>& state, int lane) {
  check(state, lane);
  fresh_ = state.fresh[static_cast<std::size_t>(lane)] != 0;
  step_ = state.step;
  for (std::size_t s = 0; s < plan_.states.size(); ++s) {
    const State& about = plan_.graph.states[s];
    const auto size = static_cast<std::size_t>(about.size);
    const bool learned = fresh_ && about.start_parameter >= 0;
    const T* from = learned ? memory_.data() + starts_[s]
                            : state.values[s].data() + static_cast<std::size_t>(lane) * size;
    std::copy_n(from, size, at({plan_.states[s].buffer, 1}, turn_));
  }
}

template <class T>
void StepRunner<T>::get_state(LayerState<T>& state, int lane) const {
  check(state, lane);
  state.step = step_;
  state.fresh[static_cast<std::size_t>(lane)] = fresh_;
  for (std::size_t s = 0; s < plan_.states.size(); ++s) {
    const auto size = static_cast<std::size_t>(plan_.graph.states[s].size);
    const T* from = const_cast<StepRunner*>(this)->at({plan_.states[s].buffer, 1}, turn_);
    std::copy_n(from, size, state.values[s].data() + static_cast<std::size_t>(lane) * size);
  }
}

template <class T>
void StepRunner<T>::set_noise(std::uint64_t seed, std::uint64_t stream) {
  for (Leaf& leaf : leaves_) leaf.random = Random(seed, stream ^ hash_name(plan_.graph[leaf.node].name));
}

template class StepRunner<float>;
template class StepRunner<double>;

}  // namespace cellwright
