// graph_test_values.h: numbers to put into a graph, and the check of a derivative against central
// differences.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "graph/evaluate.h"
#include "graph/evaluate_node.h"

namespace cellwright::testing {

/// Everything a run of naive_forward() depends on, and the weights that make one number of its results.
struct Values {
  int steps = 7;
  int lanes = 3;
  std::vector<Vector> parameters;
  std::vector<Sequence> inputs;
  std::vector<std::vector<Vector>> start;  ///< empty for the states' own
  std::vector<Sequence> d_outputs;
  std::vector<std::vector<Vector>> d_final;
  double d_loss = 0.75;
};

inline double test_normal(const Node& node, std::int64_t step, int lane, int unit) {
  return std::sin(17.0 * static_cast<double>(step) + 5.0 * lane + 3.0 * unit +
                  static_cast<double>(node.name.size()));
}

/// N(0, 0.5) throughout. A state that starts far away (-1e30) and one with a learned start keep their own
/// start.
inline Values random_values(const Graph& graph, unsigned seed, int steps = 7, int lanes = 3) {
  std::mt19937 engine(seed);
  std::normal_distribution<double> normal(0, 0.5);
  const auto vector = [&](std::int64_t n) {
    Vector v(static_cast<std::size_t>(n));
    for (double& e : v) e = normal(engine);
    return v;
  };
  Values out;
  out.steps = steps;
  out.lanes = lanes;
  const auto sequence = [&](int size) {
    Sequence s(static_cast<std::size_t>(steps), std::vector<Vector>(static_cast<std::size_t>(lanes)));
    for (auto& step : s) {
      for (Vector& v : step) v = vector(size);
    }
    return s;
  };
  for (const Parameter& p : graph.parameters) out.parameters.push_back(vector(stored_size(p)));
  for (const Port& p : graph.inputs) out.inputs.push_back(p.size == 0 ? Sequence() : sequence(p.size));
  for (const Port& p : graph.outputs) out.d_outputs.push_back(sequence(p.size));
  for (const State& s : graph.states) {
    std::vector<Vector> start, d_final;
    for (int b = 0; b < lanes; ++b) {
      start.push_back(vector(s.size));
      d_final.push_back(vector(s.size));
    }
    const bool own = s.start_parameter >= 0 || (!s.start.empty() && std::fabs(s.start[0]) > 1e3);
    out.start.push_back(own ? std::vector<Vector>() : start);
    out.d_final.push_back(d_final);
  }
  return out;
}

inline NaiveForward run(const Graph& graph, const Values& v) {
  return naive_forward(graph, v.parameters, v.inputs, v.steps, v.lanes, v.start, 0, test_normal);
}

inline double objective(const Graph& graph, const Values& v) {
  const NaiveForward f = run(graph, v);
  double sum = 0;
  for (std::size_t p = 0; p < f.outputs.size(); ++p) {
    for (std::size_t t = 0; t < f.outputs[p].size(); ++t) {
      for (std::size_t b = 0; b < f.outputs[p][t].size(); ++b) {
        for (std::size_t k = 0; k < f.outputs[p][t][b].size(); ++k)
          sum += v.d_outputs[p][t][b][k] * f.outputs[p][t][b][k];
      }
    }
  }
  for (const auto& loss : f.losses) {
    for (const auto& step : loss) {
      for (double e : step) sum += v.d_loss * e;
    }
  }
  for (std::size_t s = 0; s < f.final_states.size(); ++s) {
    for (std::size_t b = 0; b < f.final_states[s].size(); ++b) {
      for (std::size_t k = 0; k < f.final_states[s][b].size(); ++k)
        sum += v.d_final[s][b][k] * f.final_states[s][b][k];
    }
  }
  return sum;
}

/// One tensor's analytic and numeric gradient.
struct Compared {
  std::string what;
  Vector analytic;
  Vector numeric;
};

/// Central differences, h = 1e-5, for every entry of every parameter, input and given start.
inline std::vector<Compared> compare_gradients(const Graph& graph, const Graph& derived,
                                               const Backward& backward, Values v) {
  const NaiveForward forward = run(derived, v);
  const NaiveGradients g = naive_backward(derived, backward, v.parameters, v.inputs, forward, v.start,
                                          v.d_outputs, v.d_loss, v.d_final);
  std::vector<Compared> out;
  const auto compare = [&](Compared& c, Vector& values, const Vector& analytic) {
    const double h = 1e-5;
    for (std::size_t k = 0; k < values.size(); ++k) {
      const double old = values[k];
      values[k] = old + h;
      const double up = objective(graph, v);
      values[k] = old - h;
      const double down = objective(graph, v);
      values[k] = old;
      c.analytic.push_back(analytic[k]);
      c.numeric.push_back((up - down) / (2 * h));
    }
  };
  for (std::size_t p = 0; p < v.parameters.size(); ++p) {
    Compared c{graph.parameters[p].name, {}, {}};
    compare(c, v.parameters[p], g.parameters[p]);
    out.push_back(c);
  }
  for (std::size_t p = 0; p < v.inputs.size(); ++p) {
    Compared c{"input " + graph.inputs[p].name, {}, {}};
    for (std::size_t t = 0; t < v.inputs[p].size(); ++t) {
      for (std::size_t b = 0; b < v.inputs[p][t].size(); ++b)
        compare(c, v.inputs[p][t][b], g.inputs[p][t][b]);
    }
    out.push_back(c);
  }
  for (std::size_t s = 0; s < v.start.size(); ++s) {
    Compared c{"start " + graph.states[s].name, {}, {}};
    for (std::size_t b = 0; b < v.start[s].size(); ++b) compare(c, v.start[s][b], g.start[s][b]);
    out.push_back(c);
  }
  return out;
}

/// The rule for gradients: abs(a-n) <= 1e-6 · max(largest of the tensor, 1e-3 · largest of all tensors).
inline void expect_gradients(const std::string& cell, const std::vector<Compared>& all) {
  double largest = 0;
  for (const Compared& c : all) {
    for (double n : c.numeric) largest = std::max(largest, std::fabs(n));
  }
  EXPECT_GT(largest, 0) << cell;
  for (const Compared& c : all) {
    double own = 0;
    for (double n : c.numeric) own = std::max(own, std::fabs(n));
    const double bound = 1e-6 * std::max(own, 1e-3 * largest);
    for (std::size_t k = 0; k < c.numeric.size(); ++k) {
      EXPECT_LE(std::fabs(c.analytic[k] - c.numeric[k]), bound)
          << cell << ": " << c.what << "[" << k << "] analytic " << c.analytic[k] << " numeric "
          << c.numeric[k];
    }
  }
}

}  // namespace cellwright::testing
