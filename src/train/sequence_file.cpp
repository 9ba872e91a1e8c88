// sequence_file.cpp: see sequence_file.h.
#include "train/sequence_file.h"

#include <fmt/format.h>

#include "cellwright/error.h"
#include "interop/safetensors_view.h"
#include "train/model_file.h"

namespace cellwright {

void SavedSequenceModel::apply(SequenceModel<float>& model) const {
  for (std::size_t i = 0; i < parameters.size(); ++i) model.set(i, parameters[i].values<float>());
}

std::vector<EvaluationReport> SavedSequenceModel::history() const { return history_of_record(training_json); }

TrainOptions SavedSequenceModel::options() const { return options_of_record(training_json); }

void save_sequence_model(const std::string& path, const SequenceModel<float>& model,
                         const nlohmann::json& task, TrainingLoop* loop, bool keep_state,
                         const std::string& training_json) {
  nlohmann::ordered_json json = new_about();
  json["spec"] = nlohmann::ordered_json::parse(to_json(model.spec()));
  json["task"] = nlohmann::ordered_json::parse(task.dump());
  SafetensorsFile file;
  for (Tensor& t : put_model(model, loop, keep_state, training_json, file, json))
    file.tensors.push_back(std::move(t));
  put_about(json, file);
  write_safetensors(path, file);
}

SavedSequenceModel load_sequence_model(const std::string& path, const std::string& kind) {
  const SafetensorsFile file = read_safetensors(path);
  SavedSequenceModel model;
  with_errors_of(path, [&] {
    const nlohmann::ordered_json json = about_model(file, path);
    const std::string found = task_of(file.metadata);
    if (found.empty() || !json.contains("task") || (!kind.empty() && found != kind)) {
      throw FormatError(fmt::format("{}: a model of {}, not of {}; 'cellwright info' tells what it is", path,
                                    found.empty() ? "an unknown task" : found,
                                    kind.empty() ? "sequences" : kind));
    }
    model.spec = sequence_spec_from_json(json.at("spec").dump());
    model.task = nlohmann::json::parse(json.at("task").dump());
    model.parameters = read_parameters(file, tensors_of(model.spec), path);
    model.training_json = read_record(json);
    model.state = read_state(json, file);
    model.history();
    model.options();
  });
  return model;
}

std::string task_of_file(const std::string& path) {
  return looks_like_safetensors(path) ? task_of(view_safetensors(path).metadata) : "";
}

}  // namespace cellwright
