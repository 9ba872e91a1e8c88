// state.cpp: see state.h.
#include "run/state.h"

#include <fmt/format.h>

#include "cellwright/error.h"

namespace cellwright {

template <class T>
LayerState<T> make_state(const Plan& plan, int lanes) {
  if (lanes < 1) throw SpecError(fmt::format("a state needs at least one lane, not {}", lanes));
  LayerState<T> state;
  state.lanes = lanes;
  state.fresh.assign(static_cast<std::size_t>(lanes), 1);
  for (const State& s : plan.graph.states) {
    const auto size = static_cast<std::size_t>(s.size);
    AlignedArray<T> values(static_cast<std::size_t>(lanes) * size);
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = static_cast<T>(s.start.empty()       ? 0.0
                                 : s.start.size() == 1 ? s.start[0]
                                                       : s.start[i % size]);
    }
    state.values.push_back(std::move(values));
  }
  return state;
}

template LayerState<float> make_state<float>(const Plan&, int);
template LayerState<double> make_state<double>(const Plan&, int);

}  // namespace cellwright
