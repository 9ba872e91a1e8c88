// cell.cpp: the public Cell, over language/ and verify/.
#include "cellwright/cell.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/cell_inside.h"
#include "base/file.h"
#include "cellwright/error.h"
#include "language/parse.h"
#include "language/print.h"
#include "language/shipped.h"
#include "verify/verify.h"

namespace cellwright {

CellBinding binding_of(const Cell& cell, const CellSizes& sizes) {
  const auto& ports = cell.inside().ports.inputs;
  if (sizes.inputs.size() > ports.size()) {
    throw SpecError(fmt::format("cell '{}' has {} inputs, but {} sizes are given", cell.name(), ports.size(),
                                sizes.inputs.size()));
  }
  CellBinding binding;
  binding.units = sizes.units;
  binding.sizes = sizes.sizes;
  binding.options = sizes.options;
  for (std::size_t p = 0; p < ports.size(); ++p) {
    binding.inputs.push_back(p < sizes.inputs.size() ? sizes.inputs[p] : ports[p].optional ? 0 : sizes.units);
  }
  return binding;
}

Cell Cell::from_text(const std::string& text, const std::string& file) {
  auto inside = std::make_shared<Inside>();
  inside->syntax = syntax::parse_cell(text, file);
  inside->ports = signature(inside->syntax);
  return Cell(std::move(inside));
}

Cell Cell::named(const std::string& name) {
  return from_text(std::string(shipped_cell_text(name)), name + ".cell");
}

Cell Cell::from_file(const std::string& path) { return from_text(read_file(path), path); }

Cell Cell::find(const std::string& what) {
  constexpr std::string_view kEnding = ".cell";
  const bool ends = what.size() > kEnding.size() &&
                    what.compare(what.size() - kEnding.size(), kEnding.size(), kEnding) == 0;
  return ends || what.find('/') != std::string::npos ? from_file(what) : named(what);
}

std::vector<std::string> Cell::shipped() { return shipped_cells(); }

const std::string& Cell::name() const { return inside_->syntax.name; }
const std::string& Cell::description() const { return inside_->syntax.description; }
const std::string& Cell::text() const { return inside_->syntax.text; }
const std::string& Cell::file() const { return inside_->syntax.file; }

std::vector<std::string> Cell::inputs() const {
  std::vector<std::string> names;
  for (const auto& input : inside_->ports.inputs) names.push_back(input.name + (input.optional ? "?" : ""));
  return names;
}

std::vector<std::string> Cell::outputs() const { return inside_->ports.outputs; }

std::string Cell::print(bool ascii) const {
  return syntax::print_cell(inside_->syntax, ascii ? syntax::Spelling::kAscii : syntax::Spelling::kUnicode);
}

std::string Cell::latex() const { return syntax::print_latex(inside_->syntax); }

std::int64_t Cell::parameter_count(const CellSizes& sizes) const {
  return cellwright::parameter_count(lower(inside_->syntax, binding_of(*this, sizes)));
}

CellCheck Cell::check(const CellSizes& sizes) const {
  VerifyOptions options;
  options.binding = binding_of(*this, sizes);
  const Verification v = verify_cell(inside_->syntax, options);
  CellCheck result;
  result.passed = v.passed;
  result.failure = v.failure;
  for (const auto* rows : {&v.full, &v.truncated}) {
    for (const GradientRow& row : *rows) {
      result.gradients += static_cast<std::int64_t>(row.entries);
      if (row.allowed > 0) result.largest_error = std::max(result.largest_error, row.error / row.allowed);
    }
  }
  return result;
}

}  // namespace cellwright
