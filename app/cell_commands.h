// cell_commands.h: what `cellwright cell …` does once its options are read. Each prints to standard output
// and returns the exit status.
#pragma once

#include <string>
#include <vector>

#include "cell_request.h"
#include "draw/diagram.h"

namespace cellwright::app {

int check_cell(const CellRequest& request);  ///< 1 when something is wrong
int list_cells(bool names_only);
int list_cells_as_markdown();  ///< docs/cells.md

struct PlanRequest {
  CellRequest cell;
  bool inference = false, scan = false;
  int steps = 35, lanes = 20;  ///< of the window whose split over threads is printed
  int threads = 0;             ///< 0: all the process may use
};
int plan_cell(const PlanRequest& request);

struct StepRequest {
  CellRequest cell;
  std::vector<std::string> x;       ///< "1,0" a step; empty: one step of 1, 0, 0, … as many as units
  std::vector<std::string> inputs;  ///< "y=1,0"
  std::string weights = "random";   ///< or "ones"
  int digits = 4;
  bool ascii = false;
  bool units_given = false;  ///< else cell.units is the least number to try
};
int step_cell(const StepRequest& request);

struct DrawRequest {
  std::string cell;
  std::string out;                   ///< "" or "-": SVG on standard output
  std::vector<std::string> without;  ///< optional inputs to leave out
  draw::DiagramStyle style;
  double scale = 1;  ///< of a PNG
};
int draw_cell(const DrawRequest& request);

}  // namespace cellwright::app
