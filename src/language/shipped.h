// shipped.h: the cells of cells/, compiled into the library. Nothing else knows them by name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cellwright {

/// Names in alphabetical order.
std::vector<std::string> shipped_cells();

/// The whole text of cells/NAME.cell. Throws SpecError: "no cell 'lsmt' is shipped; did you mean 'lstm'?".
std::string_view shipped_cell_text(std::string_view name);

/// The generated table; the last row's name is null.
struct EmbeddedCell {
  const char* name;
  const char* text;
};
extern const EmbeddedCell kEmbeddedCells[];

}  // namespace cellwright
