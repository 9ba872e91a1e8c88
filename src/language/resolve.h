// resolve.h: a cell's lines once it is known which optional inputs exist, and the order to compute them in.
#pragma once

#include <vector>

#include "language/check.h"
#include "language/syntax.h"

namespace cellwright::syntax {

/// Equations and losses in the order of the text, every (A | B) replaced by its chosen side. Lines that an
/// absent input leaves without a value are dropped; CellError if an output or loss needs one. `when
/// generating` lines are left out.
std::vector<Statement> resolve(const Cell& cell, const std::vector<bool>& present);

/// Indices of `lines` so that each comes after the lines it reads at the same step; in the order of the text
/// where that is free. Throws CellError with the path of a cycle.
std::vector<std::size_t> order_lines(const Cell& cell, const std::vector<Statement>& lines);

/// Throws CellError where a parameter is used twice without 'share'.
void check_shared(const Cell& cell, const Symbols& symbols, const std::vector<Statement>& lines);

/// Which left side of a | misses nothing although all optional inputs are absent: such a | is a mistake.
/// Throws CellError.
void check_alternatives(const Cell& cell);

}  // namespace cellwright::syntax
