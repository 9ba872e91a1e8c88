// main.cpp: a user's program, which sees the public headers alone and reaches into every dependency of the
// library.

#include <cellwright/cellwright.h>

#include <cstdio>
#include <exception>

int main() try {
  const auto cell = cellwright::Cell::named("lstm");
  cellwright::CellSizes sizes;
  sizes.units = 4;
  sizes.inputs = {3};
  // 4 gates of 4 units, each with 3 + 4 weights and a bias.
  if (cell.parameter_count(sizes) != 4 * 4 * (3 + 4 + 1))
    throw cellwright::InternalError("wrong parameter count");
  cellwright::CellRun run(cell, sizes);
  if (run.step({1, 0, 0}).size() != 4) throw cellwright::InternalError("wrong size of the output");
  try {
    cellwright::TextModel::load("/no/such.safetensors");
  } catch (const cellwright::IoError& e) {
    std::puts(e.what());
  }
  std::puts("lstm ran");
  return 0;
} catch (const std::exception& e) {
  std::puts(e.what());
  return 1;
}
