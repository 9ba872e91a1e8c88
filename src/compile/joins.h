// joins.h: which instructions of a program over all steps need no barrier before them.
#pragma once

#include "compile/plan.h"

namespace cellwright {

/// Sets Instruction::joins. Row r of an array at shift 1 is another thread's business than row r at shift 0;
/// so an instruction joins those before it unless both touch one array at different shifts and one of them
/// writes it. A scan joins nothing, and nothing joins a scan.
void find_joins(const std::vector<Buffer>& buffers, Program& program);

}  // namespace cellwright
