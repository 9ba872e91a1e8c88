// state.cpp: see state.h.
#include "run/state.h"

#include <fmt/format.h>

#include <algorithm>

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

template <class T>
void copy_lane(const LayerState<T>& from, int from_lane, LayerState<T>& to, int to_lane) {
  if (from_lane < 0 || from_lane >= from.lanes || to_lane < 0 || to_lane >= to.lanes) {
    throw ShapeError(
        fmt::format("lane {} of {} cannot become lane {} of {}", from_lane, from.lanes, to_lane, to.lanes));
  }
  const auto row = [](const LayerState<T>& state, std::size_t s) {
    return state.values[s].size() / static_cast<std::size_t>(state.lanes);
  };
  bool alike = from.values.size() == to.values.size();
  for (std::size_t s = 0; alike && s < from.values.size(); ++s) alike = row(from, s) == row(to, s);
  if (!alike) throw ShapeError("a lane's state was to be copied between states of different cells");
  for (std::size_t s = 0; s < from.values.size(); ++s) {
    std::copy_n(from.values[s].data() + static_cast<std::size_t>(from_lane) * row(from, s), row(from, s),
                to.values[s].data() + static_cast<std::size_t>(to_lane) * row(to, s));
  }
  to.fresh[static_cast<std::size_t>(to_lane)] = from.fresh[static_cast<std::size_t>(from_lane)];
}

template <class T>
LayerState<T> select_lanes(const LayerState<T>& state, const std::vector<int>& lanes) {
  LayerState<T> chosen;
  chosen.lanes = static_cast<int>(lanes.size());
  chosen.step = state.step;
  chosen.fresh.resize(lanes.size());
  for (const auto& values : state.values)
    chosen.values.emplace_back(values.size() / static_cast<std::size_t>(state.lanes) * lanes.size());
  if (lanes.empty()) throw ShapeError("a state needs at least one lane");
  for (std::size_t i = 0; i < lanes.size(); ++i) copy_lane(state, lanes[i], chosen, static_cast<int>(i));
  return chosen;
}

template void copy_lane(const LayerState<float>&, int, LayerState<float>&, int);
template void copy_lane(const LayerState<double>&, int, LayerState<double>&, int);
template LayerState<float> select_lanes(const LayerState<float>&, const std::vector<int>&);
template LayerState<double> select_lanes(const LayerState<double>&, const std::vector<int>&);
template LayerState<float> make_state<float>(const Plan&, int);
template LayerState<double> make_state<double>(const Plan&, int);

}  // namespace cellwright
