// derive_test.cpp: the derivative graph against central differences of the unexpanded cell, and the shape of
// what derive() makes.

#include "graph/derive.h"

#include <gtest/gtest.h>

#include "graph/canonicalize.h"
#include "graph/graph_test_cells.h"
#include "graph/graph_test_values.h"
#include "graph/print_graph.h"

namespace cellwright {
namespace {

using namespace cellwright::testing;

TEST(Derive, EqualsCentralDifferencesForEveryTensorOfEveryCell) {
  for (const auto& [name, source] : test_cells()) {
    Graph derived = canonicalize(source);
    const Backward backward = derive(derived);
    expect_gradients(name, compare_gradients(source, derived, backward, random_values(source, 7)));
    if (getenv("PRINT_GRAPHS")) puts((name + "\n" + print_graph(derived, backward)).c_str());
  }
}

}  // namespace
}  // namespace cellwright
