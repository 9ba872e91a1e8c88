// The LaTeX of cells that between them hold every construct of the language, as it was looked at in print
// (scripts/check-latex). Written again by CELLWRIGHT_WRITE_GOLDEN=1.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "language/print.h"
#include "language/test_cells.h"

namespace cellwright {
namespace {

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

struct Golden {
  std::string name;
  std::string text;
};

class LatexGolden : public testing::TestWithParam<Golden> {};

TEST_P(LatexGolden, IsAsItWasLookedAt) {
  const std::string path =
      std::string(CELLWRIGHT_SOURCE_DIR) + "/tests/golden/latex/" + GetParam().name + ".tex";
  const std::string latex = syntax::print_latex(syntax::parse_cell(GetParam().text, "golden.cell"));
  if (std::getenv("CELLWRIGHT_WRITE_GOLDEN")) std::ofstream(path, std::ios::binary) << latex;
  EXPECT_EQ(latex, read(path)) << "when it is right: CELLWRIGHT_WRITE_GOLDEN=1";
}

std::vector<Golden> all() {
  std::vector<Golden> cells = {{"attention", test::kAttention}, {"vrnn", test::kVrnn}, {"odds", test::kOdds}};
  for (const char* name : {"lstm", "gru", "clockwork", "grid_lstm", "lstm_depth_gated", "lstm_projected",
                           "min_lstm", "mogrifier_lstm", "rg_lru", "rnn_relu", "slstm", "sru"})
    cells.push_back({name, std::string(shipped_cell_text(name))});
  return cells;
}

INSTANTIATE_TEST_SUITE_P(All, LatexGolden, testing::ValuesIn(all()),
                         [](const auto& golden) { return golden.param.name; });

}  // namespace
}  // namespace cellwright
