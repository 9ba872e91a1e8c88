// model_tensors.h: which tensors a model of a specification has; inner header of the room.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/graph.h"
#include "nn/model.h"
#include "nn/parameter_noise.h"
#include "nn/spec.h"

namespace cellwright {

/// Where a tensor lies and how it starts.
struct TensorEntry {
  enum class Kind { kPlain, kLayer, kHeadWeight };  ///< a tied embedding is kHeadWeight
  Kind kind = Kind::kPlain;
  std::size_t offset = 0;  ///< of the tensor, or of its layer, in the flat array; filled in by the model
  int layer = -1;
  int index = -1;       ///< parameter of the layer
  Parameter parameter;  ///< what initial_values() needs
};

/// The sized graphs of all layers, bottom first. Throws as Model().
std::vector<Graph> lower_layers(const ModelSpec& spec);

/// What perturbs the parameters of layer `index`, whose graph, as lowered, is `graph`, in training. SpecError
/// where the cell has nothing to perturb.
ParameterNoiseSpec parameter_noise_of(const ModelSpec& spec, int index, const Graph& graph);

/// Trained numbers. SpecError above 16 Gi.
std::int64_t count_parameters(const ModelSpec& spec, const std::vector<Graph>& graphs);

/// Names, shapes and starts in the order of the flat array: embedding, layers, head's weight, head's bias.
void list_tensors(const ModelSpec& spec, const std::vector<Graph>& graphs, std::vector<TensorInfo>& infos,
                  std::vector<TensorEntry>& entries);

std::size_t count_of(const TensorInfo& info);  ///< numbers

}  // namespace cellwright
