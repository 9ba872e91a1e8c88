#include "cell_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/utf8.h"
#include "cellwright/error.h"
#include "language/diagnostic.h"
#include "language/parse.h"
#include "language/shipped.h"
#include "language/signature.h"
#include "tell.h"

namespace cellwright::app {
namespace {

/// One byte more than a cell may have is enough to be told so; /dev/zero has no end.
std::string read_start(std::FILE* file, const std::string& name) {
  std::string text(syntax::kMaxBytes + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  if (std::ferror(file)) throw IoError(fmt::format("cannot read '{}': {}", name, std::strerror(errno)));
  return text;
}

/// "z=3" to its two sides.
std::pair<std::string, std::string> cut(const std::string& text, const std::string& option) {
  const std::size_t at = text.find('=');
  if (at == std::string::npos || at == 0 || at + 1 == text.size()) {
    throw SpecError(fmt::format("{} needs NAME=NUMBER, found '{}'", option, text));
  }
  const std::string name = text.substr(0, at);
  return {invalid_utf8(name) ? name : normalize_nfc(name), text.substr(at + 1)};
}

}  // namespace

CellText read_cell_text(const std::string& name) {
  if (name == "-") return {read_start(stdin, "standard input"), "standard input"};
  const std::vector<std::string> shipped = shipped_cells();
  if (std::find(shipped.begin(), shipped.end(), name) != shipped.end()) {
    return {std::string(shipped_cell_text(name)), name + ".cell"};
  }
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(name.c_str(), "rb"), &std::fclose);
  if (file) return {read_start(file.get(), name), name};
  if (errno != ENOENT && errno != ENOTDIR)
    throw IoError(fmt::format("cannot read '{}': {}", name, std::strerror(errno)));
  std::string stem = name.substr(name.find_last_of('/') + 1);
  if (stem.size() > 5 && stem.substr(stem.size() - 5) == ".cell") stem.resize(stem.size() - 5);
  const bool known = std::find(shipped.begin(), shipped.end(), stem) != shipped.end();
  std::string hint = known                ? fmt::format("the shipped cell is called '{}'", stem)
                     : invalid_utf8(stem) ? ""
                                          : syntax::did_you_mean(stem, shipped);
  if (hint.empty()) hint = "see 'cellwright cell list'";
  throw SpecError(fmt::format("no cell '{}' is shipped and there is no such file; {}", name, hint));
}

syntax::Cell read_cell(const std::string& name) {
  const CellText text = read_cell_text(name);
  return syntax::parse_cell(text.text, text.file);
}

std::vector<double> parse_numbers(const std::string& text, const std::string& what) {
  std::vector<double> numbers;
  const char* at = text.c_str();
  for (;;) {
    char* end = nullptr;
    const double value = std::strtod(at, &end);
    if (end == at || !std::isfinite(value) || (*end != ',' && *end != '\0')) {
      throw SpecError(
          fmt::format("{} needs numbers with commas between them, as 1,0.5; found '{}'", what, text));
    }
    numbers.push_back(value);
    if (*end == '\0') return numbers;
    at = end + 1;
  }
}

std::string name_of_setting(const std::string& given) { return cut(given, "--size or --option").first; }

CellBinding make_binding(const syntax::Cell& cell, const CellRequest& request) {
  CellBinding binding;
  binding.units = request.units;
  const Signature wanted = signature(cell);
  binding.inputs = request.inputs;
  for (std::size_t p = binding.inputs.size(); p < wanted.inputs.size(); ++p) {
    const int required = p == 0 && request.default_input > 0 ? request.default_input : request.units;
    binding.inputs.push_back(wanted.inputs[p].optional ? 0 : required);
  }
  for (const std::string& size : wanted.size_names) binding.sizes[size] = request.units;
  for (const std::string& given : request.sizes) {
    const auto [name, text] = cut(given, "--size");
    const std::vector<double> value = parse_numbers(text, "--size " + name);
    if (value.size() != 1 || value[0] != std::floor(value[0]) || !(std::abs(value[0]) <= 2e9)) {
      throw SpecError(fmt::format("--size {} needs one whole number, found '{}'", name, text));
    }
    binding.sizes[name] = static_cast<int>(value[0]);
  }
  for (const std::string& given : request.options) {
    const auto [name, text] = cut(given, "--option");
    binding.options[name] = parse_numbers(text, "--option " + name);
  }
  return binding;
}

Graph lower_and_warn(const syntax::Cell& cell, const CellBinding& binding) {
  std::vector<std::string> warnings;
  Graph graph = lower(cell, binding, &warnings);
  for (const std::string& warning : warnings) tell(warning + "\n");
  return graph;
}

std::string describe(const syntax::Cell& cell, const CellBinding& binding) {
  std::string text =
      fmt::format("cell {}: {} unit{}", cell.name, binding.units, binding.units == 1 ? "" : "s");
  for (std::size_t p = 0; p < cell.inputs.size() && p < binding.inputs.size(); ++p) {
    text += binding.inputs[p] > 0 ? fmt::format(", {} {}", cell.inputs[p].name, binding.inputs[p])
                                  : fmt::format(", without {}", cell.inputs[p].name);
  }
  for (const auto& [name, size] : binding.sizes) text += fmt::format(", {} {}", name, size);
  return text;
}

}  // namespace cellwright::app
