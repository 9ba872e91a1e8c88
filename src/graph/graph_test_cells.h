// graph_test_cells.h: cells built by hand for tests, in the form that the language room hands over:
// concatenations, splits, norms and scalar operands unexpanded. Where to start: TestCell, then test_cells().
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "graph/graph.h"

namespace cellwright::testing {

/// Writes a step graph node by node.
class TestCell {
 public:
  Graph graph;

  NodeId input(const std::string& name, int size) {
    Node node = leaf(Op::kInput, static_cast<int>(graph.inputs.size()), size);
    const NodeId id = graph.add(node);
    graph.inputs.push_back({name, size, id, false});
    return id;
  }

  /// Declares a state; returns its value at t-1.
  NodeId state(const std::string& name, int size, std::vector<double> start = {0}) {
    State s;
    s.name = name;
    s.size = size;
    s.start = std::move(start);
    graph.states.push_back(s);
    return graph.add(leaf(Op::kPrevious, static_cast<int>(graph.states.size()) - 1, size));
  }

  void next(const std::string& name, NodeId id) {
    for (State& s : graph.states) {
      if (s.name == name) s.next = id;
    }
  }
  void output(const std::string& name, NodeId id) {
    graph.outputs.push_back({name, graph[id].size, id, false});
  }
  void loss(const std::string& name, NodeId id) { graph.losses.push_back({name, id}); }

  int parameter(const std::string& name, int rows, int columns, bool matrix) {
    for (std::size_t i = 0; i < graph.parameters.size(); ++i) {
      if (graph.parameters[i].name == name) return static_cast<int>(i);
    }
    Parameter p;
    p.name = name;
    p.rows = rows;
    p.columns = columns;
    p.matrix = matrix;
    graph.parameters.push_back(p);
    return static_cast<int>(graph.parameters.size()) - 1;
  }

  NodeId vector(const std::string& name, int size) {
    return graph.add(leaf(Op::kParameter, parameter(name, size, 1, false), size));
  }

  /// W·operand; the same name again is the same matrix.
  NodeId matmul(const std::string& name, int rows, NodeId operand, Structure structure = Structure::kDense,
                int blocks = 1) {
    const int index = parameter(name, rows, graph[operand].size, true);
    graph.parameters[static_cast<std::size_t>(index)].structure = structure;
    graph.parameters[static_cast<std::size_t>(index)].blocks = blocks;
    Node node = leaf(Op::kMatmul, index, rows);
    node.inputs = {operand};
    return graph.add(node);
  }

  NodeId constant(double value) {
    Node node = leaf(Op::kConstant, -1, 1);
    node.scalar = true;
    node.values = {value};
    return graph.add(node);
  }
  NodeId constants(std::vector<double> values) {
    Node node = leaf(Op::kConstant, -1, static_cast<int>(values.size()));
    node.values = std::move(values);
    return graph.add(node);
  }

  /// A pointwise op, softmax, a norm or a reduction; sizes follow.
  NodeId op(Op o, std::vector<NodeId> inputs, const std::string& name = "") {
    Node node;
    node.op = o;
    node.name = name;
    node.size = 1;
    node.scalar = true;
    if (o != Op::kSum && o != Op::kMean && o != Op::kDot) {
      for (NodeId i : inputs) {
        node.size = std::max(node.size, graph[i].size);
        node.scalar = node.scalar && graph[i].scalar;
      }
    }
    node.inputs = std::move(inputs);
    return graph.add(node);
  }
  NodeId add(NodeId a, NodeId b) { return op(Op::kAdd, {a, b}); }
  NodeId sub(NodeId a, NodeId b) { return op(Op::kSub, {a, b}); }
  NodeId mul(NodeId a, NodeId b) { return op(Op::kMul, {a, b}); }
  NodeId concat(std::vector<NodeId> parts) {
    Node node;
    node.op = Op::kConcat;
    for (NodeId i : parts) node.size += graph[i].size;
    node.inputs = std::move(parts);
    return graph.add(node);
  }
  NodeId slice(NodeId a, int offset, int size, const std::string& name = "") {
    Node node = leaf(Op::kSlice, -1, size);
    node.inputs = {a};
    node.offset = offset;
    node.name = name;
    return graph.add(node);
  }
  NodeId normal(const std::string& name, int size) {
    Node node = leaf(Op::kNormal, -1, size);
    node.name = name;
    return graph.add(node);
  }
  NodeId clock(std::vector<double> periods, int size) {
    Node node = leaf(Op::kClock, -1, size);
    node.values = std::move(periods);
    return graph.add(node);
  }

 private:
  static Node leaf(Op o, int index, int size) {
    Node node;
    node.op = o;
    node.index = index;
    node.size = size;
    return node;
  }
};

inline Graph rnn_cell() {
  TestCell c;
  const NodeId x = c.input("x", 3), h0 = c.state("h", 4);
  const NodeId h = c.op(Op::kTanh, {c.add(c.matmul("W", 4, c.concat({h0, x})), c.vector("b", 4))}, "h");
  c.next("h", h);
  c.output("h", h);
  return c.graph;
}

inline Graph lstm_cell() {
  TestCell c;
  const int n = 4;
  const NodeId x = c.input("x", 3), h0 = c.state("h", n), C0 = c.state("C", n);
  const auto gate = [&](const std::string& g, Op o, const std::string& line) {
    return c.op(o, {c.add(c.matmul("W_" + g, n, c.concat({h0, x})), c.vector("b_" + g, n))}, line);
  };
  const NodeId f = gate("f", Op::kSigmoid, "f"), i = gate("i", Op::kSigmoid, "i"),
               g = gate("C", Op::kTanh, "C~");
  const NodeId C = c.op(Op::kAdd, {c.mul(f, C0), c.mul(i, g)}, "C");
  const NodeId o = gate("o", Op::kSigmoid, "o");
  const NodeId h = c.op(Op::kMul, {o, c.op(Op::kTanh, {C})}, "h");
  c.next("h", h);
  c.next("C", C);
  c.output("h", h);
  return c.graph;
}

inline Graph lstm_split_cell() {  // one matrix for all gates, cut by split()
  TestCell c;
  const int n = 4;
  const NodeId x = c.input("x", 3), h0 = c.state("h", n), C0 = c.state("C", n);
  const NodeId p = c.vector("p", 3 * n);
  const NodeId u = c.add(c.matmul("W", 4 * n, c.concat({h0, x})), c.vector("b", 4 * n));
  const NodeId f = c.op(Op::kSigmoid, {c.add(c.slice(u, 0, n, "f~"), c.mul(c.slice(p, 0, n), C0))}, "f");
  const NodeId i = c.op(Op::kSigmoid, {c.add(c.slice(u, n, n, "i~"), c.mul(c.slice(p, n, n), C0))}, "i");
  const NodeId g = c.op(Op::kTanh, {c.slice(u, 3 * n, n, "g~")}, "g");
  const NodeId C = c.op(Op::kAdd, {c.mul(f, C0), c.mul(i, g)}, "C");
  const NodeId o =
      c.op(Op::kSigmoid, {c.add(c.slice(u, 2 * n, n, "o~"), c.mul(c.slice(p, 2 * n, n), C))}, "o");
  const NodeId h = c.op(Op::kMul, {o, c.op(Op::kTanh, {C})}, "h");
  c.next("h", h);
  c.next("C", C);
  c.output("h", h);
  return c.graph;
}

inline Graph gru_cell() {
  TestCell c;
  const int n = 4;
  const NodeId x = c.input("x", 3), h0 = c.state("h", n);
  const auto gate = [&](const std::string& g) {
    return c.op(Op::kSigmoid, {c.add(c.matmul("W_" + g, n, c.concat({h0, x})), c.vector("b_" + g, n))}, g);
  };
  const NodeId z = gate("z"), r = gate("r");
  const NodeId candidate =
      c.op(Op::kTanh, {c.add(c.matmul("W", n, c.concat({c.mul(r, h0), x})), c.vector("b", n))}, "h~");
  const NodeId h = c.op(Op::kAdd, {c.mul(c.sub(c.constant(1), z), h0), c.mul(z, candidate)}, "h");
  c.next("h", h);
  c.output("h", h);
  return c.graph;
}

inline Graph lstm_layernorm_cell() {
  TestCell c;
  const int n = 4;
  const NodeId x = c.input("x", 3), h0 = c.state("h", n), C0 = c.state("C", n);
  const NodeId left = c.mul(c.vector("g_x", 4 * n), c.op(Op::kLayerNorm, {c.matmul("W", 4 * n, x)}));
  const NodeId right = c.mul(c.vector("g_h", 4 * n), c.op(Op::kLayerNorm, {c.matmul("U", 4 * n, h0)}));
  const NodeId u = c.add(c.add(left, right), c.vector("b", 4 * n));
  const NodeId f = c.slice(u, 0, n, "f"), i = c.slice(u, n, n, "i"), o = c.slice(u, 2 * n, n, "o"),
               g = c.slice(u, 3 * n, n, "g");
  const NodeId C =
      c.op(Op::kAdd,
           {c.mul(c.op(Op::kSigmoid, {f}), C0), c.mul(c.op(Op::kSigmoid, {i}), c.op(Op::kTanh, {g}))}, "C");
  const NodeId squashed =
      c.op(Op::kTanh, {c.add(c.mul(c.vector("g_C", n), c.op(Op::kLayerNorm, {C})), c.vector("b_C", n))});
  const NodeId h = c.op(Op::kMul, {c.op(Op::kSigmoid, {o}), squashed}, "h");
  c.next("h", h);
  c.next("C", C);
  c.output("h", h);
  return c.graph;
}

inline Graph slstm_cell() {
  TestCell c;
  const int n = 4;
  const NodeId x = c.input("x", 3), h0 = c.state("h", n), C0 = c.state("C", n), n0 = c.state("n", n);
  const NodeId m0 = c.state("m", n, {-1e30});
  const auto affine = [&](const std::string& g) {
    return c.add(c.add(c.matmul("W_" + g, n, x), c.matmul("R_" + g, n, h0, Structure::kBlockDiagonal, 2)),
                 c.vector("b_" + g, n));
  };
  const NodeId it = affine("i");
  const NodeId l = c.op(Op::kLogSigmoid, {affine("f")}, "l");
  const NodeId z = c.op(Op::kTanh, {affine("z")}, "z");
  const NodeId o = c.op(Op::kSigmoid, {affine("o")}, "o");
  const NodeId m = c.op(Op::kMax, {c.add(l, m0), it}, "m");
  const NodeId i = c.op(Op::kExp, {c.sub(it, m)}, "i");
  const NodeId f = c.op(Op::kExp, {c.sub(c.add(l, m0), m)}, "f");
  const NodeId C = c.op(Op::kAdd, {c.mul(f, C0), c.mul(i, z)}, "C");
  const NodeId norm = c.op(Op::kAdd, {c.mul(f, n0), i}, "n");
  const NodeId h = c.op(Op::kDiv, {c.mul(o, C), norm}, "h");
  c.next("h", h);
  c.next("C", C);
  c.next("n", norm);
  c.next("m", m);
  c.output("h", h);
  return c.graph;
}

inline Graph clockwork_cell() {
  TestCell c;
  const int n = 6;
  const NodeId x = c.input("x", 3), h0 = c.state("h", n);
  const NodeId u =
      c.add(c.add(c.matmul("W", n, x), c.matmul("U", n, h0, Structure::kBlockUpper, 3)), c.vector("b", n));
  const NodeId h = c.op(Op::kSelect, {c.clock({1, 2, 4}, n), c.op(Op::kTanh, {u}, "h~"), h0}, "h");
  c.next("h", h);
  c.output("h", h);
  return c.graph;
}

inline Graph mixing_cell() {  // softmax, sum, dot, mean, rmsnorm, noise, two losses, a scalar times a vector
  TestCell c;
  const int n = 5;
  const NodeId x = c.input("x", 3), h0 = c.state("h", n);
  const NodeId a = c.op(Op::kSoftmax, {c.matmul("W", n, c.concat({x, h0}))}, "a");
  const NodeId u = c.op(Op::kRmsNorm, {c.matmul("V", n, x)}, "u");
  const NodeId scale = c.op(Op::kDot, {u, c.vector("v", n)}, "scale");
  const NodeId z = c.op(Op::kAdd, {u, c.mul(c.op(Op::kSoftplus, {h0}), c.normal("z", n))}, "z");
  const NodeId level = c.op(Op::kMean, {z}, "level");
  const NodeId h = c.op(Op::kTanh, {c.add(c.mul(a, scale), c.sub(z, level))}, "h");
  c.loss("kl", c.op(Op::kSum, {c.sub(c.op(Op::kSquare, {z}), c.op(Op::kLogSigmoid, {h}))}));
  c.loss("bound", c.mul(level, scale));
  c.next("h", h);
  c.output("h", h);
  c.output("scale", scale);
  return c.graph;
}

inline Graph delay_cell() {  // h[t-3], x[t-1], a learned start, one matrix used in two places
  TestCell c;
  const int n = 4;
  const NodeId x = c.input("x", n), h1 = c.state("h", n), h2 = c.state("h[t-2]", n),
               h3 = c.state("h[t-3]", n), x1 = c.state("x", n);
  for (const int i : {1, 2, 3}) {
    c.graph.states[static_cast<std::size_t>(i)].zone = -1;
    c.graph.states[static_cast<std::size_t>(i)].delay = i != 3;
  }
  c.graph.states[0].start_parameter = c.parameter("p_0", n, 1, false);
  const NodeId u = c.op(Op::kTanh, {c.add(c.matmul("W", n, h3), c.matmul("U", n, x1))}, "u");
  const NodeId h =
      c.op(Op::kTanh,
           {c.add(c.add(c.matmul("W", n, u), c.mul(c.vector("p", n), h1)), c.mul(c.vector("p", n), x))}, "h");
  c.next("h", h);
  c.next("h[t-2]", h1);
  c.next("h[t-3]", h2);
  c.next("x", x);
  c.output("h", h);
  return c.graph;
}

inline std::vector<std::pair<std::string, Graph>> test_cells() {
  return {{"rnn", rnn_cell()},
          {"lstm", lstm_cell()},
          {"lstm_split", lstm_split_cell()},
          {"gru", gru_cell()},
          {"lstm_layernorm", lstm_layernorm_cell()},
          {"slstm", slstm_cell()},
          {"clockwork", clockwork_cell()},
          {"mixing", mixing_cell()},
          {"delay", delay_cell()}};
}

}  // namespace cellwright::testing
