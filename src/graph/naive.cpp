// naive.cpp: the reference over whole sequences: naive_forward() and naive_backward() of evaluate.h.

#include "graph/evaluate.h"
#include "graph/evaluate_node.h"
#include "graph/op_table.h"

namespace cellwright {
namespace {

std::size_t index(int i) { return static_cast<std::size_t>(i); }

Vector own_start(const State& state, const std::vector<Vector>& parameters) {
  if (state.start_parameter >= 0) return parameters[index(state.start_parameter)];
  if (state.start.empty()) return Vector(index(state.size), 0.0);
  return state.start.size() == 1 ? Vector(index(state.size), state.start[0]) : state.start;
}

bool is_given(const std::vector<std::vector<Vector>>& start, std::size_t state) {
  return state < start.size() && !start[state].empty();
}

std::vector<Vector> inputs_at(const Graph& graph, const std::vector<Sequence>& inputs, int t, int b) {
  std::vector<Vector> step(graph.inputs.size());
  for (std::size_t p = 0; p < step.size() && p < inputs.size(); ++p) {
    if (!inputs[p].empty()) step[p] = inputs[p][index(t)][index(b)];
  }
  return step;
}

std::vector<Vector> parameter_zeros(const Graph& graph) {
  std::vector<Vector> zeros;
  for (const Parameter& p : graph.parameters)
    zeros.emplace_back(static_cast<std::size_t>(stored_size(p)), 0.0);
  return zeros;
}

void add_to(Vector& sum, const Vector& v, int offset = 0) {
  for (std::size_t k = 0; k < v.size(); ++k) sum[k + index(offset)] += v[k];
}

/// Adds one lane's contributions of one step to the parameters' gradients.
void add_parameter_gradients(const Graph& graph, const Backward& backward, const std::vector<Vector>& values,
                             std::vector<Vector>& sums) {
  for (const VectorGradient& g : backward.vectors) {
    Vector d = values[index(g.d)];
    for (std::size_t k = 0; g.times != kNoNode && k < d.size(); ++k) {
      const Vector& times = values[index(g.times)];
      d[k] *= times.size() == 1 ? times[0] : times[k];
    }
    add_to(sums[index(g.parameter)], d, g.offset);
  }
  for (const MatrixGradient& g : backward.matrices) {
    const Node& matmul = graph[g.matmul];
    const Parameter& p = graph.parameters[index(matmul.index)];
    const Vector& d = values[index(g.d)];
    const Vector& x = values[index(matmul.inputs[0])];
    for (std::size_t r = 0; r < d.size(); ++r) {
      for (std::size_t c = 0; c < x.size(); ++c) {
        const std::int64_t i =
            stored_index(p, matmul.row + static_cast<int>(r), matmul.column + static_cast<int>(c));
        if (i >= 0) sums[index(matmul.index)][static_cast<std::size_t>(i)] += d[r] * x[c];
      }
    }
  }
}

/// Forward nodes end where the backward part begins, at the latest at its first leaf.
NodeId forward_end(const Graph& graph) {
  NodeId end = 0;
  while (index(end) < graph.nodes.size() && !is_adjoint(graph[end].op)) ++end;
  return end;
}

}  // namespace

NaiveForward naive_forward(
    const Graph& graph, const std::vector<Vector>& parameters, const std::vector<Sequence>& inputs, int steps,
    int lanes, const std::vector<std::vector<Vector>>& start, std::int64_t first_step,
    const std::function<double(const Node&, std::int64_t step, int lane, int unit)>& noise) {
  NaiveForward out;
  const std::vector<std::vector<Vector>> no_values(index(steps), std::vector<Vector>(index(lanes)));
  out.outputs.assign(graph.outputs.size(), no_values);
  out.losses.assign(graph.losses.size(),
                    std::vector<std::vector<double>>(index(steps), std::vector<double>(index(lanes), 0.0)));
  out.values.assign(index(steps), std::vector<std::vector<Vector>>(index(lanes)));
  out.final_states.assign(graph.states.size(), std::vector<Vector>(index(lanes)));
  for (std::size_t s = 0; s < graph.states.size(); ++s) {
    for (std::size_t b = 0; b < index(lanes); ++b) {
      out.final_states[s][b] = is_given(start, s) ? start[s][b] : own_start(graph.states[s], parameters);
    }
  }
  const NodeId end = forward_end(graph);
  for (int t = 0; t < steps; ++t) {
    for (int b = 0; b < lanes; ++b) {
      StepLeaves leaves;
      leaves.parameters = &parameters;
      leaves.inputs = inputs_at(graph, inputs, t, b);
      for (const auto& state : out.final_states) leaves.previous.push_back(state[index(b)]);
      leaves.step = first_step + t;
      if (noise)
        leaves.noise = [&](const Node& node, int unit) { return noise(node, first_step + t, b, unit); };
      std::vector<Vector>& values = out.values[index(t)][index(b)];
      evaluate(graph, 0, end, leaves, values);
      for (std::size_t p = 0; p < graph.outputs.size(); ++p) {
        if (graph.outputs[p].node != kNoNode)
          out.outputs[p][index(t)][index(b)] = values[index(graph.outputs[p].node)];
      }
      for (std::size_t l = 0; l < graph.losses.size(); ++l)
        out.losses[l][index(t)][index(b)] = values[index(graph.losses[l].node)][0];
      for (std::size_t s = 0; s < graph.states.size(); ++s)
        out.final_states[s][index(b)] = values[index(graph.states[s].next)];
    }
  }
  return out;
}

NaiveGradients naive_backward(const Graph& graph, const Backward& backward,
                              const std::vector<Vector>& parameters, const std::vector<Sequence>& inputs,
                              const NaiveForward& forward, const std::vector<std::vector<Vector>>& start,
                              const std::vector<Sequence>& d_outputs, double d_loss,
                              const std::vector<std::vector<Vector>>& d_final, std::int64_t first_step) {
  const int steps = static_cast<int>(forward.values.size());
  const int lanes = steps == 0 ? 0 : static_cast<int>(forward.values[0].size());
  NaiveGradients out;
  out.parameters = parameter_zeros(graph);
  out.inputs.resize(graph.inputs.size());
  for (std::size_t p = 0; p < graph.inputs.size(); ++p) {
    const Vector zero(index(graph.inputs[p].size), 0.0);
    if (graph.inputs[p].size > 0) out.inputs[p].assign(index(steps), std::vector<Vector>(index(lanes), zero));
  }
  // out.start carries the gradient of the states from step to step; what is left at the end is the start's.
  for (std::size_t s = 0; s < graph.states.size(); ++s) {
    const Vector zero(index(graph.states[s].size), 0.0);
    out.start.push_back(is_given(d_final, s) ? d_final[s] : std::vector<Vector>(index(lanes), zero));
  }
  for (int t = steps - 1; t >= 0; --t) {
    for (int b = 0; b < lanes; ++b) {
      StepLeaves leaves;
      leaves.parameters = &parameters;
      leaves.inputs = inputs_at(graph, inputs, t, b);
      leaves.step = first_step + t;
      for (const Sequence& d : d_outputs)
        leaves.adjoint_outputs.push_back(d.empty() ? Vector() : d[index(t)][index(b)]);
      for (const auto& state : out.start) leaves.adjoint_states.push_back(state[index(b)]);
      leaves.adjoint_losses.assign(graph.losses.size(), d_loss);
      std::vector<Vector> values = forward.values[index(t)][index(b)];
      evaluate(graph, backward.first, static_cast<NodeId>(graph.nodes.size()), leaves, values);
      add_parameter_gradients(graph, backward, values, out.parameters);
      for (std::size_t p = 0; p < backward.d_inputs.size(); ++p) {
        if (backward.d_inputs[p] != kNoNode)
          out.inputs[p][index(t)][index(b)] = values[index(backward.d_inputs[p])];
      }
      for (std::size_t s = 0; s < backward.d_previous.size(); ++s) {
        const NodeId d = backward.d_previous[s];
        out.start[s][index(b)] = d == kNoNode ? Vector(index(graph.states[s].size), 0.0) : values[index(d)];
      }
    }
  }
  // A learned start is read only where the caller gave no start of its own.
  for (std::size_t s = 0; s < graph.states.size(); ++s) {
    if (graph.states[s].start_parameter < 0 || is_given(start, s)) continue;
    for (const Vector& d : out.start[s]) add_to(out.parameters[index(graph.states[s].start_parameter)], d);
  }
  return out;
}

}  // namespace cellwright
