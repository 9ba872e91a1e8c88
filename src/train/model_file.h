// model_file.h: what model files of every kind have in common: the JSON about the model, its parameters, the
// record and the state of its training. checkpoint.h is for models of text, sequence_file.h for models of
// sequences; what a file holds is said in checkpoint.h.
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "interop/safetensors.h"
#include "nn/trained_parameters.h"
#include "train/training_loop.h"

namespace cellwright {

/// The JSON of a file's metadata, held against the versions known here. FormatError, and JSON's exceptions.
nlohmann::ordered_json about_model(const SafetensorsFile& file, const std::string& path);

/// With "format" and "language".
nlohmann::ordered_json new_about();
void put_about(const nlohmann::ordered_json& about, SafetensorsFile& file);

/// Tensors of these names and shapes, in this order. FormatError.
std::vector<Tensor> read_parameters(const SafetensorsFile& file, const std::vector<TensorInfo>& infos,
                                    const std::string& path);

/// "training" of a model file: options, history, updates, SIMD target.
nlohmann::ordered_json training_record(const TrainedParameters<float>& model, const TrainingLoop& loop);

/// Puts the parameters (of `loop` the best) into the file and what is known of the training into `about`; the
/// tensors of the state to resume from are returned, for the file's end. `loop` null: the model as it stands,
/// with `training_json` as it was loaded.
std::vector<Tensor> put_model(const TrainedParameters<float>& model, TrainingLoop* loop, bool keep_state,
                              const std::string& training_json, SafetensorsFile& file,
                              nlohmann::ordered_json& about);

/// The record ("" where there is none) and the state of the training.
std::string read_record(const nlohmann::ordered_json& about);
std::optional<TrainingState> read_state(const nlohmann::ordered_json& about, const SafetensorsFile& file);
std::vector<EvaluationReport> history_of_record(const std::string& training_json);
TrainOptions options_of_record(const std::string& training_json);

/// Runs `read`; what it throws about the content comes out as a FormatError that names the file.
void with_errors_of(const std::string& path, const std::function<void()>& read);

/// The task in a model file's metadata: "text" where none is said; "" where it is no model file. Nothing else
/// is checked.
std::string task_of(const std::map<std::string, std::string>& metadata);

}  // namespace cellwright
