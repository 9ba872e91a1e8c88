// noise_request.h: what `cellwright train` says about the regularisers around a model's layers: their
// options, their way into a ModelSpec, and a ModelSpec's in a line.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "nn/spec.h"

namespace CLI {
class App;
}

namespace cellwright::app {

/// Each where it was given.
struct NoiseRequest {
  bool tied = false;
  std::optional<double> embedding_dropout, label_smoothing, weight_drop, weight_noise;
};

/// `text`: those for tokens too.
void add_noise_options(CLI::App* app, NoiseRequest& request, bool text);

/// Puts what was given into a specification whose layers are there. SpecError for what is out of range;
/// whether the cells have the sites is known when the model is made (tensors_of).
void put_noise(const NoiseRequest& request, ModelSpec& spec);

/// Calls `refuse` with what the model has where something else was asked for.
void check_same_noise(const NoiseRequest& request, const ModelSpec& spec,
                      const std::function<void(const std::string& has)>& refuse);

/// "tied, weight-drop 0.5"; empty where there is none.
std::string describe_noise(const ModelSpec& spec);

}  // namespace cellwright::app
