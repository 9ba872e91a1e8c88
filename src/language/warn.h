// warn.h: what is legal in a cell but probably not meant.
#pragma once

#include <string>
#include <vector>

#include "language/check.h"
#include "language/syntax.h"

namespace cellwright::syntax {

/// Appends whole diagnostics: W·r ⊙ h, lines and inputs that reach no output and no loss, parameters declared
/// but not used. `lines` are the cell's lines with all optional inputs present.
void warn(const Cell& cell, const Symbols& symbols, const std::vector<Statement>& lines,
          std::vector<std::string>& out);

}  // namespace cellwright::syntax
