// dropout_request.h: what `cellwright train text` says about the regularisers within a model's layers: their
// options, their way into a ModelSpec, and a ModelSpec's in a line. Those around the layers:
// noise_request.h.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "nn/spec.h"

namespace CLI {
class App;
}

namespace cellwright::app {

/// Each where it was given.
struct DropoutRequest {
  std::optional<double> dropout, recurrent, activation_penalty, temporal_penalty;
  bool variational = false;
  std::vector<std::string> zoneout;  ///< "0.1", or "C=0.5" and "h=0.05"
};

void add_dropout_options(CLI::App* app, DropoutRequest& request);

/// Puts what was given into a specification whose layers are there. SpecError for what is out of range;
/// whether the cells have the sites is known when the model is made (tensors_of).
void put_dropout(const DropoutRequest& request, ModelSpec& spec);

/// Calls `refuse` with what the model has where something else was asked for.
void check_same_dropout(const DropoutRequest& request, const ModelSpec& spec,
                        const std::function<void(const std::string& has)>& refuse);

/// "variational dropout 0.5, zoneout C=0.5 h=0.05"; empty where there is none.
std::string describe_dropout(const ModelSpec& spec);

}  // namespace cellwright::app
