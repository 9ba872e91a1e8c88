// parse.h: a cell's text to its tree.
#pragma once

#include <string>
#include <string_view>

#include "language/syntax.h"

namespace cellwright::syntax {

/// `file_name` is only shown in messages. Checks all that can be known without sizes: spelling, names, arity,
/// cycles within a step, parameters used twice. Throws CellError; never anything else but std::bad_alloc,
/// whatever the text.
Cell parse_cell(std::string_view text, const std::string& file_name);

/// The grammar alone: names are not checked.
Cell parse_syntax(std::string_view text, const std::string& file_name);

}  // namespace cellwright::syntax
