// Which columns of a matrix meet an old state: what recurrent dropout and weight-drop go by.
#include <gtest/gtest.h>

#include <string>

#include "graph/regularise.h"
#include "language/lower.h"
#include "language/parse.h"
#include "language/shipped.h"

namespace cellwright {
namespace {

std::string columns(std::string_view text, const std::string& parameter) {
  CellBinding binding;
  binding.units = 4;
  binding.inputs = {3};
  const Graph g = lower(syntax::parse_cell(std::string(text), "test.cell"), binding);
  const auto ranges = recurrent_columns(g);
  std::string out;
  for (std::size_t p = 0; p < g.parameters.size(); ++p) {
    if (g.parameters[p].name != parameter) continue;
    for (const ColumnRange& c : ranges[p])
      out += std::to_string(c.first) + "-" + std::to_string(c.last) + " ";
  }
  return out;
}

TEST(RecurrentColumns, AreThoseThatMeetAnOldState) {
  EXPECT_EQ(columns(shipped_cell_text("lstm"), "W_f"), "0-4 ");
  EXPECT_EQ(columns(shipped_cell_text("lstm"), "b_f"), "");
  EXPECT_EQ(columns(shipped_cell_text("gru"), "W"), "0-4 ");  // r ⊙ h[t-1]
  EXPECT_EQ(columns(shipped_cell_text("slstm"), "R_i"), "0-4 ");
  EXPECT_EQ(columns(shipped_cell_text("slstm"), "W_i"), "");
  EXPECT_EQ(columns(shipped_cell_text("min_gru"), "W_z"), "");
  EXPECT_EQ(columns(shipped_cell_text("lstm_layernorm"), "U"), "0-4 ");
  // The state of this very step is none; neither is a lagged input; a delay is.
  EXPECT_EQ(
      columns("cell c(x) -> y\nh = tanh(W·[x, h[t-1], x[t-1], h[t-2]])\ny = V·[h, h[t-1]]\nsize h = 4", "W"),
      "3-7 10-14 ");
  EXPECT_EQ(columns("cell c(x) -> y\nh = tanh(W·[x, h[t-1]])\ny = V·[h, h[t-1]]\nsize h = 4", "V"), "4-8 ");
  // Squashed alone, gated and summed count; a gate that a peephole feeds is no old value.
  EXPECT_EQ(columns("cell c(x) -> h\nh = tanh(W·tanh(h[t-1]) + V·x)", "W"), "0-4 ");
  EXPECT_EQ(columns("cell c(x) -> h\nu = V·x + h[t-1]\nh = tanh(W·u)", "W"), "0-4 ");
  EXPECT_EQ(columns("cell c(x) -> h\ng = σ(V·x + p ⊙ h[t-1])\nh = tanh(W·(g ⊙ (U·x)))", "W"), "");
}

}  // namespace
}  // namespace cellwright
