// shipped_counts_test.cpp: every shipped cell has as many parameters as its paper's equations say.
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "graph/graph.h"
#include "support/shipped_bindings.h"

namespace cellwright {
namespace {

/// n units, m inputs; k: of the size that a cell names (cells of a projection), else 0; upper: with the
/// optional inputs.
struct Sizes {
  std::int64_t n, m, k;
  bool upper;
};

using Count = std::function<std::int64_t(const Sizes&)>;

std::int64_t rnn(std::int64_t n, std::int64_t m) { return n * (m + n + 1); }

/// From the papers' equations, counted by hand.
const std::map<std::string, Count>& formulas() {
  const Count lstm = [](const Sizes& s) { return 4 * rnn(s.n, s.m); };
  const Count peephole = [](const Sizes& s) { return 4 * rnn(s.n, s.m) + 3 * s.n; };
  const Count one_gate_less = [](const Sizes& s) { return 3 * rnn(s.n, s.m) + 2 * s.n; };
  static const std::map<std::string, Count> all = {
      {"rnn", [](const Sizes& s) { return rnn(s.n, s.m); }},
      {"rnn_relu", [](const Sizes& s) { return rnn(s.n, s.m); }},
      {"linear", [](const Sizes& s) { return s.n * (s.m + 1); }},
      {"lstm", lstm},
      {"lstm_peephole", peephole},
      {"lstm_peephole_full", [](const Sizes& s) { return 4 * rnn(s.n, s.m) + 3 * s.n * s.n; }},
      {"lstm_coupled", [](const Sizes& s) { return 3 * rnn(s.n, s.m); }},
      {"lstm_projected", [](const Sizes& s) { return 4 * s.k * (s.m + s.n + 1) + s.n * s.k; }},
      // W, U, b, two gains over 4n, then g_C and b_C.
      {"lstm_layernorm", [](const Sizes& s) { return 4 * rnn(s.n, s.m) + 8 * s.n + 2 * s.n; }},
      // Over the LSTM: n·m + 3n above, 2nm + 2n in the first layer.
      {"lstm_depth_gated",
       [](const Sizes& s) {
         return 4 * rnn(s.n, s.m) + (s.upper ? s.n * s.m + 3 * s.n : 2 * s.n * s.m + 2 * s.n);
       }},
      {"gru", [](const Sizes& s) { return 3 * rnn(s.n, s.m); }},
      {"gru_reset_after", [](const Sizes& s) { return 3 * s.n * (s.m + s.n + 2); }},
      // Four groups: 4·5/2 of the recurrent matrix' 4² blocks.
      {"clockwork", [](const Sizes& s) { return s.n * (s.m + 1) + s.n * s.n * 10 / 16; }},
      // Per dimension four gates over h_below and the other h; C_below has no matrix.
      {"grid_lstm", [](const Sizes& s) { return 2 * 4 * rnn(s.n, s.m); }},
      {"grid_edge", [](const Sizes& s) { return 2 * s.n * (s.m + 1); }},
      {"greff_v", peephole},
      {"greff_nig", one_gate_less},
      {"greff_nfg", one_gate_less},
      {"greff_nog", one_gate_less},
      {"greff_cifg", one_gate_less},
      {"greff_niaf", peephole},
      {"greff_noaf", peephole},
      {"greff_np", lstm},
      {"greff_fgr", [](const Sizes& s) { return 4 * rnn(s.n, s.m) + 3 * s.n + 9 * s.n * s.n; }},
      // W_z without U_z; the candidate takes x as it is.
      {"mut1", [](const Sizes& s) { return s.n * (s.m + 1) + rnn(s.n, s.m) + s.n * (s.n + 1); }},
      // r takes x as it is.
      {"mut2", [](const Sizes& s) { return 2 * rnn(s.n, s.m) + s.n * (s.n + 1); }},
      {"mut3", [](const Sizes& s) { return 3 * rnn(s.n, s.m); }},
      // Three Q of m×n, two R of n×m.
      {"mogrifier_lstm", [](const Sizes& s) { return 4 * rnn(s.n, s.m) + 5 * s.n * s.m; }},
      {"indrnn", [](const Sizes& s) { return s.n * (s.m + 2); }},
      // W, W_f, W_r; two biases and two vectors.
      {"sru", [](const Sizes& s) { return 3 * s.n * s.m + 4 * s.n; }},
      {"min_gru", [](const Sizes& s) { return 2 * s.n * (s.m + 1); }},
      {"min_lstm", [](const Sizes& s) { return 3 * s.n * (s.m + 1); }},
      {"rg_lru", [](const Sizes& s) { return 2 * s.n * (s.m + 1) + s.n; }},
      // Two heads: half of every recurrent matrix.
      {"slstm", [](const Sizes& s) { return 4 * (s.n * s.m + s.n * s.n / 2 + s.n); }},
  };
  return all;
}

class ShippedCounts : public testing::TestWithParam<std::string> {};

TEST_P(ShippedCounts, FollowTheFormula) {
  const auto formula = formulas().find(GetParam());
  ASSERT_NE(formula, formulas().end()) << "a new cell: count its parameters by hand, here";
  for (const auto& [n, m] : {std::pair{1, 1}, {4, 3}, {6, 10}, {12, 5}}) {
    for (const CellBinding& binding : test::shipped_bindings(GetParam(), n, m)) {
      const std::int64_t k = binding.sizes.empty() ? 0 : binding.sizes.begin()->second;
      const bool upper = binding.inputs.size() > 1 && binding.inputs[1] > 0;
      const Graph graph = lower(test::shipped(GetParam()), binding);
      EXPECT_EQ(parameter_count(graph), formula->second({binding.units, binding.inputs[0], k, upper}))
          << binding.units << " units, " << binding.inputs[0] << " inputs";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, ShippedCounts, testing::ValuesIn(shipped_cells()),
                         [](const auto& name) { return name.param; });

}  // namespace
}  // namespace cellwright
