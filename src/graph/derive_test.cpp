// derive_test.cpp: the derivative graph against central differences of the unexpanded cell, and the shape of
// what derive() makes.

#include "graph/derive.h"

#include <gtest/gtest.h>

#include <limits>

#include "cellwright/error.h"
#include "graph/canonicalize.h"
#include "graph/graph_test_cells.h"
#include "graph/graph_test_values.h"
#include "graph/op_table.h"
#include "graph/print_graph.h"

namespace cellwright {
namespace {

using namespace cellwright::testing;

TEST(Derive, EqualsCentralDifferencesForEveryTensorOfEveryCell) {
  for (const auto& [name, source] : test_cells()) {
    Graph derived = canonicalize(source);
    const Backward backward = derive(derived);
    expect_gradients(name, compare_gradients(source, derived, backward, random_values(source, 7)));
  }
}

/// One op on inputs a, b, c of four units.
Graph one_op(Op op) {
  TestCell c;
  std::vector<NodeId> operands;
  const char* names[] = {"a", "b", "c"};
  for (int i = 0; i < op_row(op).arity; ++i) operands.push_back(c.input(names[i], 4));
  c.output("y", c.op(op, operands));
  return c.graph;
}

std::vector<Op> unary_and_wider_ops() {
  std::vector<Op> ops;
  for (std::size_t i = 0; i < kOpCount; ++i) {
    const Op op = static_cast<Op>(i);
    const OpKind kind = op_row(op).kind;
    const bool derivative_only = op == Op::kStep || op == Op::kSign || op == Op::kInRange;
    if ((kind == OpKind::kPointwise || kind == OpKind::kUnits) && op != Op::kBroadcast && !derivative_only &&
        !is_fused(op))
      ops.push_back(op);
  }
  return ops;
}

TEST(Derive, EveryOpEqualsCentralDifferencesAwayFromKinks) {
  // Both flat ends, both sides of every kink, and the middle; logarithm and root want the positive ones.
  const Vector points = {-5.3, -1.1, -0.4, 0.3, 0.9, 1.7, 2.2, 4.6};
  for (Op op : unary_and_wider_ops()) {
    const Graph source = one_op(op);
    Graph derived = canonicalize(source);
    const Backward backward = derive(derived);
    Values v = random_values(source, 11, 3, 4);
    for (std::size_t p = 0; p < v.inputs.size(); ++p) {
      std::size_t next = 3 * p;
      for (auto& step : v.inputs[p]) {
        for (Vector& lane : step) {
          for (double& e : lane) {
            e = points[next % points.size()] + 0.002 * static_cast<double>(p + next);
            ++next;
            if (op == Op::kLog || op == Op::kSqrt || (op == Op::kDiv && p == 1)) e = std::fabs(e);
          }
        }
      }
    }
    expect_gradients(std::string(op_name(op)), compare_gradients(source, derived, backward, v));
  }
}

/// Gradient of Σ y of one op at one point, per operand.
Vector gradient_at(Op op, Vector point) {
  TestCell c;
  std::vector<NodeId> operands;
  for (std::size_t i = 0; i < point.size(); ++i) operands.push_back(c.input("abc" + std::to_string(i), 1));
  c.output("y", c.op(op, operands));
  Graph g = canonicalize(c.graph);
  const Backward backward = derive(g);
  Values v = random_values(g, 1, 1, 1);
  for (std::size_t i = 0; i < point.size(); ++i) v.inputs[i] = {{{point[i]}}};
  const NaiveForward forward = run(g, v);
  const NaiveGradients d = naive_backward(g, backward, v.parameters, v.inputs, forward, {}, {{{{1.0}}}}, 0);
  Vector out;
  for (const Sequence& s : d.inputs) out.push_back(s[0][0][0]);
  return out;
}

TEST(Derive, StaysExactWhereOperandsAreHuge) {
  for (double x : {1e3, 1e30}) {
    EXPECT_EQ(gradient_at(Op::kSigmoid, {x}), Vector{0});
    EXPECT_EQ(gradient_at(Op::kSigmoid, {-x}), Vector{0});
    EXPECT_EQ(gradient_at(Op::kTanh, {x}), Vector{0});
    EXPECT_EQ(gradient_at(Op::kTanh, {-x}), Vector{0});
    EXPECT_EQ(gradient_at(Op::kSoftplus, {x}), Vector{1});
    EXPECT_EQ(gradient_at(Op::kSoftplus, {-x}), Vector{0});
    EXPECT_EQ(gradient_at(Op::kLogSigmoid, {x}), Vector{0});
    EXPECT_EQ(gradient_at(Op::kLogSigmoid, {-x}), Vector{1});
    EXPECT_EQ(gradient_at(Op::kElu, {x}), Vector{1});
    EXPECT_EQ(gradient_at(Op::kElu, {-x}), Vector{0});
    EXPECT_EQ(gradient_at(Op::kExp, {-x}), Vector{0});
    EXPECT_EQ(gradient_at(Op::kLog, {x}), Vector{1 / x});
    EXPECT_EQ(gradient_at(Op::kAbs, {-x}), Vector{-1});
    EXPECT_EQ(gradient_at(Op::kHardSigmoid, {x}), Vector{0});
    EXPECT_EQ(gradient_at(Op::kSquare, {-x}), Vector{-2 * x});
    EXPECT_NEAR(gradient_at(Op::kSoftsign, {-x})[0], 0, 1.1e-6);
    EXPECT_EQ(gradient_at(Op::kMax, {x, -x}), (Vector{1, 0}));
    EXPECT_EQ(gradient_at(Op::kMin, {x, -x}), (Vector{0, 1}));
    EXPECT_EQ(gradient_at(Op::kDiv, {x, x}), (Vector{1 / x, -1 / x}));
  }
}

TEST(Derive, KinksHaveTheDocumentedSubgradient) {
  EXPECT_EQ(gradient_at(Op::kRelu, {0}), Vector{0});
  EXPECT_EQ(gradient_at(Op::kAbs, {0}), Vector{0});
  EXPECT_EQ(gradient_at(Op::kMax, {0.5, 0.5}), (Vector{1, 0}));
  EXPECT_EQ(gradient_at(Op::kMin, {0.5, 0.5}), (Vector{1, 0}));
}

TEST(Derive, StabilisedCellWithHugeStartHasFiniteGradients) {
  Graph g = canonicalize(slstm_cell());  // m starts at -1e30, so the first step's exp underflows to 0
  const Backward backward = derive(g);
  for (double scale : {1.0, 1e3}) {
    Values v = random_values(g, 5);
    for (auto& step : v.inputs[0]) {
      for (Vector& lane : step) {
        for (double& e : lane) e *= scale;
      }
    }
    const NaiveForward forward = run(g, v);
    const NaiveGradients d =
        naive_backward(g, backward, v.parameters, v.inputs, forward, v.start, v.d_outputs, 0);
    for (const Vector& p : d.parameters) {
      for (double e : p) EXPECT_TRUE(std::isfinite(e)) << scale;
    }
    for (const Vector& lane : d.start[3]) {
      for (double e : lane) EXPECT_EQ(e, 0) << "what started at -1e30 has no influence";
    }
  }
}

TEST(Derive, KeepsForwardNodesAndResults) {
  for (const auto& [name, source] : test_cells()) {
    const Graph before = canonicalize(source);
    Graph after = before;
    const Backward backward = derive(after);
    ASSERT_EQ(backward.first, static_cast<NodeId>(before.nodes.size())) << name;
    after.nodes.resize(before.nodes.size());
    EXPECT_EQ(print_graph(before), print_graph(after)) << name;
  }
}

TEST(Derive, ProductWithAPeepholeIsNotStored) {
  Graph g = canonicalize(lstm_split_cell());
  const Backward backward = derive(g);
  int factored = 0;
  for (const VectorGradient& v : backward.vectors) {
    if (g.parameters[static_cast<std::size_t>(v.parameter)].name != "p") continue;
    ++factored;
    EXPECT_GE(v.d, backward.first);  // the gradient of the gate
    ASSERT_NE(v.times, kNoNode);
    EXPECT_LT(v.times, backward.first);  // the cell's value
  }
  EXPECT_EQ(factored, 3);
}

TEST(Derive, GatesCutFromANormGiveItOneGradient) {
  Graph g = canonicalize(lstm_layernorm_cell());
  const Backward backward = derive(g);
  int concats = 0;
  for (std::size_t id = static_cast<std::size_t>(backward.first); id < g.nodes.size(); ++id) {
    if (g.nodes[id].op != Op::kConcat) continue;
    ++concats;
    EXPECT_EQ(g.nodes[id].inputs.size(), 4u);
    EXPECT_EQ(g.nodes[id].size, 16);
  }
  EXPECT_EQ(concats, 2);  // one a norm
}

TEST(Derive, OverlappingSlicesWithGapsAddUp) {
  TestCell c;
  const NodeId x = c.input("x", 7);
  const NodeId s = c.op(Op::kSoftmax, {x});
  c.output("y", c.op(Op::kTanh, {c.slice(s, 1, 3)}));
  c.output("z", c.op(Op::kSquare, {c.slice(s, 2, 4)}));
  Graph derived = canonicalize(c.graph);
  const Backward backward = derive(derived);
  expect_gradients("overlap", compare_gradients(c.graph, derived, backward, random_values(c.graph, 2, 2, 2)));
}

TEST(Derive, SharedMatrixHasARecordForEachUse) {
  Graph g = canonicalize(delay_cell());
  const Backward backward = derive(g);
  std::vector<NodeId> uses;
  for (const MatrixGradient& m : backward.matrices) {
    if (g.parameters[static_cast<std::size_t>(g[m.matmul].index)].name == "W") uses.push_back(m.matmul);
  }
  ASSERT_EQ(uses.size(), 2u);
  EXPECT_LT(uses[0], uses[1]);
}

TEST(Derive, WhatNothingDependsOnIsNotMade) {
  TestCell c;
  const NodeId x = c.input("x", 2), unused = c.input("y", 2), h0 = c.state("h", 2);
  c.matmul("V", 2, unused);
  const NodeId h = c.op(Op::kTanh, {c.matmul("W", 2, x)});
  c.next("h", h);
  c.output("h", c.mul(h, c.op(Op::kStep, {h0})));  // a step has no derivative
  Graph g = canonicalize(c.graph);
  const Backward backward = derive(g);
  EXPECT_NE(backward.d_inputs[0], kNoNode);
  EXPECT_EQ(backward.d_inputs[1], kNoNode);
  EXPECT_EQ(backward.d_previous[0], kNoNode);
  EXPECT_EQ(backward.matrices.size(), 1u);
}

TEST(Derive, RefusesWhatIsNotCanonical) {
  TestCell c;
  c.output("y", c.op(Op::kLayerNorm, {c.input("x", 3)}));
  EXPECT_THROW(derive(c.graph), InternalError);
}

TEST(Derive, TenThousandNodes) {
  TestCell c;
  const NodeId x = c.input("x", 4), h0 = c.state("h", 4);
  NodeId u = c.add(x, h0);
  for (int i = 0; i < 5000; ++i) u = c.op(Op::kTanh, {c.add(u, c.mul(x, c.constant(1.0 + i)))});
  c.next("h", u);
  c.output("h", u);
  Graph g = canonicalize(c.graph);
  EXPECT_GT(g.nodes.size(), 10000u);
  const Backward backward = derive(g);
  EXPECT_NE(backward.d_previous[0], kNoNode);
}

}  // namespace
}  // namespace cellwright
