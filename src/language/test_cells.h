// test_cells.h: cells of the literature that do not ship, for this room's tests.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "language/lower.h"
#include "language/parse.h"
#include "language/shipped.h"
#include "support/shipped_bindings.h"

namespace cellwright::test {

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
  for (const std::string& name : shipped_cells()) {
    for (const CellBinding& binding : shipped_bindings(name, 6, 5))
      all.push_back({name, std::string(shipped_cell_text(name)), binding});
  }
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
