// cell_list.cpp: `cellwright cell list`: the cells that come along, as a table for a terminal or as
// docs/cells.md.
#include <fmt/format.h>

#include <algorithm>

#include "cell_commands.h"
#include "language/parse.h"
#include "language/print.h"
#include "language/shipped.h"
#include "table.h"

namespace cellwright::app {
namespace {

syntax::Cell shipped(const std::string& name) {
  return syntax::parse_cell(shipped_cell_text(name), name + ".cell");
}

std::string first_sentence(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  text = text.substr(0, text.find(". "));
  if (!text.empty() && text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

int list_cells(bool names_only) {
  Table table("ll");
  for (const std::string& name : shipped_cells())
    table.row({name, names_only ? "" : first_sentence(shipped(name).description)});
  fmt::print("{}", table.text());
  return 0;
}

int list_cells_as_markdown() {
  fmt::print(
      "# The cells that come along\n\n"
      "<!-- Made by: cellwright cell list --markdown > docs/cells.md. A test compares the two; change the "
      "cells, "
      "not this page. -->\n\n"
      "Made by `cellwright cell list --markdown > docs/cells.md` from the files in [cells/](../cells), as "
      "`cellwright cell show NAME --markdown` prints one of them, or a cell of your own. Each says in its "
      "own words "
      "what it is and where it was published.\n\n"
      "Letters: $`H`$ units, $`I`$ numbers of the input; $`t`$ counts steps from 0; $`[a, b]`$ lays vectors "
      "one after "
      "the other, on the left side too, where a product is cut into equal parts; $`\\odot`$ goes unit by "
      "unit. A "
      "parameter starts as the table says; `default` is the layer's own, uniform noise of a width that suits "
      "its "
      "units. What options and sizes mean is in [language.md](language.md).\n\n"
      "| cell | what it is | parameters |\n|---|---|---|\n");
  for (const std::string& name : shipped_cells()) {
    const syntax::Cell cell = shipped(name);
    fmt::print("| [{0}](#{0}) | {1} | {2} |\n", name,
               syntax::escape_markdown(first_sentence(cell.description)), syntax::total_parameters(cell));
  }
  for (const std::string& name : shipped_cells())
    fmt::print("\n{}", syntax::print_markdown(shipped(name), 2));
  return 0;
}

}  // namespace cellwright::app
