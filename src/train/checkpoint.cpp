// checkpoint.cpp: see checkpoint.h for what the file holds.
#include "train/checkpoint.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cellwright/error.h"
#include "language/syntax.h"
#include "train/vocabulary_tensors.h"

namespace cellwright {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kKey = "cellwright";
constexpr int kFormat = 1;

std::string shape_text(const std::vector<std::int64_t>& shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

// Deeper JSON than ours ever is: printing a part of it would recurse as deep as a hostile file likes.
bool too_deep(const std::string& json) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > 32) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

Json training_record(const Model<float>& model, const Trainer& trainer) {
  Json record;
  record["updates"] = trainer.updates();
  record["finished"] = trainer.finished();
  record["simd"] = kernels::kernels<float>(model.engine().options.simd).target;
  record["accurate"] = model.engine().options.accurate;
  record["scan"] = model.engine().options.scan;
  record["options"] = Json::parse(nlohmann::json(trainer.options()).dump());
  record["history"] = Json::parse(trainer.history_json());
  return record;
}

SavedModel read(const SafetensorsFile& file, const std::string& path) {
  const auto about = file.metadata.find(kKey);
  if (about == file.metadata.end()) {
    throw FormatError(fmt::format("{}: not a cellwright model: its metadata lacks the key '{}'", path, kKey));
  }
  if (too_deep(about->second)) {
    throw FormatError(fmt::format("{}: the metadata '{}' is nested too deeply", path, kKey));
  }
  const Json json = Json::parse(about->second, nullptr, false);
  if (!json.is_object())
    throw FormatError(fmt::format("{}: the metadata '{}' is not a JSON object", path, kKey));
  if (json.at("format").get<int>() > kFormat || json.at("language").get<int>() > syntax::kLanguageVersion) {
    throw FormatError(
        fmt::format("{}: written by a newer cellwright (format {}, language {}); update this one", path,
                    json.at("format").get<int>(), json.at("language").get<int>()));
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
  for (const TensorInfo& info : tensors_of(model.spec)) {
    const Tensor& tensor = file.at(info.name, path);
    if (tensor.shape != info.shape || tensor.type != Tensor::Type::kF32) {
      throw FormatError(fmt::format("{}: tensor '{}' is {} {}, but its cell asks for F32 {}", path, info.name,
                                    name_of(tensor.type), shape_text(tensor.shape), shape_text(info.shape)));
    }
    model.parameters.push_back(tensor);
  }
  if (json.contains("training")) model.training_json = json["training"].dump();
  if (json.contains("training_state")) {
    model.state.emplace();
    model.state->json = json["training_state"].dump();
    for (const Tensor& t : file.tensors) {
      if (t.name.compare(0, 9, "training.") == 0) model.state->tensors.push_back(t);
    }
  }
  return model;
}

}  // namespace

std::string training_record_json(const Model<float>& model, const Trainer& trainer) {
  return training_record(model, trainer).dump();
}

void SavedModel::apply(Model<float>& model) const {
  for (std::size_t i = 0; i < parameters.size(); ++i) model.set(i, parameters[i].values<float>());
}

std::vector<EvaluationReport> SavedModel::history() const {
  if (training_json.empty()) return {};
  return history_from_json(Json::parse(training_json).at("history").dump());
}

TrainOptions SavedModel::options() const {
  if (training_json.empty()) return {};
  return nlohmann::json::parse(training_json).at("options").get<TrainOptions>();
}

void save_model(const std::string& path, const Model<float>& model, const Vocabulary& vocabulary,
                Trainer* trainer, bool keep_state, const std::string& training_json) {
  Json json;
  json["format"] = kFormat;
  json["language"] = syntax::kLanguageVersion;
  json["spec"] = Json::parse(to_json(model.spec()));
  json["vocabulary"] = vocabulary.kind_name();
  if (trainer) {
    json["training"] = training_record(model, *trainer);
  } else if (!training_json.empty()) {
    json["training"] = Json::parse(training_json);
  }
  SafetensorsFile file;
  const float* parameters = trainer ? trainer->best_parameters() : model.parameters();
  for (std::size_t i = 0; i < model.tensors().size(); ++i) {
    file.tensors.push_back(
        Tensor::of(model.tensors()[i].name, model.tensors()[i].shape, model.unpack(i, parameters)));
  }
  file.tensors.push_back(offsets_tensor(vocabulary));
  if (trainer && keep_state) {
    TrainingState state = trainer->state();
    json["training_state"] = Json::parse(state.json);
    for (Tensor& t : state.tensors) file.tensors.push_back(std::move(t));
  }
  for (Tensor& t : byte_tensors(vocabulary))
    file.tensors.push_back(std::move(t));  // last: the others stay aligned
  file.metadata[kKey] = json.dump();
  write_safetensors(path, file);
}

SavedModel load_model(const std::string& path) {
  const SafetensorsFile file = read_safetensors(path);
  try {
    SavedModel model = read(file, path);
    model.history();  // a damaged record is refused here, not where somebody prints it
    model.options();
    return model;
  } catch (const nlohmann::json::exception& e) {
    throw FormatError(fmt::format("{}: metadata '{}': {}", path, kKey, e.what()));
  } catch (const CellError& e) {
    const std::string what = e.what();  // its further lines show the place in a text that no file holds
    throw FormatError(
        fmt::format("{}: the cell in it cannot be read: {}", path, what.substr(0, what.find('\n'))));
  } catch (const SpecError& e) {
    throw FormatError(fmt::format("{}: {}", path, e.what()));
  } catch (const FormatError& e) {
    const std::string what = e.what();
    throw FormatError(what.compare(0, path.size(), path) == 0 ? what : fmt::format("{}: {}", path, what));
  }
}

}  // namespace cellwright
