// evaluate_test.cpp: the reference itself, against numbers worked out by hand or from closed forms.

#include "graph/evaluate.h"

#include <gtest/gtest.h>

#include <cmath>

#include "graph/canonicalize.h"
#include "graph/derive.h"
#include "graph/graph_test_cells.h"
#include "graph/graph_test_values.h"
#include "graph/op_table.h"
#include "graph/print_graph.h"

namespace cellwright {
namespace {

using namespace cellwright::testing;

Vector value_of(const Graph& graph, const std::vector<Vector>& parameters,
                const std::vector<Vector>& inputs) {
  StepLeaves leaves;
  leaves.parameters = &parameters;
  leaves.inputs = inputs;
  std::vector<Vector> values;
  evaluate(graph, 0, static_cast<NodeId>(graph.nodes.size()), leaves, values);
  return values.back();
}

Vector one_op(Op op, const std::vector<Vector>& inputs) {
  TestCell c;
  std::vector<NodeId> operands;
  for (const Vector& v : inputs) operands.push_back(c.input("x", static_cast<int>(v.size())));
  c.op(op, operands);
  return value_of(c.graph, {}, inputs);
}

void expect_near(const Vector& a, const Vector& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t k = 0; k < a.size(); ++k) EXPECT_NEAR(a[k], b[k], 1e-14);
}

TEST(Evaluate, PointwiseOps) {
  expect_near(one_op(Op::kNegate, {{2, -3}}), {-2, 3});
  expect_near(one_op(Op::kSigmoid, {{0, std::log(3.0), -std::log(3.0)}}), {0.5, 0.75, 0.25});
  expect_near(one_op(Op::kTanh, {{0, std::log(2.0)}}), {0, 0.6});
  expect_near(one_op(Op::kRelu, {{-1, 2}}), {0, 2});
  expect_near(one_op(Op::kExp, {{0, std::log(5.0)}}), {1, 5});
  expect_near(one_op(Op::kLog, {{1, std::exp(2.0)}}), {0, 2});
  expect_near(one_op(Op::kLogSigmoid, {{0, std::log(3.0)}}), {-std::log(2.0), std::log(0.75)});
  expect_near(one_op(Op::kSoftplus, {{0, std::log(3.0)}}), {std::log(2.0), std::log(4.0)});
  expect_near(one_op(Op::kSqrt, {{9}}), {3});
  expect_near(one_op(Op::kSquare, {{-3}}), {9});
  expect_near(one_op(Op::kAbs, {{-3, 2}}), {3, 2});
  expect_near(one_op(Op::kReciprocal, {{-4}}), {-0.25});
  expect_near(one_op(Op::kHardSigmoid, {{-3, -1, 1, 3}}), {0, 0.3, 0.7, 1});
  expect_near(one_op(Op::kHardSigmoidKeras, {{-4, -1.5, 1.5, 4}}), {0, 0.25, 0.75, 1});
  expect_near(one_op(Op::kSoftsign, {{-1, 3}}), {-0.5, 0.75});
  expect_near(one_op(Op::kElu, {{2, -std::log(4.0)}}), {2, -0.75});
  expect_near(one_op(Op::kIdentity, {{7}}), {7});
  expect_near(one_op(Op::kStep, {{-1, 0, 2}}), {0, 0, 1});
  expect_near(one_op(Op::kSign, {{-3, 0, 2}}), {-1, 0, 1});
  expect_near(one_op(Op::kInRange, {{0, 0.5, 1}}), {0, 1, 0});
  expect_near(one_op(Op::kAdd, {{1, 2}, {3, 4}}), {4, 6});
  expect_near(one_op(Op::kSub, {{1, 2}, {3, 5}}), {-2, -3});
  expect_near(one_op(Op::kMul, {{2, 3}, {5}}), {10, 15});
  expect_near(one_op(Op::kDiv, {{1, 3}, {4, 2}}), {0.25, 1.5});
  expect_near(one_op(Op::kMax, {{1, 5}, {3, 4}}), {3, 5});
  expect_near(one_op(Op::kMin, {{1, 5}, {3, 4}}), {1, 4});
  expect_near(one_op(Op::kSelect, {{0, 1}, {2, 3}, {4, 5}}), {4, 3});
}

TEST(Evaluate, OpsOverUnits) {
  expect_near(one_op(Op::kSum, {{1, 2, 4}}), {7});
  expect_near(one_op(Op::kMean, {{1, 2, 6}}), {3});
  expect_near(one_op(Op::kDot, {{1, 2}, {3, 4}}), {11});
  expect_near(one_op(Op::kSoftmax, {{0, std::log(3.0)}}), {0.25, 0.75});
  expect_near(one_op(Op::kSoftmax, {{1e30, -1e30}}), {1, 0});
  const double r = 1 / std::sqrt(4.0 + 1e-5);  // mean 3, deviations ±2
  expect_near(one_op(Op::kLayerNorm, {{1, 5}}), {-2 * r, 2 * r});
  const double q = 1 / std::sqrt(25.0 + 1e-5);
  expect_near(one_op(Op::kRmsNorm, {{1, 7}}), {q, 7 * q});
}

TEST(Evaluate, StableFormsInTheTails) {
  EXPECT_EQ(one_op(Op::kLogSigmoid, {{-1e30}})[0], -1e30);
  EXPECT_NEAR(one_op(Op::kLogSigmoid, {{50}})[0] / -std::exp(-50.0), 1, 1e-14);
  EXPECT_NEAR(one_op(Op::kSoftplus, {{-50}})[0] / std::exp(-50.0), 1, 1e-14);
  EXPECT_NEAR(one_op(Op::kSigmoid, {{-700}})[0] / std::exp(-700.0), 1, 1e-14);
  EXPECT_NEAR(one_op(Op::kElu, {{-1e-12}})[0] / -1e-12, 1, 1e-11);
}

TEST(Evaluate, MatricesInTheirStoredShape) {
  const Vector x = {1, 10, 100, 1000};
  TestCell dense;
  dense.matmul("W", 2, dense.input("x", 4));
  EXPECT_EQ(value_of(dense.graph, {{1, 2, 3, 4, 5, 6, 7, 8}}, {x}), (Vector{4321, 8765}));
  TestCell diagonal;  // blocks of 2 × 2, stored as [4, 2]
  diagonal.matmul("W", 4, diagonal.input("x", 4), Structure::kBlockDiagonal, 2);
  EXPECT_EQ(value_of(diagonal.graph, {{1, 2, 3, 4, 5, 6, 7, 8}}, {x}), (Vector{21, 43, 6500, 8700}));
  TestCell upper;  // stored whole; what is below the diagonal blocks is not read
  upper.matmul("W", 4, upper.input("x", 4), Structure::kBlockUpper, 2);
  EXPECT_EQ(value_of(upper.graph, {{1, 1, 1, 1, 2, 2, 2, 2, 9, 9, 3, 3, 9, 9, 4, 4}}, {x}),
            (Vector{1111, 2222, 3300, 4400}));
}

TEST(Evaluate, BlockOfAMatrixAndItsTranspose) {
  TestCell c;
  const NodeId x = c.input("x", 2);
  c.parameter("W", 3, 4, true);
  Node node;
  node.op = Op::kMatmul;
  node.index = 0;
  node.row = 1;
  node.column = 2;
  node.size = 2;
  node.inputs = {x};
  c.graph.add(node);  // rows 1–2, columns 2–3 of 3 × 4: {{7, 8}, {11, 12}}
  const std::vector<Vector> w = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}};
  EXPECT_EQ(value_of(c.graph, w, {{1, 10}}), (Vector{87, 131}));
  c.graph.nodes.back().op = Op::kMatmulTransposed;
  EXPECT_EQ(value_of(c.graph, w, {{1, 10}}), (Vector{117, 128}));
}

TEST(Evaluate, ClocksAreDueAtMultiplesOfTheirPeriod) {
  TestCell c;
  c.clock({1, 2, 4}, 6);
  const std::vector<Vector> due = {
      {1, 1, 1, 1, 1, 1}, {1, 1, 0, 0, 0, 0}, {1, 1, 1, 1, 0, 0}, {1, 1, 0, 0, 0, 0}, {1, 1, 1, 1, 1, 1}};
  for (std::size_t t = 0; t < due.size(); ++t) {
    StepLeaves leaves;
    leaves.step = static_cast<std::int64_t>(t);
    std::vector<Vector> values;
    evaluate(c.graph, 0, 1, leaves, values);
    EXPECT_EQ(values[0], due[t]) << t;
  }
}

TEST(Naive, DelaysAndLaggedInputsReadTheRightStep) {
  TestCell c;  // y = h[t-2] + x[t-1], h = x
  const NodeId x = c.input("x", 1), h1 = c.state("h", 1, {100}), h2 = c.state("h[t-2]", 1, {200}),
               x1 = c.state("x", 1, {0.5});
  c.output("y", c.add(h2, x1));
  c.next("h", x);
  c.next("h[t-2]", h1);
  c.next("x", x);
  const NaiveForward f = naive_forward(c.graph, {}, {{{{1}}, {{2}}, {{3}}, {{4}}}}, 4, 1);
  EXPECT_EQ(f.outputs[0][0][0], Vector{200.5});
  EXPECT_EQ(f.outputs[0][1][0], Vector{101});
  EXPECT_EQ(f.outputs[0][2][0], Vector{3});
  EXPECT_EQ(f.outputs[0][3][0], Vector{5});
  EXPECT_EQ(f.final_states[1][0], Vector{3});
}

TEST(Naive, LearnedStartIsTrainedOnlyWhereItIsRead) {
  TestCell c;  // h = h[t-1], objective = Σ_t h: each lane and step adds 1
  c.graph.states.reserve(1);
  const NodeId h1 = c.state("h", 1);
  c.graph.states[0].start_parameter = c.parameter("p_0", 1, 1, false);
  c.next("h", h1);
  c.output("h", h1);
  Graph g = canonicalize(c.graph);
  const Backward backward = derive(g);
  const std::vector<Vector> parameters = {{0.25}};
  const Sequence ones(3, std::vector<Vector>(2, {1.0}));
  const NaiveForward own = naive_forward(g, parameters, {}, 3, 2);
  EXPECT_EQ(own.outputs[0][2][1], Vector{0.25});
  EXPECT_EQ(naive_backward(g, backward, parameters, {}, own, {}, {ones}, 0).parameters[0], Vector{6});
  const std::vector<std::vector<Vector>> given = {{{1.0}, {2.0}}};
  const NaiveForward carried = naive_forward(g, parameters, {}, 3, 2, given);
  const NaiveGradients d = naive_backward(g, backward, parameters, {}, carried, given, {ones}, 0);
  EXPECT_EQ(d.parameters[0], Vector{0});
  EXPECT_EQ(d.start[0][1], Vector{3});
}

TEST(OpTable, EveryNameIsDistinct) {
  for (std::size_t i = 0; i < kOpCount; ++i) {
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(op_name(static_cast<Op>(i)), op_name(static_cast<Op>(j)));
  }
}

TEST(PrintGraph, OneReadableLineANode) {
  TestCell c;
  const NodeId x = c.input("x", 3);
  c.output("h", c.op(Op::kTanh, {c.add(c.matmul("W", 2, x), c.vector("b", 2))}, "h"));
  EXPECT_EQ(
      print_graph(c.graph),
      "%0 = input x [3]\n%1 = parameter b[0:2] [2]\n%2 = matmul W[0:2, 0:3] %0 [2]\n%3 = add %2 %1 [2]\n"
      "%4 = tanh %3 [2] \"h\"\noutput h = %4\n");
}

}  // namespace
}  // namespace cellwright
