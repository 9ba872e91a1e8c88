// sequence_file.h: a model of sequences, and a training in progress, as one safetensors file.
//
// The file is checkpoint.h's, with "task" in place of the vocabulary: a JSON object with "kind" ("music",
// "classify", …) and what that task must know to use the model: names of classes, how inputs were scaled.
// What lies in a task's object is the task's own affair.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "interop/safetensors.h"
#include "nn/sequence_model.h"
#include "train/training_loop.h"

namespace cellwright {

struct SavedSequenceModel {
  SequenceSpec spec;
  nlohmann::json task;             ///< an object with a "kind"
  std::string training_json;       ///< "": never trained
  std::vector<Tensor> parameters;  ///< in the order of tensors_of(spec)
  std::optional<TrainingState> state;

  void apply(SequenceModel<float>& model) const;  ///< into a model of this spec
  std::string kind() const { return task.at("kind").get<std::string>(); }
  std::vector<EvaluationReport> history() const;
  TrainOptions options() const;
};

/// As save_model().
void save_sequence_model(const std::string& path, const SequenceModel<float>& model,
                         const nlohmann::json& task, TrainingLoop* loop, bool keep_state,
                         const std::string& training_json = "");

/// Reads and checks all of a file but what is within the task. `kind`: the task it must be of, else
/// FormatError; "": any. IoError, FormatError (naming the file).
SavedSequenceModel load_sequence_model(const std::string& path, const std::string& kind = "");

/// "text", or the kind of a model of sequences; "" for what is no model file. Reads the file's header alone.
/// IoError, FormatError.
std::string task_of_file(const std::string& path);

}  // namespace cellwright
