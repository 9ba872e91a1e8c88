// compare.cpp: `cellwright compare`: the variant study as a command; a file a task beside this.
#include <CLI/CLI.hpp>

#include "compare_study.h"

namespace cellwright::app {

void add_compare_command(CLI::App& root, Command& chosen, const std::string& command) {
  CLI::App* compare =
      root.add_subcommand("compare", "Compare cells with the same budget: does the variant matter?");
  compare->require_subcommand(1);
  compare->footer(
      "Examples:\n  cellwright compare text book.txt --cells lstm,gru,my.cell\n"
      "  cellwright compare music jsb-chorales-quarter.json --cells lstm,gru,rnn\n"
      "  cellwright compare classify words --cells lstm,my.cell      a folder a class");
  add_compare_text(*compare, chosen, command);
  add_compare_music(*compare, chosen, command);
  add_compare_classify(*compare, chosen, command);
  add_compare_tag(*compare, chosen, command);
  add_compare_series(*compare, chosen, command);
}

}  // namespace cellwright::app
