// model_request.h: from options to a ModelSpec, and a ModelSpec in a line.
#pragma once

#include <string>
#include <vector>

#include "data/vocabulary.h"
#include "nn/sequence_spec.h"
#include "nn/spec.h"
#include "train_request.h"

namespace cellwright::app {

/// Cells with their units, sizes and options, one a layer. CellError, SpecError, IoError.
std::vector<LayerSpec> make_layers(const ModelRequest& request);

/// The same errors.
ModelSpec make_spec(const ModelRequest& request, const Vocabulary& vocabulary);

/// Its layers alone, without what put_dropout() and put_noise() put into them.
std::vector<LayerSpec> make_layers(const ModelRequest& request);

/// All of a model of sequences but what its task decides: inputs, reading, loss.
SequenceSpec make_sequence_spec(const ModelRequest& request);

/// What both kinds of models have, for check_same_model() and the descriptions of regularisers.
ModelSpec as_model_spec(const SequenceSpec& spec);

std::string describe_layers(const std::vector<LayerSpec>& layers);  ///< "lstm 128, gru 64 in both directions"

/// SpecError where something was asked for that the model at hand is not.
void check_same_model(const ModelRequest& request, const ModelSpec& spec, const std::string& path);

/// "lstm 128, lstm 128 over 65 one-hot characters"
std::string describe(const ModelSpec& spec, const Vocabulary& vocabulary);

std::string cell_name(const LayerSpec& layer);

}  // namespace cellwright::app
