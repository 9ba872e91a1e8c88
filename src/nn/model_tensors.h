// model_tensors.h: which tensors a model of a specification has; inner header of the room.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/graph.h"
#include "nn/model.h"
#include "nn/spec.h"
#include "nn/wiring.h"

namespace cellwright {

/// Where a tensor lies and how it starts.
struct TensorEntry {
  enum class Kind { kPlain, kLayer, kHeadMatrix, kHeadBias };  ///< a tied embedding is kHeadMatrix
  Kind kind = Kind::kPlain;
  std::size_t offset = 0;  ///< of the tensor, or of its track, in the flat array; filled in by the model
  int track = -1;          ///< of the stack (wiring.h)
  int index = -1;          ///< parameter of the track, or of output_tensors()
  Parameter parameter;     ///< what initial_values() needs
};

/// The recurrent part, checked and sized. Throws as Model(): SpecError also for a layer that runs backwards
/// in time, because a language model may not look ahead.
Wiring wire(const ModelSpec& spec);

/// Trained numbers. SpecError above 16 Gi.
std::int64_t count_parameters(const ModelSpec& spec, const Wiring& wiring);

/// Names, shapes and starts in the order of the flat array: embedding, tracks, the output layer's.
/// `graphs`: of the tracks, with their parameters in the layout's order.
void list_tensors(const ModelSpec& spec, const Wiring& wiring, const std::vector<const Graph*>& graphs,
                  std::vector<TensorInfo>& infos, std::vector<TensorEntry>& entries);

std::size_t count_of(const TensorInfo& info);  ///< numbers

}  // namespace cellwright
