// step_code.h: the forward programs of a plan as one list of instructions, for one step of one sequence.
//
// Where to start: make_step_code. A plan makes what depends on the inputs alone for a whole window at once,
// and the loop adds the rest; a single step does both in one chain. What always holds: an element's chain of
// multiply-adds is the plan's, in its order, so the bits are those of a window.
#pragma once

#include <vector>

#include "compile/plan.h"

namespace cellwright {

/// Either products, or a pointwise program.
struct StepInstruction {
  std::vector<ProductOutput> products;
  Instruction tiles;
  std::vector<int> repeats;  ///< per tile: over so many adjacent arrays at once
};

struct StepCode {
  std::vector<StepInstruction> instructions;  ///< in the order of running
  std::vector<std::vector<int>>
      adjacent;  ///< buffers that lie side by side, each on a cache line; all of one size
};

/// InternalError for a training plan.
StepCode make_step_code(const Plan& plan);

/// The last pass of make_step_code: one call for the same activation of several values.
void batch_activations(const Plan& plan, StepCode& code);

}  // namespace cellwright
