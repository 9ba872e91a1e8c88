// layer_section.h: what the page knows of one layer, as JSON: its diagram, what flows on the diagram's lines,
// its equations with places for numbers, its belts and gates.
//
// Where to start: layer_section(). The form, which page/data.js reads:
//   values     [{array, size, lag, starts, fixed, exact}]: a vector at every step; `lag` steps back, before
//              which `starts` holds; `fixed`: the same at all steps; `exact`: as the run recorded it
//   lines      [{name, value, gate}]: the lines of the cell in the order of the text
//   equations  [{names, line, stages}]: a stage is a list of texts and of values' indices
//   parts      {id: {kind, name, title, value, equation}}: by the ids of the diagram
//   bead       [width, height]
//   beads      [{part, x, y}]: where the number of the line that leaves a part stands
//   belts      [{state, coefficient, terms, next, start}], as ledger.h: values' indices and their texts
//   gates      {line: {mean, shut, open}} and horizons {state: […]}: per unit, as units.h; null is for ever
#pragma once

#include <nlohmann/json.hpp>

#include "explain/trace.h"
#include "explain/units.h"
#include "report/layer_values.h"
#include "report/packed.h"

namespace cellwright {

struct LayerInput {
  const LayerRun& run;
  const LayerSpec& spec;
  const Trace<float>& trace;  ///< with belts, of this layer
  bool right_to_left = false;
};

/// SpecError: a cell that cannot be drawn.
nlohmann::ordered_json layer_section(const LayerInput& input, Packed& packed);

}  // namespace cellwright
