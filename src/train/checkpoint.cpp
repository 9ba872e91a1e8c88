// checkpoint.cpp: see checkpoint.h for what the file holds.
#include "train/checkpoint.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cellwright/error.h"
#include "train/model_file.h"
#include "train/vocabulary_tensors.h"

namespace cellwright {
namespace {

using Json = nlohmann::ordered_json;

SavedModel read(const SafetensorsFile& file, const std::string& path) {
  const Json json = about_model(file, path);
  if (json.contains("task")) {
    const std::string task = task_of(file.metadata);
    throw FormatError(fmt::format("{}: a model of {}, not of text; 'cellwright info' tells what it is", path,
                                  task.empty() ? "an unknown task" : task));
  }
  SavedModel model{model_spec_from_json(json.at("spec").dump()),
                   vocabulary_from(json.at("vocabulary").get<std::string>(), file, path),
                   "",
                   {},
                   {}};
  if (model.vocabulary.size() != model.spec.classes) {
    throw FormatError(fmt::format("{}: a vocabulary of {} entries and a model of {} classes", path,
                                  model.vocabulary.size(), model.spec.classes));
  }
  model.parameters = read_parameters(file, tensors_of(model.spec), path);
  model.training_json = read_record(json);
  model.state = read_state(json, file);
  return model;
}

}  // namespace

std::string training_record_json(const Model<float>& model, const Trainer& trainer) {
  return training_record(model, trainer).dump();
}

void SavedModel::apply(Model<float>& model) const {
  for (std::size_t i = 0; i < parameters.size(); ++i) model.set(i, parameters[i].values<float>());
}

std::vector<EvaluationReport> SavedModel::history() const { return history_of_record(training_json); }

TrainOptions SavedModel::options() const { return options_of_record(training_json); }

void save_model(const std::string& path, const Model<float>& model, const Vocabulary& vocabulary,
                Trainer* trainer, bool keep_state, const std::string& training_json) {
  Json json = new_about();
  json["spec"] = Json::parse(to_json(model.spec()));
  json["vocabulary"] = vocabulary.kind_name();
  SafetensorsFile file;
  std::vector<Tensor> state = put_model(model, trainer, keep_state, training_json, file, json);
  file.tensors.push_back(offsets_tensor(vocabulary));
  for (Tensor& t : state) file.tensors.push_back(std::move(t));
  for (Tensor& t : byte_tensors(vocabulary))
    file.tensors.push_back(std::move(t));  // last: the others stay aligned
  put_about(json, file);
  write_safetensors(path, file);
}

SavedModel load_model(const std::string& path) {
  const SafetensorsFile file = read_safetensors(path);
  std::optional<SavedModel> model;
  with_errors_of(path, [&] {
    model.emplace(read(file, path));
    model->history();  // a damaged record is refused here, not where somebody prints it
    model->options();
  });
  return std::move(*model);
}

}  // namespace cellwright
