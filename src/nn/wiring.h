// wiring.h: how the layers of a stack are joined, as plain data: sizes of every port, and the list of tracks.
//
// Where to start: wire. A track is one recurrent layer in one direction of time; a layer in both directions
// is two, the forward one first.
#pragma once

#include <string>
#include <vector>

#include "graph/graph.h"
#include "nn/parameter_noise.h"
#include "nn/spec.h"

namespace cellwright {

/// Recurrent layers over sequences. Ports match by position from layer to layer; optional inputs of a cell
/// beyond what lies below are absent.
struct StackSpec {
  std::vector<LayerSpec> layers;  ///< bottom first
  bool skip = false;              ///< as ModelSpec's
  std::vector<int> inputs;        ///< sizes of what comes in, by port
  double weight_noise = 0;        ///< as ModelSpec's
};

struct Track {
  int layer = 0;
  bool reverse = false;
  std::string name;  ///< "layers.0", or "layers.0.reverse" for the second of a layer in both directions
  Graph graph;
  ParameterNoiseSpec noise;  ///< what perturbs its parameters in training
};

struct Wiring {
  StackSpec spec;
  std::vector<Track> tracks;
  std::vector<std::vector<int>> layer_inputs;   ///< per layer the sizes offered to its cell
  std::vector<std::vector<int>> layer_outputs;  ///< per layer, directions concatenated
  std::vector<int> outputs;  ///< of the stack; with skip the first is all layers' first outputs, bottom first
  std::vector<int> first_track;  ///< per layer
};

/// Sizes and joins. CellError; SpecError naming the layer: no units, an input that is not given, a residual
/// connection between unequal sizes, weight-drop or noise where there is nothing to perturb.
Wiring wire(const StackSpec& spec);

}  // namespace cellwright
