#include "language/lower.h"

#include <gtest/gtest.h>

#include "cellwright/error.h"
#include "language/parse.h"
#include "language/shipped.h"

namespace cellwright {
namespace {

Graph make(std::string_view text, int units, std::vector<int> inputs) {
  CellBinding binding;
  binding.units = units;
  binding.inputs = std::move(inputs);
  return lower(syntax::parse_cell(text, "test.cell"), binding);
}

Graph shipped(const std::string& name, int units, int inputs) {
  return make(shipped_cell_text(name), units, {inputs});
}

TEST(Lower, ParameterCountsFollowTheFormulas) {
  for (const auto& [n, m] : std::vector<std::pair<int, int>>{{1, 1}, {4, 3}, {6, 10}}) {
    EXPECT_EQ(parameter_count(shipped("rnn", n, m)), n * (m + n + 1));
    EXPECT_EQ(parameter_count(shipped("rnn_relu", n, m)), n * (m + n + 1));
    EXPECT_EQ(parameter_count(shipped("lstm", n, m)), 4 * n * (m + n + 1));
    EXPECT_EQ(parameter_count(shipped("lstm_peephole", n, m)), 4 * n * (m + n + 1) + 3 * n);
    EXPECT_EQ(parameter_count(shipped("lstm_peephole_full", n, m)), 4 * n * (m + n + 1) + 3 * n * n);
    EXPECT_EQ(parameter_count(shipped("lstm_coupled", n, m)), 3 * n * (m + n + 1));
    EXPECT_EQ(parameter_count(shipped("gru", n, m)), 3 * n * (m + n + 1));
    EXPECT_EQ(parameter_count(shipped("gru_reset_after", n, m)), 3 * n * (m + n + 2));
    EXPECT_EQ(parameter_count(shipped("min_gru", n, m)), 2 * n * (m + 1));
    // W, U, b, two gains over 4n, then g_C and b_C.
    EXPECT_EQ(parameter_count(shipped("lstm_layernorm", n, m)), 4 * n * (m + n + 1) + 8 * n + 2 * n);
  }
  EXPECT_EQ(parameter_count(shipped("slstm", 6, 5)), 4 * (6 * 5 + 6 * 6 / 2 + 6));
}

TEST(Lower, LstmKeepsTheEquationsAsWritten) {
  const Graph g = shipped("lstm", 4, 3);
  ASSERT_EQ(g.inputs.size(), 1u);
  EXPECT_EQ(g.inputs[0].size, 3);
  ASSERT_EQ(g.states.size(), 2u);
  EXPECT_EQ(g.states[0].name, "h");
  EXPECT_EQ(g.states[1].name, "C");
  EXPECT_EQ(g[g.states[0].next].name, "h");
  EXPECT_EQ(g[g.states[1].next].name, "C");
  EXPECT_EQ(g.states[0].size, 4);
  EXPECT_NE(g.states[0].zone, g.states[1].zone);
  ASSERT_EQ(g.outputs.size(), 1u);
  EXPECT_EQ(g.outputs[0].node, g.states[0].next);
  std::vector<std::string> parameters;
  for (const Parameter& p : g.parameters) parameters.push_back(p.name);
  EXPECT_EQ(parameters, (std::vector<std::string>{"W_f", "b_f", "W_i", "b_i", "W_C", "b_C", "W_o", "b_o"}));
  const Parameter& w = g.parameters[0];
  EXPECT_TRUE(w.matrix);
  EXPECT_EQ(w.rows, 4);
  EXPECT_EQ(w.columns, 7);
  ASSERT_EQ(w.column_blocks.size(), 2u);
  EXPECT_EQ(w.column_blocks[0].name, "h[t-1]");
  EXPECT_EQ(w.column_blocks[1].name, "x");
  EXPECT_EQ(w.column_blocks[1].column, 4);
  EXPECT_EQ(w.column_blocks[1].columns, 3);
  EXPECT_TRUE(g.parameters[1].bias);
  EXPECT_EQ(g.parameters[1].initializer.kind, Initializer::Kind::kConstant);
  EXPECT_EQ(g.parameters[1].initializer.a, 1);
  for (std::size_t i = 0; i < g.nodes.size(); ++i) {
    EXPECT_GT(g.nodes[i].size, 0);
    for (const NodeId input : g.nodes[i].inputs) EXPECT_LT(input, static_cast<NodeId>(i));
  }
}

}  // namespace
}  // namespace cellwright
