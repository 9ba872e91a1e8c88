// test_cells.h: cells of the literature that do not ship, for this room's tests.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "language/lower.h"
#include "language/parse.h"
#include "language/shipped.h"

namespace cellwright::test {

inline constexpr const char* kClockwork = R"(cell clockwork(x) -> h  # Koutník 2014
option periods = 1, 2, 4, 8, 16, 32
h̃ = tanh(W·x + U·h[t-1] + b)
h = every(periods, h̃, h[t-1])
where U = block_upper(periods)
)";

inline constexpr const char* kDepthGated = R"(# Depth-gated LSTM. Yao 2015
cell lstm_depth_gated(x, C_below?) -> h, C
f = σ(W_f·[h[t-1], x] + b_f)
i = σ(W_i·[h[t-1], x] + b_i)
C̃ = tanh(W_C·[h[t-1], x] + b_C)
o = σ(W_o·[h[t-1], x] + b_o)
d = σ(W_d·x + p_c ⊙ C[t-1] + (p_l ⊙ C_below | 0) + b_d)
C = f ⊙ C[t-1] + i ⊙ C̃ + d ⊙ (C_below | W_0·x)
h = o ⊙ tanh(C)
init b_f = 1
)";

inline constexpr const char* kGrid = R"(language 1
cell grid_lstm(h_below, C_below) -> h_d, C_d
f_s, i_s, o_s, g_s = split(W_s·[h_below, h_s[t-1]] + b_s)
C_s = σ(f_s) ⊙ C_s[t-1] + σ(i_s) ⊙ tanh(g_s)
h_s = σ(o_s) ⊙ tanh(C_s)
f_d, i_d, o_d, g_d = split(W_d·[h_below, h_s] + b_d)
C_d = σ(f_d) ⊙ C_below + σ(i_d) ⊙ tanh(g_d)
h_d = σ(o_d) ⊙ tanh(C_d)
size h_s = units
)";

inline constexpr const char* kAttention = R"(cell lstm_attention(x, y[j]) -> h̃
param v
s[j] = tanh(W_a·h[t-1] + U_a·y[j])
α[j] = softmax_j(dot(v, s[j]))
c = sum_j(α[j] ⊙ y[j])
f, i, o, g = split(W·[h[t-1], x, c] + b)
C = σ(f) ⊙ C[t-1] + σ(i) ⊙ tanh(g)
h = σ(o) ⊙ tanh(C)
h̃ = tanh(W_h·[h, c])
size s = attention
size h = units
)";

inline constexpr const char* kVrnn = R"(cell vrnn(x) -> h
u = relu(W_x·x + b_x)
μ_0 = W_0·h[t-1] + b_0
s_0 = softplus(V_0·h[t-1] + p_0)
μ = W_μ·[u, h[t-1]] + b_μ
s = softplus(V_s·[u, h[t-1]] + p_s)
z = μ + s ⊙ normal()
z = μ_0 + s_0 ⊙ normal() when generating
v = relu(W_z·z + b_z)
y = W_y·[v, h[t-1]] + b_y
x = bernoulli(σ(y)) when generating
h = tanh(W·[u, v, h[t-1]] + b)
loss kl = sum(log(s_0 / s) + (square(s) + square(μ - μ_0)) / (2 ⊙ square(s_0)) - 0.5)
loss nll = sum(softplus(y) - x ⊙ y)
size z = latent
size u, v = units
)";

// Everything that the others leave out.
inline constexpr const char* kOdds = R"(# Odds and ends.
# A second line of description.

# Not description.
cell odds(x, λ?) -> h'
param v, Λ, g_x  # declared
const α = 1.5
const k = 0.25, -0.5, 1e-3, 4
share W

a = -(α ⊙ (x[t-1] - x[t-3])) / (2 + abs(k))
n = W·(a / (sqrt(sum(square(a))) + 1)) - (a[t-2] - (v - Λ)) ⊙ -g_x  # a delay
h' = (W·λ | W·n) + (max(n, min(h'[t-1], 0)) - (1 - hard_sigmoid_keras(h'[t-8])))
start h' = p_0
init W[λ], v = uniform(-0.1, 0.1)
init Λ = chrono(20)
zone h'
)";

/// The sizes that make each of them, and the shipped ones.
struct Sample {
  std::string name;
  std::string text;
  CellBinding binding;
};

inline std::vector<Sample> samples() {
  std::vector<Sample> all;
  for (const std::string& name : shipped_cells())
    all.push_back({name, std::string(shipped_cell_text(name)), {6, {5}, {}, {}}});
  all.push_back({"clockwork", kClockwork, {12, {5}, {}, {}}});
  all.push_back({"lstm_depth_gated, first", kDepthGated, {4, {5}, {}, {}}});
  all.push_back({"lstm_depth_gated, upper", kDepthGated, {4, {4, 4}, {}, {}}});
  all.push_back({"grid_lstm", kGrid, {4, {4, 4}, {}, {}}});
  all.push_back({"odds", kOdds, {4, {4}, {}, {}}});
  all.push_back({"odds, optional input", kOdds, {4, {4, 4}, {}, {}}});
  return all;
}

inline Graph make(std::string_view text, const CellBinding& binding,
                  std::vector<std::string>* warnings = nullptr) {
  return lower(syntax::parse_cell(text, "test.cell"), binding, warnings);
}

/// All of a graph but the places in the text, to compare two.
inline std::string dump(const Graph& g) {
  std::string out = g.name + "\n";
  const auto put = [&](const auto&... parts) { ((out += std::string(" ") + parts), ...); };
  const auto n = [](auto value) { return std::to_string(value); };
  for (const Node& node : g.nodes) {
    put("node", n(static_cast<int>(node.op)), n(node.size), n(node.scalar), n(node.index), n(node.offset),
        node.name);
    for (const NodeId id : node.inputs) put(n(id));
    for (const double v : node.values) put(n(v));
    out += "\n";
  }
  for (const Port& p : g.inputs) put("in", p.name, n(p.size), n(p.node), n(p.optional), "\n");
  for (const Port& p : g.outputs) put("out", p.name, n(p.size), n(p.node), "\n");
  for (const State& s : g.states) {
    put("state", s.name, n(s.next), n(s.size), n(s.start_parameter), n(s.zone), n(s.delay));
    for (const double v : s.start) put(n(v));
    out += "\n";
  }
  for (const Parameter& p : g.parameters) {
    put("parameter", p.name, n(p.rows), n(p.columns), n(static_cast<int>(p.structure)), n(p.blocks),
        n(p.bias), n(static_cast<int>(p.initializer.kind)), n(p.initializer.a), n(p.initializer.b));
    for (const ColumnBlock& b : p.column_blocks)
      put(b.name, n(b.column), n(b.columns), n(static_cast<int>(b.initializer.kind)));
    out += "\n";
  }
  for (const Loss& l : g.losses) put("loss", l.name, n(l.node), "\n");
  return out;
}

}  // namespace cellwright::test
