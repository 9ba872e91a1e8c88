// state.h: what a cell remembers between steps, as an object that the caller holds.
#pragma once

#include <cstdint>
#include <vector>

#include "base/aligned.h"
#include "compile/plan.h"

namespace cellwright {

/// The states of one layer for any number of lanes. A plain value: copy it to fork a sequence or to take a
/// snapshot.
template <class T>
struct LayerState {
  int lanes = 0;
  std::int64_t step = 0;  ///< steps taken so far, common to all lanes: clocks and noise go by it
  std::vector<AlignedArray<T>> values;  ///< per state of the cell: [lanes, size]
  std::vector<std::uint8_t> fresh;  ///< per lane: 1 while it stands at the cell's start, which may be learned
};

/// All lanes at the start. Learned starts are filled in by the runner, which knows the parameters.
template <class T>
LayerState<T> make_state(const Plan& plan, int lanes);

/// A state of the lanes named, in this order; one may come twice. ShapeError for a lane that is not there.
template <class T>
LayerState<T> select_lanes(const LayerState<T>& state, const std::vector<int>& lanes);

/// Lane `to_lane` of `to` becomes lane `from_lane` of `from`, a state of the same cell; `to.step` stays, as it
/// belongs to all lanes. ShapeError for a lane that is not there, or another cell's state.
template <class T>
void copy_lane(const LayerState<T>& from, int from_lane, LayerState<T>& to, int to_lane);

}  // namespace cellwright
