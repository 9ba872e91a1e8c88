// canonicalize_test.cpp: the canonical form has the values of what was written, and the shape that it
// promises.

#include "graph/canonicalize.h"

#include <gtest/gtest.h>

#include "graph/graph_test_cells.h"
#include "graph/graph_test_values.h"
#include "graph/print_graph.h"

namespace cellwright {
namespace {

using namespace cellwright::testing;

int count(const Graph& graph, Op op) {
  int n = 0;
  for (const Node& node : graph.nodes) n += node.op == op;
  return n;
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

TEST(Canonicalize, LstmIsEightProductsWithoutConcatenation) {
  for (const Graph& source : {lstm_cell(), lstm_split_cell()}) {
    const Graph g = canonicalize(source);
    EXPECT_EQ(count(g, Op::kMatmul), 8) << print_graph(g);
    EXPECT_EQ(count(g, Op::kConcat), 0) << print_graph(g);
    EXPECT_EQ(count(g, Op::kSlice), 0) << print_graph(g);
  }
}

}  // namespace
}  // namespace cellwright
