#include "language/lower.h"

#include <gtest/gtest.h>

#include "cellwright/error.h"
#include "language/test_cells.h"

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

// The node that a line's name stands on.
const Node& named(const Graph& g, const std::string& name) {
  const Node* found = nullptr;
  for (const Node& node : g.nodes) {
    if (node.name != name || node.op == Op::kInput) continue;
    EXPECT_EQ(found, nullptr) << name << " stands on two nodes";
    found = &node;
  }
  if (!found) throw InternalError("no node " + name);
  return *found;
}

const Parameter& parameter(const Graph& g, const std::string& name) {
  for (const Parameter& p : g.parameters) {
    if (p.name == name) return p;
  }
  throw InternalError("no parameter " + name);
}

std::vector<std::string> names_of(const std::vector<State>& states) {
  std::vector<std::string> names;
  for (const State& s : states) names.push_back(s.name);
  return names;
}

TEST(Lower, ConcatProductAndNormAreKeptAsWritten) {
  const Graph lstm = shipped("lstm", 4, 3);
  const Node& f = named(lstm, "f");
  ASSERT_EQ(f.op, Op::kSigmoid);
  const Node& sum = lstm[f.inputs[0]];
  ASSERT_EQ(sum.op, Op::kAdd);
  const Node& product = lstm[sum.inputs[0]];
  ASSERT_EQ(product.op, Op::kMatmul);
  EXPECT_EQ(product.index, 0);
  EXPECT_EQ(product.size, 4);
  const Node& concat = lstm[product.inputs[0]];
  ASSERT_EQ(concat.op, Op::kConcat);
  EXPECT_EQ(concat.size, 7);
  EXPECT_EQ(lstm[concat.inputs[0]].op, Op::kPrevious);
  EXPECT_EQ(lstm[concat.inputs[1]].op, Op::kInput);
  const Graph norm = shipped("lstm_layernorm", 4, 3);
  const Node& g = named(norm, "g");
  EXPECT_EQ(g.op, Op::kSlice);
  EXPECT_EQ(g.offset, 12);
  EXPECT_EQ(g.size, 4);
  EXPECT_EQ(norm[g.inputs[0]].size, 16);
  EXPECT_EQ(parameter(norm, "g_x").rows, 16);
  EXPECT_EQ(parameter(norm, "g_C").rows, 4);
  EXPECT_EQ(parameter(norm, "g_C").initializer.a, 1);
  EXPECT_FALSE(parameter(norm, "g_C").bias);
}

TEST(Lower, OptionalInputsChooseTheSideAndItsParameters) {
  const int n = 4;
  const int m = 5;
  const std::string_view text = shipped_cell_text("lstm_depth_gated");
  const Graph first = test::make(text, {n, {m}, {}, {}});
  EXPECT_EQ(parameter(first, "W_0").columns, m);
  ASSERT_EQ(first.inputs.size(), 2u);
  EXPECT_EQ(first.inputs[1].size, 0);
  EXPECT_EQ(first.inputs[1].node, kNoNode);
  EXPECT_TRUE(first.inputs[1].optional);
  const Graph upper = test::make(text, {n, {n, n}, {}, {}});
  EXPECT_THROW(parameter(upper, "W_0"), InternalError);
  EXPECT_EQ(upper.outputs[1].name, "C");
}

TEST(Lower, AnUnneededLineOfAnAbsentInputIsDropped) {
  const Graph g = test::make("cell c(x, y?) -> h\na = y ⊙ y\nh = tanh(W·x) + (a | 1)\n", {4, {3}, {}, {}});
  EXPECT_THROW(named(g, "a"), InternalError);
}

TEST(Lower, DelaysAreChainsOfStates) {
  const Graph g =
      test::make("cell c(x) -> h\nh = tanh(W·x[t-2]) + h[t-3] ⊙ h[t-1]\nstart h = 0.5\n", {4, {3}, {}, {}});
  EXPECT_EQ(names_of(g.states), (std::vector<std::string>{"x[t-1]", "x[t-2]", "h", "h[t-2]", "h[t-3]"}));
  EXPECT_EQ(g[g.states[0].next].op, Op::kInput);
  for (const auto& [older, newer] : std::vector<std::pair<int, int>>{{1, 0}, {3, 2}, {4, 3}}) {
    const Node& next = g[g.states[static_cast<std::size_t>(older)].next];
    EXPECT_EQ(next.op, Op::kPrevious);
    EXPECT_EQ(next.index, newer);
  }
  EXPECT_EQ(g[g.states[2].next].name, "h");
  std::vector<int> zones;
  std::vector<bool> delays;
  for (const State& s : g.states) zones.push_back(s.zone), delays.push_back(s.delay);
  EXPECT_EQ(zones, (std::vector<int>{-1, -1, 0, -1, -1}));
  EXPECT_EQ(delays, (std::vector<bool>{true, true, false, true, true}));
  EXPECT_EQ(g.states[0].size, 3);
  EXPECT_EQ(g.states[4].size, 4);
  EXPECT_EQ(g.states[4].start, std::vector<double>{0.5});
  EXPECT_EQ(g.states[1].start, std::vector<double>{0});
}

TEST(Lower, StartsZonesAndBlocks) {
  CellBinding binding{6, {5}, {}, {}};
  const Graph g = test::make(shipped_cell_text("slstm"), binding);
  EXPECT_EQ(names_of(g.states), (std::vector<std::string>{"h", "m", "C", "n"}));
  EXPECT_EQ(g.states[1].start, std::vector<double>{-1e30});
  EXPECT_NE(g.states[0].zone, g.states[1].zone);
  EXPECT_EQ(g.states[1].zone, g.states[2].zone);
  EXPECT_EQ(g.states[1].zone, g.states[3].zone);
  EXPECT_EQ(parameter(g, "R_f").structure, Structure::kBlockDiagonal);
  EXPECT_EQ(parameter(g, "R_f").blocks, 2);
  binding.options["heads"] = {3};
  EXPECT_EQ(parameter(test::make(shipped_cell_text("slstm"), binding), "R_f").blocks, 3);
  const Graph learned =
      test::make("cell c(x) -> h\nh = tanh(W·[h[t-1], x])\nstart h = p_0\n", {4, {3}, {}, {}});
  EXPECT_EQ(learned.states[0].start_parameter, 1);
  EXPECT_EQ(parameter(learned, "p_0").rows, 4);
}

TEST(Lower, ClocksHaveTheirPeriods) {
  const std::string_view text = shipped_cell_text("clockwork");
  const Graph g = test::make(text, {12, {5}, {}, {{"periods", {1, 2, 4, 8, 16, 32}}}});
  EXPECT_EQ(parameter(g, "U").structure, Structure::kBlockUpper);
  EXPECT_EQ(parameter(g, "U").blocks, 6);
  const Node& h = named(g, "h");
  ASSERT_EQ(h.op, Op::kSelect);
  const Node& clock = g[h.inputs[0]];
  EXPECT_EQ(clock.op, Op::kClock);
  EXPECT_EQ(clock.size, 12);
  EXPECT_EQ(clock.values, (std::vector<double>{1, 2, 4, 8, 16, 32}));
  EXPECT_EQ(g[h.inputs[1]].name, "h̃");
  EXPECT_EQ(g[h.inputs[2]].op, Op::kPrevious);
  const Graph fewer = test::make(text, {12, {5}, {}, {{"periods", {1, 3}}}});
  EXPECT_EQ(parameter(fewer, "U").blocks, 2);
}

TEST(Lower, InitialisersAndColumnBlocks) {
  const Graph g = test::make(
      "cell c(x) -> h\nh = tanh(W·[h[t-1], x, h[t-1] ⊙ 2] + b_f + b_i)\n"
      "init W = uniform(-0.5, 0.25)\ninit W[h] = orthogonal\ninit W[x] = normal(0, 0.1)\ninit b_f = "
      "chrono(10)\n",
      {4, {3}, {}, {}});
  const Parameter& w = parameter(g, "W");
  EXPECT_EQ(w.initializer.kind, Initializer::Kind::kUniform);
  EXPECT_EQ(w.initializer.a, -0.5);
  EXPECT_EQ(w.initializer.b, 0.25);
  ASSERT_EQ(w.column_blocks.size(), 3u);
  EXPECT_EQ(w.column_blocks[0].initializer.kind, Initializer::Kind::kOrthogonal);
  EXPECT_EQ(w.column_blocks[1].initializer.kind, Initializer::Kind::kNormal);
  EXPECT_EQ(w.column_blocks[1].initializer.b, 0.1);
  EXPECT_EQ(w.column_blocks[2].name, "");
  EXPECT_EQ(w.column_blocks[2].column, 7);
  EXPECT_EQ(w.column_blocks[2].initializer.kind, Initializer::Kind::kDefault);
  EXPECT_EQ(parameter(g, "b_f").initializer.kind, Initializer::Kind::kChrono);
  EXPECT_EQ(parameter(g, "b_f").initializer.a, 10);
}

TEST(Lower, ScalarsStayScalars) {
  const Graph g = test::make(
      "cell c(x) -> h\nk = mean(x) ⊙ 2\nn = n[t-1] + k\nh = tanh(W·x) ⊙ n / (1 + dot(x, x))\nloss l = "
      "sum(square(h)) + k\n",
      {4, {3}, {}, {}});
  EXPECT_TRUE(named(g, "k").scalar);
  EXPECT_TRUE(named(g, "n").scalar);
  EXPECT_EQ(g.states[0].size, 1);
  EXPECT_FALSE(named(g, "h").scalar);
  ASSERT_EQ(g.losses.size(), 1u);
  EXPECT_EQ(g.losses[0].name, "l");
  EXPECT_TRUE(g[g.losses[0].node].scalar);
  // One unit is still a vector.
  EXPECT_FALSE(test::make("cell c(x) -> h\nh = W·x\n", {1, {1}, {}, {}}).nodes.back().scalar);
}

TEST(Lower, EveryLineHasANodeOfItsOwn) {
  const Graph g = test::make(
      "cell c(x) -> h\nconst k = 2\na = x\nd = h[t-1]\ne = a\nu = k\nw = b\nh = tanh(W·[a, d, e]) ⊙ u + w\n",
      {4, {3}, {}, {}});
  for (const char* name : {"a", "d", "e", "u", "w"}) EXPECT_EQ(named(g, name).op, Op::kIdentity) << name;
}

TEST(Lower, NamedSizesConstantsAndLines) {
  const Graph g = test::make(
      "cell c(x) -> h, z\nconst k = 1, 2, 3, 4\nz = relu(V·x)\nh = tanh(W·[z, x]) ⊙ k\nsize z = latent\n",
      {4, {3}, {{"latent", 7}}, {}});
  EXPECT_EQ(g.outputs[1].size, 7);
  EXPECT_EQ(parameter(g, "V").rows, 7);
  EXPECT_EQ(parameter(g, "W").columns, 10);
  // An own size of the first output leaves units to another line.
  const Graph projected =
      test::make("cell c(x) -> h\nC = tanh(W·[h[t-1], x])\nh = W_p·C\nsize h = projection\nsize C = units\n",
                 {8, {3}, {{"projection", 2}}, {}});
  EXPECT_EQ(projected.outputs[0].size, 2);
  EXPECT_EQ(parameter(projected, "W").rows, 8);
  // Lines may stand in any order.
  EXPECT_EQ(test::make("cell c(x) -> h\nh = tanh(a)\na = W·x\n", {2, {3}, {}, {}}).outputs[0].size, 2);
}

TEST(Lower, NoiseIsKeyedByItsLine) {
  const Graph g = test::make("cell c(x) -> h\ne = normal()\nz = W·x + normal() ⊙ normal()\nh = z + e\n",
                             {4, {3}, {}, {}});
  EXPECT_EQ(named(g, "e").op, Op::kNormal);
  EXPECT_EQ(named(g, "normal(z)").size, 4);
  EXPECT_EQ(named(g, "normal(z,2)").op, Op::kNormal);
}

TEST(Lower, SharedParametersAreOne) {
  const Graph g =
      test::make("cell c(x) -> h\na = σ(W·[h[t-1], x] + b)\nh = tanh(W·[h[t-1], x] + b) ⊙ a\nshare W, b\n",
                 {4, {3}, {}, {}});
  EXPECT_EQ(parameter_count(g), 4 * 7 + 4);
}

TEST(Lower, GreffsVariantsStandOnTheCellsThatTheyVary) {
  const auto same = [](const std::string& a, const std::string& b, const std::string& change_start) {
    Graph one = make(std::string(shipped_cell_text(a)) + change_start, 4, {3}), other = shipped(b, 4, 3);
    one.name = other.name;
    return test::dump(one) == test::dump(other);
  };
  EXPECT_TRUE(same("greff_np", "lstm", ""));
  EXPECT_TRUE(same("greff_v", "lstm_peephole", "init p_f, p_i, p_o = 0\n"));
  EXPECT_FALSE(same("greff_nig", "lstm_peephole", "init p_f, p_o = 0\n"));
}

TEST(Lower, RenamedCellMakesTheSameGraph) {
  // The library knows no cell by name: the LSTM under other names is the same graph but for the names.
  const std::string text =
      "cell own(u) -> y\nq = σ(Q·[y[t-1], u] + b_q)\nr = σ(R·[y[t-1], u] + b_r)\ns̃ = tanh(S·[y[t-1], u] + "
      "b_s)\n"
      "s = q ⊙ s[t-1] + r ⊙ s̃\nv = σ(V·[y[t-1], u] + b_v)\ny = v ⊙ tanh(s)\ninit b_q = 1\n";
  const Graph own = test::make(text, {4, {3}, {}, {}});
  const Graph lstm = shipped("lstm", 4, 3);
  ASSERT_EQ(own.nodes.size(), lstm.nodes.size());
  for (std::size_t i = 0; i < own.nodes.size(); ++i) {
    EXPECT_EQ(own.nodes[i].op, lstm.nodes[i].op);
    EXPECT_EQ(own.nodes[i].inputs, lstm.nodes[i].inputs);
    EXPECT_EQ(own.nodes[i].size, lstm.nodes[i].size);
    EXPECT_EQ(own.nodes[i].index, lstm.nodes[i].index);
  }
}

}  // namespace
}  // namespace cellwright
