// Random cells can be drawn, and their pictures keep the rules (support/check_diagram.h).
#include <gtest/gtest.h>

#include "draw/diagram.h"
#include "language/lower.h"
#include "language/parse.h"
#include "property/random_cell.h"
#include "support/check_diagram.h"

namespace cellwright {
namespace {

class DrawnCells : public testing::TestWithParam<int> {};

TEST_P(DrawnCells, KeepTheRules) {
  constexpr std::uint64_t kCells = 200, kShards = 4;
  int failures = 0;
  for (auto seed = static_cast<std::uint64_t>(GetParam()); seed < kCells && failures < 3; seed += kShards) {
    const CellRecipe recipe = random_cell(seed);
    const std::string text = recipe_text(recipe);
    try {
      draw::Diagram d =
          draw::make_diagram(lower(syntax::parse_cell(text, "random.cell"), recipe_binding(recipe)));
      std::vector<std::string> faults = test::faults_of(d);
      if (faults.empty()) continue;
      faults.resize(std::min<std::size_t>(faults.size(), 5));
      for (const std::string& f : faults) ADD_FAILURE() << "seed " << seed << ": " << f;
    } catch (const std::exception& e) {
      ADD_FAILURE() << "seed " << seed << ": " << e.what();
    }
    ADD_FAILURE() << text;
    ++failures;
  }
}

INSTANTIATE_TEST_SUITE_P(Shard, DrawnCells, testing::Range(0, 4));

}  // namespace
}  // namespace cellwright
