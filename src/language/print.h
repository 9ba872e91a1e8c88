// print.h: a cell's tree back to text: as a cell in either spelling, as LaTeX, as Markdown.
#pragma once

#include <string>

#include "language/syntax.h"

namespace cellwright::syntax {

enum class Spelling : std::uint8_t {
  kUnicode,  ///< σ ⊙ · C̃ μ
  kAscii,    ///< sigmoid * @ C~ \mu; comments are prose and stay as they are
};

/// Text that parses to the same tree; comments, blank lines and parentheses are kept, comments that follow
/// lines are aligned.
std::string print_cell(const Cell& cell, Spelling spelling);
std::string print_expression(const Expr& e, Spelling spelling);

/// The equations as an `aligned` environment, without dollar signs; declarations are left out.
std::string print_latex(const Cell& cell);

/// Name, description, equations between $$, and a table of the parameters. Throws CellError if the cell's
/// names are wrong.
std::string print_markdown(const Cell& cell);

}  // namespace cellwright::syntax
