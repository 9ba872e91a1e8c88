// check_cell.h: everything that must hold for any cell, asked of one recipe.
#pragma once

#include <functional>
#include <string>

#include "property/recipe.h"

namespace cellwright {

/// What went wrong. Two failures of one kind are taken for the same fault while shrinking.
struct Failure {
  std::string kind;  ///< "" for none
  std::string told;
};

/// Plan = naive, gradients, bits of threads, streaming and windows (verify_cell); printed in both spellings
/// and read again; a fresh start equals the same numbers given; a batch with padding equals its lanes alone.
/// An exception is a failure too.
Failure check_recipe(const CellRecipe& recipe);

using Check = std::function<Failure(const CellRecipe&)>;

/// Cuts the recipe while `check` fails in the same kind, until no cut is left that does. `attempts` bounds
/// the calls of `check`.
CellRecipe shrink(CellRecipe recipe, const Check& check, int attempts = 4000);

/// Seed, failure, sizes and text of the smallest cell, for a person.
std::string report(const CellRecipe& smallest, const Failure& failure);

}  // namespace cellwright
