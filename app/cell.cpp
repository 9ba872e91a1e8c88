// cell.cpp: `cellwright cell …`: its subcommands and their options. What they do: cell_list.cpp,
// cell_check.cpp, cell_draw.cpp, cell_plan.cpp, cell_step.cpp; show is short enough to stand here.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/utf8.h"
#include "cell_commands.h"
#include "choice.h"
#include "command.h"
#include "language/check.h"
#include "language/parse.h"
#include "language/print.h"
#include "picture.h"
#include "tell.h"

namespace cellwright::app {
namespace {

/// Names in the normal form of cells, however they were typed.
std::vector<std::string> normalised(std::vector<std::string> names) {
  for (std::string& name : names) {
    if (!invalid_utf8(name)) name = normalize_nfc(name);
  }
  return names;
}

enum class ShowForm { kUnicode, kAscii, kMarkdown, kLatex };

int show_cell(const std::string& name, ShowForm form, const std::vector<std::string>& lines) {
  const syntax::Cell cell = read_cell(name);
  std::vector<std::string> warnings;
  syntax::check(cell, &warnings);
  for (const std::string& warning : warnings) tell(warning + "\n");
  switch (form) {
    case ShowForm::kUnicode:
      fmt::print("{}", syntax::print_cell(cell, syntax::Spelling::kUnicode));
      break;
    case ShowForm::kAscii:
      fmt::print("{}", syntax::print_cell(cell, syntax::Spelling::kAscii));
      break;
    case ShowForm::kMarkdown:
      fmt::print("{}", syntax::print_markdown(cell));
      break;
    case ShowForm::kLatex:
      fmt::print("{}", syntax::print_latex(cell, lines));
      break;
  }
  return 0;
}

void add_cell_name(CLI::App* app, std::string& name) {
  app->add_option("cell", name, "A shipped cell's name, a file, or - for standard input")
      ->required()
      ->type_name("NAME|FILE");
}

void add_sizes(CLI::App* app, CellRequest& request) {
  app->add_option("--units", request.units, "Units of the layer")->type_name("N")->capture_default_str();
  app->add_option("--inputs", request.inputs,
                  "Sizes of the cell's inputs, 0 for an optional one that is absent")
      ->type_name("N,N")
      ->delimiter(',')
      ->allow_extra_args(false);
  app->add_option("--size", request.sizes,
                  "A size that the cell names, as --size z=3 (default: as many as units)")
      ->type_name("NAME=N")
      ->allow_extra_args(false);
  app->add_option("--option", request.options, "An option of the cell, as --option heads=4")
      ->type_name("NAME=X")
      ->allow_extra_args(false);
}

void add_list(CLI::App* cell, Command& chosen) {
  CLI::App* app = cell->add_subcommand("list", "Name the cells that come along");
  struct List {
    bool names = false, markdown = false;
  };
  auto list = std::make_shared<List>();
  CLI::Option* names = app->add_flag("--names", list->names, "Names alone, one a line");
  app->add_flag("--markdown", list->markdown, "All of them as a page, with equations and parameters")
      ->excludes(names);
  app->footer(
      "Examples:\n  cellwright cell list\n  for c in $(cellwright cell list --names); do cellwright cell "
      "check $c; done");
  app->callback([&chosen, list] {
    chosen.run = [list] { return list->markdown ? list_cells_as_markdown() : list_cells(list->names); };
  });
}

void add_show(CLI::App* cell, Command& chosen) {
  struct Show {
    std::string name;
    bool ascii = false, markdown = false, latex = false;
    std::vector<std::string> lines;
  };
  CLI::App* app = cell->add_subcommand("show", "Print a cell's equations");
  auto show = std::make_shared<Show>();
  add_cell_name(app, show->name);
  CLI::Option* ascii = app->add_flag("--ascii", show->ascii, "sigmoid, * and @ for σ, ⊙ and ·");
  CLI::Option* markdown =
      app->add_flag("--markdown", show->markdown, "A page: formulas, parameters with shapes and counts");
  CLI::Option* latex = app->add_flag("--latex", show->latex, "The equations as an 'aligned' environment");
  ascii->excludes(markdown)->excludes(latex);
  markdown->excludes(latex);
  app->add_option("--lines", show->lines, "With --latex: these lines alone, as f,C")
      ->type_name("NAME,NAME")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->needs(latex);
  app->footer(
      "Examples:\n  cellwright cell show lstm\n  cellwright cell show lstm --ascii > my.cell\n"
      "  cellwright cell show lstm --latex --lines f,C");
  app->callback([&chosen, show] {
    const ShowForm form = show->ascii      ? ShowForm::kAscii
                          : show->markdown ? ShowForm::kMarkdown
                          : show->latex    ? ShowForm::kLatex
                                           : ShowForm::kUnicode;
    chosen.run = [show, form] { return show_cell(show->name, form, normalised(show->lines)); };
  });
}

void add_check(CLI::App* cell, Command& chosen) {
  CLI::App* app =
      cell->add_subcommand("check", "Check a cell's derivatives against differences, and its plan");
  auto request = std::make_shared<CellRequest>();
  request->default_input = 5;
  add_cell_name(app, request->cell);
  add_sizes(app, *request);
  whole_number(app->add_option("--seed", request->seed, "Of weights, states and inputs"))
      ->type_name("N")
      ->capture_default_str();
  app->footer(
      "Exit status 1 when something is wrong.\n\nExamples:\n  cellwright cell check lstm\n"
      "  cellwright cell check my.cell --units 4 --inputs 3 --seed 7");
  app->callback([&chosen, request] { chosen.run = [request] { return check_cell(*request); }; });
}

void add_plan(CLI::App* cell, Command& chosen) {
  CLI::App* app = cell->add_subcommand(
      "plan", "Print how a cell is run: what leaves the loop, what stays in it, how threads split it");
  auto plan = std::make_shared<PlanRequest>();
  plan->cell.units = 128;
  add_cell_name(app, plan->cell.cell);
  add_sizes(app, plan->cell);
  app->add_flag("--inference", plan->inference, "The plan without a backward pass");
  app->add_flag("--scan", plan->scan, "With affine states carried over all steps at once, in chunks of time");
  const auto count = [app](const char* name, int& value, int most, const char* about) {
    return app->add_option(name, value, about)->type_name("N")->check(CLI::Range(1, most).description(""));
  };
  count("--steps", plan->steps, 1 << 20, "Steps of the window that threads split")->capture_default_str();
  count("--lanes", plan->lanes, 1 << 20, "Lanes of it: sequences side by side")->capture_default_str();
  count("--threads", plan->threads, 1024, "Threads (default: all this process may use)");
  app->footer(
      "Examples:\n  cellwright cell plan lstm\n  cellwright cell plan gru --units 256 --inputs 64\n"
      "  cellwright cell plan lstm --units 256 --steps 100 --lanes 1 --threads 2\n"
      "  cellwright cell plan min_gru --scan");
  app->callback([&chosen, plan] { chosen.run = [plan] { return plan_cell(*plan); }; });
}

void add_step(CLI::App* cell, Command& chosen) {
  CLI::App* app = cell->add_subcommand("step", "Work a cell's equations out with numbers, step by step");
  auto request = std::make_shared<StepRequest>();
  request->cell.units = 2;
  add_cell_name(app, request->cell.cell);
  app->add_option("--units", request->cell.units, "Units of the layer")
      ->type_name("N")
      ->capture_default_str();
  app->add_option("--x", request->x,
                  "Numbers of the first input, as 1,0; once for each step (default: a 1, then 0s)")
      ->type_name("X,X")
      ->allow_extra_args(false);
  app->add_option("--input", request->inputs, "Another input by its name, as y=1,0; once for each step")
      ->type_name("NAME=X")
      ->allow_extra_args(false);
  app->add_option("--size", request->cell.sizes,
                  "A size that the cell names, as z=3 (default: as many as units)")
      ->type_name("NAME=N")
      ->allow_extra_args(false);
  app->add_option("--option", request->cell.options, "An option of the cell, as heads=1")
      ->type_name("NAME=X")
      ->allow_extra_args(false);
  whole_number(app->add_option("--seed", request->cell.seed, "Of random weights"))
      ->type_name("N")
      ->capture_default_str();
  choice(app->add_option("--weights", request->weights,
                         "What the parameters are (random: tenths, so one can follow by hand)"),
         {"random", "ones"})
      ->capture_default_str();
  app->add_option("--digits", request->digits, "Significant digits")
      ->type_name("N")
      ->check(CLI::Range(1, 17).description(""))
      ->capture_default_str();
  app->add_flag("--ascii", request->ascii, "sigmoid, * and @ for σ, ⊙ and ·");
  app->footer(
      "Examples:\n  cellwright cell step lstm --units 2 --x 1,0\n"
      "  cellwright cell step gru --units 1 --x 1 --x 0 --x 0 --weights ones");
  app->callback([&chosen, request, app] {
    request->units_given = app->count("--units") > 0;
    chosen.run = [request] { return step_cell(*request); };
  });
}

void add_draw(CLI::App* cell, Command& chosen) {
  CLI::App* app = cell->add_subcommand("draw", "Draw a cell from its equations");
  auto request = std::make_shared<DrawRequest>();
  add_cell_name(app, request->cell);
  app->add_option("--out", request->out,
                  "File ending in .svg, .png or .pdf (default: SVG on standard output)")
      ->type_name("FILE");
  app->add_option("--unrolled", request->style.unrolled, "Steps side by side, 1 to 9")
      ->type_name("N")
      ->capture_default_str();
  app->add_flag("--legend", request->style.legend, "Say below what the shapes mean");
  choice(app->add_option("--theme", request->style.theme, "Colours"), draw::theme_names())
      ->capture_default_str();
  app->add_option("--highlight", request->style.highlight, "Lines of the cell to bring out, as f,C")
      ->type_name("NAME,NAME")
      ->delimiter(',')
      ->allow_extra_args(false);
  app->add_flag("--rtl", request->style.right_to_left, "From right to left");
  app->add_option("--without", request->without, "An optional input to leave out")
      ->type_name("NAME")
      ->allow_extra_args(false);
  add_scale_option(app, request->scale);
  app->footer(
      "Examples:\n  cellwright cell draw lstm --out lstm.svg\n"
      "  cellwright cell draw gru --out gru.png --unrolled 3 --legend --highlight z,h");
  app->callback([&chosen, request] { chosen.run = [request] { return draw_cell(*request); }; });
}

}  // namespace

void add_cell_commands(CLI::App& root, Command& chosen) {
  CLI::App* cell = root.add_subcommand("cell", "Look at cells: list, show, check, plan, step, draw");
  cell->require_subcommand(1);
  cell->footer(
      "Examples:\n  cellwright cell list\n  cellwright cell show lstm\n  cellwright cell check my.cell");
  add_list(cell, chosen);
  add_show(cell, chosen);
  add_check(cell, chosen);
  add_plan(cell, chosen);
  add_step(cell, chosen);
  add_draw(cell, chosen);
}

}  // namespace cellwright::app
