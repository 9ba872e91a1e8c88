// print.h: a cell's tree back to text: as a cell in either spelling, as LaTeX, as Markdown.
#pragma once

#include <string>
#include <vector>

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

/// The equations as an `aligned` environment, without dollar signs, then what the cell declares of constants,
/// options, sizes, starts and structure. `lines`: only the equations that give one of these names, and no
/// declarations; SpecError for a name that no equation gives.
std::string print_latex(const Cell& cell, const std::vector<std::string>& lines = {});
std::string latex_expression(const Cell& cell, const Expr& e);
/// How an `init` line starts its parameters: "\\leftarrow 1", "\\sim \\mathcal{U}(0, 1)".
std::string latex_start(const Statement& init);

/// A page: name as a heading of `level`, description, equations, and a table of the parameters with shapes
/// and counts for every size. Throws CellError if the cell's names are wrong.
std::string print_markdown(const Cell& cell, int level = 1);
/// The number of parameters as a formula in Markdown; "" where it does not follow.
std::string total_parameters(const Cell& cell);
/// Prose in which no sign is Markdown's.
std::string escape_markdown(const std::string& text);

}  // namespace cellwright::syntax
