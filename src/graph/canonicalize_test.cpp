// canonicalize_test.cpp: the canonical form has the values of what was written, and the shape that it
// promises.

#include "graph/canonicalize.h"

#include <gtest/gtest.h>

#include "graph/graph_test_cells.h"
#include "graph/graph_test_values.h"
#include "graph/op_table.h"
#include "graph/print_graph.h"

namespace cellwright {
namespace {

using namespace cellwright::testing;

int count(const Graph& graph, Op op) {
  int n = 0;
  for (const Node& node : graph.nodes) n += node.op == op;
  return n;
}

const Node* find(const Graph& graph, const std::string& name) {
  for (const Node& node : graph.nodes) {
    if (node.name == name && node.op != Op::kNormal) return &node;
  }
  return nullptr;
}

TEST(Canonicalize, PreservesOutputsStatesAndLosses) {
  for (const auto& [name, source] : test_cells()) {
    const Graph canonical = canonicalize(source);
    const Values v = random_values(source, 3);
    const NaiveForward a = run(source, v), b = run(canonical, v);
    for (std::size_t p = 0; p < a.outputs.size(); ++p) {
      for (std::size_t t = 0; t < 7; ++t) {
        for (std::size_t lane = 0; lane < 3; ++lane) {
          ASSERT_EQ(a.outputs[p][t][lane].size(), b.outputs[p][t][lane].size()) << name;
          for (std::size_t k = 0; k < a.outputs[p][t][lane].size(); ++k) {
            EXPECT_NEAR(a.outputs[p][t][lane][k], b.outputs[p][t][lane][k], 1e-12) << name;
          }
        }
      }
    }
    EXPECT_NEAR(objective(source, v), objective(canonical, v), 1e-11)
        << name;  // over final states and losses too
  }
}

TEST(Canonicalize, PromisedShapeHoldsForEveryCell) {
  for (const auto& [name, source] : test_cells()) {
    const Graph g = canonicalize(source);
    for (std::size_t id = 0; id < g.nodes.size(); ++id) {
      const Node& node = g.nodes[id];
      for (NodeId i : node.inputs) {
        ASSERT_LT(i, static_cast<NodeId>(id)) << name;
        if (is_pointwise(node.op)) {
          EXPECT_TRUE(g[i].op == Op::kConstant || g[i].size == node.size) << name << "\n" << print_graph(g);
        }
        EXPECT_FALSE(node.op == Op::kMatmul && g[i].op == Op::kConcat) << name;
        EXPECT_NE(g[i].op, Op::kIdentity) << name;
      }
      for (Op op : {Op::kMean, Op::kDot, Op::kLayerNorm, Op::kRmsNorm}) EXPECT_NE(node.op, op) << name;
    }
  }
}

TEST(Canonicalize, IsIdempotent) {
  for (const auto& [name, source] : test_cells()) {
    if (name == "lstm_layernorm")
      continue;  // a norm that is written out is no longer known as one: its gates are cut anew
    const Graph once = canonicalize(source);
    EXPECT_EQ(print_graph(once), print_graph(canonicalize(once))) << name;
  }
}

TEST(Canonicalize, LstmIsEightProductsWithoutConcatenation) {
  for (const Graph& source : {lstm_cell(), lstm_split_cell()}) {
    const Graph g = canonicalize(source);
    EXPECT_EQ(count(g, Op::kMatmul), 8) << print_graph(g);
    EXPECT_EQ(count(g, Op::kConcat), 0) << print_graph(g);
    EXPECT_EQ(count(g, Op::kSlice), 0) << print_graph(g);
    EXPECT_NE(print_graph(g).find("= sigmoid %"), std::string::npos);
  }
}

TEST(Canonicalize, SplitProductReadsTheRowsAndColumnsOfItsGateAndOperand) {
  const Graph g = canonicalize(lstm_split_cell());  // rows f,i,o,g of 4; columns h (4), x (3)
  const Node* line = find(g, "o~");                 // (W h + W x) + b
  ASSERT_NE(line, nullptr);
  const Node& products = g[line->inputs[0]];
  const Node &on_h = g[products.inputs[0]], &on_x = g[products.inputs[1]];
  EXPECT_EQ(on_h.op, Op::kMatmul);
  EXPECT_EQ(on_h.row, 8);
  EXPECT_EQ(on_h.size, 4);
  EXPECT_EQ(on_h.column, 0);
  EXPECT_EQ(g[on_h.inputs[0]].op, Op::kPrevious);
  EXPECT_EQ(on_x.row, 8);
  EXPECT_EQ(on_x.column, 4);
  EXPECT_EQ(g[on_x.inputs[0]].op, Op::kInput);
  EXPECT_EQ(g[line->inputs[1]].op, Op::kParameter);
  EXPECT_EQ(g[line->inputs[1]].offset, 8);
}

TEST(Canonicalize, StructuredMatrixIsNeverCut) {
  TestCell c;
  const NodeId x = c.input("x", 2), h0 = c.state("h", 2);
  const NodeId u = c.matmul("R", 4, c.concat({h0, x}), Structure::kBlockDiagonal, 2);
  const NodeId h = c.mul(c.slice(u, 0, 2), c.slice(u, 2, 2));
  c.next("h", h);
  c.output("h", h);
  const Graph g = canonicalize(c.graph);
  EXPECT_EQ(count(g, Op::kMatmul), 1);
  EXPECT_EQ(count(g, Op::kConcat), 1);
  EXPECT_EQ(count(g, Op::kSlice), 2);
}

TEST(Canonicalize, ValueNeededWholeIsNotComputedTwice) {
  TestCell c;
  const NodeId x = c.input("x", 3);
  const NodeId u = c.matmul("W", 4, x);
  c.output("whole", u);
  c.output("half", c.op(Op::kTanh, {c.slice(u, 2, 2)}));
  const Graph g = canonicalize(c.graph);
  EXPECT_EQ(count(g, Op::kMatmul), 1);
  EXPECT_EQ(count(g, Op::kSlice), 1);
}

TEST(Canonicalize, NamesOfLinesSurvive) {
  for (const auto& [name, source] : test_cells()) {
    const Graph g = canonicalize(source);
    for (const Node& node : source.nodes) {
      if (node.name.empty() || node.op == Op::kNormal) continue;
      EXPECT_NE(find(g, node.name), nullptr) << name << " lost " << node.name;
    }
  }
}

TEST(Canonicalize, SecondNameOfAValueIsKeptForTracing) {
  TestCell c;
  const NodeId x = c.input("x", 3);
  const NodeId a = c.op(Op::kTanh, {x}, "a");
  const NodeId b = c.op(Op::kTanh, {x}, "b");                // the same value again
  const NodeId y = c.op(Op::kIdentity, {x}, "y");            // an input by another name
  const NodeId z = c.op(Op::kIdentity, {c.add(a, b)}, "z");  // no name yet: no node of its own
  c.output("z", c.op(Op::kMul, {z, y}, "out"));
  const Graph g = canonicalize(c.graph);
  for (const char* name : {"a", "b", "y", "z", "out"}) ASSERT_NE(find(g, name), nullptr) << name;
  EXPECT_EQ(count(g, Op::kTanh), 1);
  EXPECT_EQ(find(g, "b")->op, Op::kIdentity);
  EXPECT_EQ(find(g, "y")->op, Op::kIdentity);
  EXPECT_EQ(find(g, "z")->op, Op::kAdd);
  EXPECT_EQ(count(g, Op::kIdentity), 2);
}

TEST(Canonicalize, NoiseIsNeverShared) {
  TestCell c;
  c.output("h", c.sub(c.normal("a", 3), c.normal("b", 3)));
  EXPECT_EQ(count(canonicalize(c.graph), Op::kNormal), 2);
}

/// The canonical form of an expression of the inputs x and y, as the printed lines of what is computed.
std::string computed(const std::function<NodeId(TestCell&, NodeId x, NodeId y)>& expression) {
  TestCell c;
  const NodeId x = c.input("x", 2), y = c.input("y", 2);
  c.output("h", expression(c, x, y));
  const Graph g = canonicalize(c.graph);
  std::string out;
  for (const Node& node : g.nodes) {
    if (node.op == Op::kInput) continue;
    out += std::string(op_name(node.op)) + " ";
  }
  const NodeId h = g.outputs[0].node;
  return out + (h == 0 ? "= x" : h == 1 ? "= y" : "");
}

TEST(Simplify, ArithmeticThatChangesNothingIsRemoved) {
  using C = TestCell&;
  EXPECT_EQ(computed([](C c, NodeId x, NodeId) { return c.add(x, c.constant(0)); }), "= x");
  EXPECT_EQ(computed([](C c, NodeId x, NodeId) { return c.add(c.constants({0, 0}), x); }), "= x");
  EXPECT_EQ(computed([](C c, NodeId x, NodeId) { return c.sub(x, c.constant(0)); }), "= x");
  EXPECT_EQ(computed([](C c, NodeId x, NodeId) { return c.mul(c.constant(1), x); }), "= x");
  EXPECT_EQ(computed([](C c, NodeId x, NodeId) { return c.op(Op::kDiv, {x, c.constant(1)}); }), "= x");
  EXPECT_EQ(computed([](C c, NodeId x, NodeId) { return c.op(Op::kNegate, {c.op(Op::kNegate, {x})}); }),
            "= x");
  EXPECT_EQ(computed([](C c, NodeId x, NodeId) { return c.op(Op::kMax, {x, x}); }), "= x");
  EXPECT_EQ(computed([](C c, NodeId x, NodeId y) {
              return c.op(Op::kSelect, {c.constant(1), x, y});
            }),
            "= x");
  EXPECT_EQ(computed([](C c, NodeId x, NodeId y) {
              return c.op(Op::kSelect, {c.constant(0), x, y});
            }),
            "= y");
  EXPECT_EQ(computed([](C c, NodeId x, NodeId y) { return c.slice(c.concat({x, y}), 2, 2); }), "= y");
  EXPECT_EQ(computed([](C c, NodeId x, NodeId) {
              return c.concat({c.slice(x, 0, 1), c.slice(x, 1, 1)});
            }),
            "= x");
}

TEST(Simplify, SignsMoveIntoSums) {
  using C = TestCell&;
  EXPECT_EQ(computed([](C c, NodeId x, NodeId y) { return c.add(x, c.op(Op::kNegate, {y})); }), "sub ");
  EXPECT_EQ(computed([](C c, NodeId x, NodeId y) { return c.sub(x, c.mul(c.op(Op::kNegate, {y}), x)); }),
            "mul add ");
  EXPECT_EQ(computed([](C c, NodeId x, NodeId y) { return c.op(Op::kNegate, {c.sub(x, y)}); }), "sub ");
  EXPECT_EQ(computed([](C c, NodeId x, NodeId) { return c.sub(c.constant(0), x); }), "negate ");
  EXPECT_EQ(
      computed([](C c, NodeId x, NodeId y) { return c.sub(x, c.op(Op::kSum, {c.op(Op::kNegate, {y})})); }),
      "sum broadcast add ");
}

TEST(Simplify, ZeroTimesAnythingIsAConstant) {
  EXPECT_EQ(computed([](TestCell& c, NodeId x, NodeId) { return c.mul(x, c.constant(0)); }), "constant ");
  EXPECT_EQ(computed([](TestCell& c, NodeId x, NodeId) {
              return c.add(c.mul(c.constant(0), c.op(Op::kTanh, {x})), x);
            }),
            "= x");
}

TEST(Simplify, ConstantsAreFoldedAndEqualExpressionsShared) {
  TestCell c;
  const NodeId x = c.input("x", 2);
  const NodeId three = c.add(c.constant(1), c.constant(2));
  const NodeId a = c.op(Op::kTanh, {c.mul(x, three)});
  const NodeId b = c.op(Op::kTanh, {c.mul(c.constant(3), x)});
  c.output("h", c.op(Op::kExp, {c.add(a, b)}));
  const Graph g = canonicalize(c.graph);
  EXPECT_EQ(count(g, Op::kTanh), 1);
  ASSERT_EQ(count(g, Op::kConstant), 1);
  for (const Node& node : g.nodes) {
    if (node.op == Op::kConstant) {
      EXPECT_EQ(node.values, Vector{3});
    }
  }
}

TEST(Simplify, NamedLinesAreNotLookedThrough) {
  EXPECT_EQ(
      computed([](TestCell& c, NodeId x, NodeId y) { return c.add(x, c.op(Op::kNegate, {y}, "line")); }),
      "negate add ");
}

TEST(Simplify, AdditiveTermsKeepTheirOrder) {
  TestCell c;
  const NodeId x = c.input("x", 2), y = c.input("y", 2), t = c.op(Op::kTanh, {x});
  c.output("h", c.sub(c.add(c.add(t, y), x), y));  // neither regrouped nor cancelled
  const Graph g = canonicalize(c.graph);
  const Node& last = g[g.outputs[0].node];
  const Node& second = g[last.inputs[0]];
  const Node& first = g[second.inputs[0]];
  EXPECT_EQ(last.op, Op::kSub);
  EXPECT_EQ(last.inputs[1], y);
  EXPECT_EQ(second.inputs[1], x);
  EXPECT_EQ(g[first.inputs[0]].op, Op::kTanh);
  EXPECT_EQ(first.inputs[1], y);
}

TEST(Canonicalize, TenThousandNodesInAChainWithSlices) {
  TestCell c;
  const NodeId x = c.input("x", 4);
  NodeId u = c.matmul("W", 4, x);
  for (int i = 0; i < 5000; ++i) u = c.op(Op::kTanh, {c.mul(u, c.constants({1.0 + i, 2, 3, 4}))});
  c.output("h", c.mul(c.slice(u, 0, 2), c.slice(u, 2, 2)));
  const Graph g = canonicalize(c.graph);
  EXPECT_EQ(count(g, Op::kTanh), 10000);  // both halves
  EXPECT_EQ(count(g, Op::kMatmul), 2);
}

}  // namespace
}  // namespace cellwright
