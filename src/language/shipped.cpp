// shipped.cpp: look-up in the generated table.
#include "language/shipped.h"

#include "cellwright/error.h"
#include "language/diagnostic.h"

namespace cellwright {

std::vector<std::string> shipped_cells() {
  std::vector<std::string> names;
  for (const EmbeddedCell* cell = kEmbeddedCells; cell->name; ++cell) names.emplace_back(cell->name);
  return names;
}

std::string_view shipped_cell_text(std::string_view name) {
  for (const EmbeddedCell* cell = kEmbeddedCells; cell->name; ++cell) {
    if (name == cell->name) return cell->text;
  }
  std::string hint = syntax::did_you_mean(name, shipped_cells());
  if (hint.empty()) {
    hint = "shipped are";
    for (const std::string& known : shipped_cells()) hint += " " + known;
  }
  throw SpecError("no cell '" + std::string(name) + "' is shipped; " + hint);
}

}  // namespace cellwright
