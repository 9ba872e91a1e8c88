// subject_gate.h: which unit lets go of its memory when a new subject comes?
//
// For every belt of a model (ledger.h: a state that is carried on by a coefficient, the LSTM's forget gate)
// the unit whose coefficient falls most at the marked steps against all other steps. The unit is chosen on
// one half of the sequences, its fall is measured on the other, so that the best of many units is no
// discovery by itself. The control does the same with the marks of each sequence put anywhere by chance.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "lab/token_task.h"

namespace cellwright::lab {

/// A list, one entry a belt: "layer", "state", "gate" (the coefficient's line), "unit", "at_new" and
/// "elsewhere" (means of the unit's gate), "change" (their difference), "control" ("mean" and "lowest" change
/// of the unit that falls most at shuffled marks, "shuffles") and "p", the share of shuffles that fall as
/// much. Null for a model without belts.
nlohmann::ordered_json subject_gates(Model<float>& model, const std::vector<Sample>& samples,
                                     std::uint64_t seed);

/// The heart of it, on plain numbers. gate: [steps, lanes, units]; a lane counts its first lengths[lane]
/// steps.
struct GateFall {
  int unit = 0;
  double at_marks = 0, elsewhere = 0;
  double change() const { return at_marks - elsewhere; }
};
struct Gate {
  const float* values = nullptr;
  int lanes = 0, units = 0;
  std::vector<int> lengths;
};
GateFall largest_fall(const Gate& gate, const std::vector<std::vector<int>>& marks);

}  // namespace cellwright::lab
