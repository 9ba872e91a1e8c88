// parse_fuzz.cpp: libFuzzer entry for the cell language (clang, -fsanitize=fuzzer). Any text gives a cell or
// a cellwright::Error; what is accepted prints in both spellings to text that is accepted again and lowers to
// a graph of the same size.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "cellwright/error.h"
#include "language/lower.h"
#include "language/parse.h"
#include "language/print.h"
#include "language/signature.h"

namespace {

using namespace cellwright;

CellBinding small_binding(const syntax::Cell& cell) {
  CellBinding binding;
  binding.units = 4;
  binding.inputs.assign(cell.inputs.size(), 4);
  for (const std::string& size : signature(cell).size_names) binding.sizes[size] = 4;
  return binding;
}

void require(bool held) {
  if (!held) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  syntax::Cell cell;
  try {
    cell = syntax::parse_cell(text, "fuzz.cell");
    syntax::print_latex(cell);
    syntax::print_markdown(cell);
  } catch (const Error&) {
    return 0;
  }
  std::size_t nodes = 0;
  try {
    std::vector<std::string> warnings;
    nodes = lower(cell, small_binding(cell), &warnings).nodes.size();
  } catch (const Error&) {
  }
  // From here on no error is expected, beyond lines that grew past the limits in ASCII.
  for (const syntax::Spelling spelling : {syntax::Spelling::kUnicode, syntax::Spelling::kAscii}) {
    const std::string printed = syntax::print_cell(cell, spelling);
    try {
      const syntax::Cell again = syntax::parse_cell(printed, "again.cell");
      require(syntax::print_cell(again, spelling) == printed);
      if (nodes > 0) require(lower(again, small_binding(again)).nodes.size() == nodes);
    } catch (const Error&) {
      require(printed.size() > 1500);
    }
  }
  return 0;
}
