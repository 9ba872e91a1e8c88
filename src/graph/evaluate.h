// evaluate.h: the reference. A step graph evaluated node by node in double with <cmath>, no plan, no SIMD, no
// threads.
//
// Everything faster is tested against this; so it is kept as plain as possible and is never used in anger.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "graph/derive.h"
#include "graph/graph.h"

namespace cellwright {

using Vector = std::vector<double>;

/// What a step reads from outside, for one lane. Parameters are row major in their stored shape: a matrix
/// [rows, columns] (kBlockDiagonal: [rows, columns/blocks]; kBlockUpper: [rows, columns], zeros below the
/// diagonal blocks ignored), a vector [rows].
struct StepLeaves {
  const std::vector<Vector>* parameters = nullptr;
  std::vector<Vector> inputs;           ///< per input port
  std::vector<Vector> previous;         ///< per state, value at t-1
  std::vector<Vector> adjoint_outputs;  ///< backward nodes only
  std::vector<Vector> adjoint_states;   ///< backward nodes only
  Vector adjoint_losses;                ///< backward nodes only
  std::int64_t step = 0;  ///< global step, for clocks: a clock of period p is due where step mod p = 0
  /// Value of a unit of a kNormal, kDropMask or kStepMask node; null: 0 of a kNormal, 1 of a mask.
  std::function<double(const Node&, int unit)> noise;
};

/// Fills values[id] for id in [first, last). Earlier entries of `values` must hold the values of earlier
/// nodes.
void evaluate(const Graph& graph, NodeId first, NodeId last, const StepLeaves& leaves,
              std::vector<Vector>& values);

/// A whole batch of sequences, [T,B] outer, vectors inner: x[t][b] etc.
using Sequence = std::vector<std::vector<Vector>>;

struct NaiveForward {
  std::vector<Sequence> outputs;                         ///< per output port
  std::vector<std::vector<Vector>> final_states;         ///< per state, per lane
  std::vector<std::vector<std::vector<double>>> losses;  ///< per loss: [T][B]
  std::vector<std::vector<std::vector<Vector>>> values;  ///< [T][B][node]
};

/// inputs: per port a Sequence (empty for an absent port). start: per state, per lane; empty: the states' own
/// start; an empty entry: that state's own. A graph with a backward part may be given; only its forward nodes
/// are evaluated.
NaiveForward naive_forward(
    const Graph& graph, const std::vector<Vector>& parameters, const std::vector<Sequence>& inputs, int steps,
    int lanes, const std::vector<std::vector<Vector>>& start = {}, std::int64_t first_step = 0,
    const std::function<double(const Node&, std::int64_t step, int lane, int unit)>& noise = {});

struct NaiveGradients {
  std::vector<Vector> parameters;          ///< stored shape; learned starts included
  std::vector<Sequence> inputs;            ///< per port
  std::vector<std::vector<Vector>> start;  ///< per state, per lane: gradient of the initial state
};

/// Back-propagation through time of objective = Σ d_outputs·outputs + d_loss Σ losses + Σ d_final·final
/// states, by evaluating the backward part. `graph` is the derived one, `forward` its own run from the same
/// `start`. Noise is read from `forward`, so a normal() that the run drew is the one that is differentiated
/// through.
NaiveGradients naive_backward(const Graph& graph, const Backward& backward,
                              const std::vector<Vector>& parameters, const std::vector<Sequence>& inputs,
                              const NaiveForward& forward, const std::vector<std::vector<Vector>>& start,
                              const std::vector<Sequence>& d_outputs, double d_loss,
                              const std::vector<std::vector<Vector>>& d_final = {},
                              std::int64_t first_step = 0);

}  // namespace cellwright
