// Random cells through everything, in ten shards that run side by side. CELLWRIGHT_RANDOM_CELLS=N takes N
// cells instead of 1,100, CELLWRIGHT_RANDOM_CELLS_SEED=S starts elsewhere.
#include <gtest/gtest.h>

#include <cstdlib>

#include "property/check_cell.h"
#include "property/random_cell.h"

namespace cellwright {
namespace {

constexpr std::uint64_t kShards = 10;

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

class RandomCells : public testing::TestWithParam<int> {};

TEST_P(RandomCells, PassEveryCheck) {
  const std::uint64_t first = setting("CELLWRIGHT_RANDOM_CELLS_SEED", 1),
                      cells = setting("CELLWRIGHT_RANDOM_CELLS", 1100);
  int failures = 0;
  for (std::uint64_t i = static_cast<std::uint64_t>(GetParam()); i < cells && failures < 3; i += kShards) {
    const CellRecipe recipe = random_cell(first + i);
    const Failure failure = check_recipe(recipe);
    if (failure.kind.empty()) continue;
    ++failures;
    const CellRecipe smallest = shrink(recipe, check_recipe);
    ADD_FAILURE() << "seed " << first + i << ": " << failure.told << "\n"
                  << report(smallest, check_recipe(smallest));
  }
}

INSTANTIATE_TEST_SUITE_P(Shard, RandomCells, testing::Range(0, static_cast<int>(kShards)));

}  // namespace
}  // namespace cellwright
