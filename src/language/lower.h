// lower.h: from a cell's syntax to the sized graph of one step.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "language/syntax.h"

namespace cellwright {

/// What a layer decides about a cell when it is made.
struct CellBinding {
  int units = 0;                     ///< the first output's free size; >= 1
  std::vector<int> inputs;           ///< size of each input port; 0: the optional input is absent
  std::map<std::string, int> sizes;  ///< for `size z = latent`: {"latent", 32}
  std::map<std::string, std::vector<double>> options;  ///< overrides of `option` lines: {"heads", {4}}
};

/// Resolves names, states, delay lines, optional inputs and sizes. Warnings (`W·r ⊙ h`, an unused line) are
/// appended to `warnings` as whole diagnostics when it is not null. Throws CellError (text at fault) or
/// SpecError (binding at fault).
Graph lower(const syntax::Cell& cell, const CellBinding& binding,
            std::vector<std::string>* warnings = nullptr);

}  // namespace cellwright
