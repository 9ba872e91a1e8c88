// layer_values.h: the value of any node of a layer's graph at every step of a traced run, the parts of lines
// that have no name too.
//
// Where to start: LayerValues::of(). Lines and inputs are those that the run recorded. A part between them,
// as tanh(C), is evaluated from what was recorded, step by step, by the reference (graph/evaluate.h): nothing
// runs on from an evaluated state, so errors do not add up. What always holds: of() of a recorded line is its
// trace to the bit.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "explain/trace.h"
#include "graph/evaluate.h"
#include "nn/model.h"

namespace cellwright {

/// What one layer of a run left.
struct LayerRun {
  int layer = 0;
  Graph graph;                     ///< as lower() made it, without dropout's masks
  std::vector<Vector> parameters;  ///< of the graph
  int steps = 0;
  std::map<std::string, std::vector<float>>
      lines;                               ///< by name, states before the step too ("C[t-1]"): [steps, size]
  std::vector<std::vector<float>> inputs;  ///< per port [steps, size]; empty: absent, or `tokens`
  std::vector<std::int32_t> tokens;        ///< where the first input is a token as a one-hot vector
};

class LayerValues {
 public:
  /// Refers to `run`. `wanted`: all that of() will be asked for.
  LayerValues(const LayerRun& run, const std::vector<NodeId>& wanted);

  bool recorded(NodeId id) const { return recorded_[static_cast<std::size_t>(id)] != nullptr; }
  const std::vector<float>& of(NodeId id) const;  ///< [steps, size]

 private:
  void find_needed(const std::vector<NodeId>& wanted);
  void evaluate_steps();

  const LayerRun& run_;
  std::vector<const std::vector<float>*> recorded_;  // per node; null: evaluated
  std::vector<bool> needed_;                         // evaluated, or read by one that is
  std::map<NodeId, std::vector<float>> evaluated_;
};

}  // namespace cellwright
