// model_request.h: from options to a ModelSpec, and a ModelSpec in a line.
#pragma once

#include <string>
#include <vector>

#include "data/vocabulary.h"
#include "nn/spec.h"
#include "train_request.h"

namespace cellwright::app {

/// Cells with their units, sizes and options, one a layer. CellError, SpecError, IoError.
std::vector<LayerSpec> make_layers(const ModelRequest& request);

/// The same errors.
ModelSpec make_spec(const ModelRequest& request, const Vocabulary& vocabulary);

/// SpecError where something was asked for that the model at hand is not.
void check_same_model(const ModelRequest& request, const ModelSpec& spec, const std::string& path);

/// "lstm 128, lstm 128 over 65 one-hot characters"
std::string describe(const ModelSpec& spec, const Vocabulary& vocabulary);

std::string cell_name(const LayerSpec& layer);

}  // namespace cellwright::app
