// model_tensors.h: which tensors a language model of a specification has; inner header of the room.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/graph.h"
#include "nn/model.h"
#include "nn/spec.h"
#include "nn/tensor_list.h"
#include "nn/wiring.h"

namespace cellwright {

/// The recurrent part, checked and sized. Throws as Model(): SpecError also for a layer that runs backwards
/// in time, because a language model may not look ahead.
Wiring wire(const ModelSpec& spec);

/// Trained numbers. SpecError above 16 Gi.
std::int64_t count_parameters(const ModelSpec& spec, const Wiring& wiring);

/// Names, shapes and starts in the order of the flat array: embedding, tracks, the output layer's.
/// `graphs`: of the tracks, with their parameters in the layout's order.
TensorList list_tensors(const ModelSpec& spec, const Wiring& wiring, const std::vector<const Graph*>& graphs);

}  // namespace cellwright
