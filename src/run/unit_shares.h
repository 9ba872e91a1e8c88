// unit_shares.h: the instructions of a loop, divided over threads that share the same lanes by units.
//
// Where to start: share_units(). Each thread makes the panels of all products over its units, then the
// pointwise values of these units; so it mostly reads what it has written itself, and waits for the others
// only before an instruction that reads more. What always holds: an element is made by one thread, by the
// same chain, so a division changes no bit.
#pragma once

#include <vector>

#include "compile/plan.h"

namespace cellwright {

struct InstructionShares {
  /// All threads meet before it: one of them reads here what another has written, or writes what another may
  /// still read.
  bool waits = false;
  /// It mixes units of a row: each thread takes whole rows, of its part of the lanes.
  bool by_lanes = false;
  /// Pointwise, by unit: thread q takes units [units[q], units[q+1]).
  std::vector<int> units;
  /// Per product output: thread q takes panels [panels[o][q], panels[o][q+1]).
  std::vector<std::vector<int>> panels;
};

/// For `parts` threads; `panel` columns a packed panel. `reverse`: steps run last first.
std::vector<InstructionShares> share_units(const Program& loop, const std::vector<Buffer>& buffers, int parts,
                                           int panel, bool reverse);

/// Barriers a step.
int waits_of(const std::vector<InstructionShares>& shares);

}  // namespace cellwright
