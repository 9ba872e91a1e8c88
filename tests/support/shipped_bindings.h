// shipped_bindings.h: the ways in which a test can make a shipped cell, found by asking the cell, not by its
// name.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "cellwright/error.h"
#include "language/lower.h"
#include "language/parse.h"
#include "language/shipped.h"
#include "language/signature.h"

namespace cellwright::test {

inline syntax::Cell shipped(const std::string& name) {
  return syntax::parse_cell(shipped_cell_text(name), name + ".cell");
}

/// `cell` with `units`, its first input of `input` numbers and the others of `units`; optional ones absent or
/// present. Sizes that the cell names are of units + 1, so that no two sizes are equal by chance.
inline CellBinding binding_of(const syntax::Cell& cell, int units, int input, bool optional_inputs) {
  CellBinding binding{units, {}, {}, {}};
  const Signature wanted = signature(cell);
  for (std::size_t p = 0; p < wanted.inputs.size(); ++p) {
    const bool present = optional_inputs || !wanted.inputs[p].optional;
    binding.inputs.push_back(!present ? 0 : p == 0 ? input : units);
  }
  for (const std::string& size : wanted.size_names) binding.sizes[size] = units + 1;
  return binding;
}

inline bool can_be_made(const syntax::Cell& cell, const CellBinding& binding) {
  try {
    lower(cell, binding);
    return true;
  } catch (const CellError&) {
    return false;
  }
}

/// The bindings nearest to the wish: more units where they do not fall into the cell's groups, an input as
/// wide as the units where the cell adds the two. First without, then with the optional inputs that it has.
inline std::vector<CellBinding> shipped_bindings(const std::string& name, int units, int input) {
  const syntax::Cell cell = shipped(name);
  bool has_optional = false;
  for (const auto& port : signature(cell).inputs) has_optional = has_optional || port.optional;
  std::vector<CellBinding> all;
  for (const bool present : {false, true}) {
    if (present && !has_optional) break;
    const std::size_t before = all.size();
    for (int n = units; n < units + 16 && all.size() == before; ++n) {
      for (const int m : {input, n}) {
        const CellBinding binding = binding_of(cell, n, m, present);
        if (!can_be_made(cell, binding)) continue;
        all.push_back(binding);
        break;
      }
    }
    if (all.size() == before) throw std::logic_error("no sizes were found that suit the cell " + name);
  }
  return all;
}

}  // namespace cellwright::test
