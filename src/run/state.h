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

}  // namespace cellwright
