// cell_request.h: what the commands about one cell have in common: which cell, of which sizes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "language/lower.h"
#include "language/syntax.h"

namespace cellwright::app {

struct CellRequest {
  std::string cell;  ///< a shipped name, a file, or "-"
  int units = 8;
  std::vector<int> inputs;           ///< per port; a port not named here has the default
  int default_input = 0;             ///< of the first port; 0: as many as units
  std::vector<std::string> sizes;    ///< "z=3"
  std::vector<std::string> options;  ///< "heads=4", "periods=1,2,4"
  std::uint64_t seed = 1;
};

/// The text and the name for messages. A shipped name comes first; a file of the same name is meant by
/// ./name. SpecError offers the nearest shipped name where there is neither; IoError.
struct CellText {
  std::string text;
  std::string file;
};
CellText read_cell_text(const std::string& name_or_file);

/// Parsed, with warnings on standard error. CellError.
syntax::Cell read_cell(const std::string& name_or_file);

/// The name in "heads=4", as cells spell it. SpecError where there is no name or no number.
std::string name_of_setting(const std::string& given);

/// Sizes of everything. Ports beyond the first have as many numbers as units; optional ones are absent; a
/// size of the cell that was not given is as many as units. SpecError for what cannot be read.
CellBinding make_binding(const syntax::Cell& cell, const CellRequest& request);

/// lower(), with warnings on standard error.
Graph lower_and_warn(const syntax::Cell& cell, const CellBinding& binding);

/// "cell lstm: 8 units, x 5"
std::string describe(const syntax::Cell& cell, const CellBinding& binding);

/// "1,2.5" to numbers; SpecError names `what`.
std::vector<double> parse_numbers(const std::string& text, const std::string& what);

}  // namespace cellwright::app
