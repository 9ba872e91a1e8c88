// cell_draw.cpp: `cellwright cell draw`: a picture of a cell, written as its file's name ends.
#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "cell_commands.h"
#include "cellwright/error.h"
#include "draw/diagram.h"
#include "language/signature.h"
#include "picture.h"

namespace cellwright::app {
namespace {

/// A picture shows no sizes, so any that the cell's lines agree on will do. Optional inputs are there but for
/// those left out.
Graph graph_to_draw(const syntax::Cell& cell, const DrawRequest& request) {
  const Signature wanted = signature(cell);
  std::vector<bool> present(wanted.inputs.size(), true);
  for (const std::string& name : request.without) {
    const auto port = std::find_if(wanted.inputs.begin(), wanted.inputs.end(),
                                   [&](const auto& i) { return i.name == name; });
    if (port == wanted.inputs.end() || !port->optional)
      throw SpecError(
          fmt::format("--without needs an optional input of cell '{}', found '{}'", cell.name, name));
    present[static_cast<std::size_t>(port - wanted.inputs.begin())] = false;
  }
  std::exception_ptr first_error;
  for (const int units : {16, 24, 48, 60, 128, 840}) {
    for (const bool equal : {false, true}) {
      CellBinding binding;
      binding.units = units;
      for (std::size_t p = 0; p < wanted.inputs.size(); ++p)
        binding.inputs.push_back(!present[p] ? 0 : p == 0 && !equal ? units + 1 : units);
      for (const std::string& size : wanted.size_names) binding.sizes[size] = equal ? units : units + 2;
      try {
        return lower(cell, binding);
      } catch (const CellError&) {
        if (!first_error) first_error = std::current_exception();
      }
    }
  }
  std::rethrow_exception(first_error);
}

}  // namespace

int draw_cell(const DrawRequest& request) {
  check_picture("--out", request.out);
  const syntax::Cell cell = read_cell(request.cell);
  write_picture(request.out, draw::draw_cell(graph_to_draw(cell, request), request.style), request.scale);
  return 0;
}

}  // namespace cellwright::app
