// training_state.h: everything besides the model's specification that the next update depends on, as a model
// file keeps it, and what of a training's options must stay the same. Tensors are stored one by one in their
// cells' shapes, so that a state outlives a change of the packed layout.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "interop/safetensors.h"
#include "nn/trained_parameters.h"
#include "train/observer.h"
#include "train/train_options.h"

namespace cellwright {

struct TrainingState {
  std::string json;  ///< counters, sums, history, what the data was
  std::vector<Tensor>
      tensors;  ///< "training.*": current parameters where the model shows the best, optimiser, carried state
};

std::vector<EvaluationReport> history_from_json(const std::string& json);  ///< FormatError

// For training_loop_state.cpp.

nlohmann::json history_to_json(const std::vector<EvaluationReport>& history);  ///< NaN becomes null
std::vector<EvaluationReport> history_from(const nlohmann::json& list);        ///< throws JSON's exceptions

/// SpecError "cannot resume: …" where a value is not what it was.
void require_same(const std::string& what, const nlohmann::json& was, const nlohmann::json& is);
/// Of all options but those that the user decides anew.
void require_same_options(const TrainOptions& old, const TrainOptions& now);

/// The model's tensors out of an array in the parameters' layout, as `prefix` + name; and back. FormatError.
void put_tensors(const TrainedParameters<float>& model, const float* flat, const std::string& prefix,
                 std::vector<Tensor>& tensors);
void take_tensors(const TrainedParameters<float>& model, const std::vector<Tensor>& tensors,
                  const std::string& prefix, float* flat);

/// A state carried between windows: what is no array of numbers is returned as JSON.
nlohmann::json put_carried(const StackState<float>& state, std::vector<Tensor>& tensors);
/// Into a state of the same shape.
void take_carried(const nlohmann::json& carried, const std::vector<Tensor>& tensors,
                  StackState<float>& state);

}  // namespace cellwright
