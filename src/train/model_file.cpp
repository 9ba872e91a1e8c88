// model_file.cpp: see model_file.h.
#include "train/model_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/json_depth.h"
#include "base/json_whole.h"
#include "cellwright/error.h"
#include "kernels/kernels.h"
#include "language/syntax.h"

namespace cellwright {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kKey = "cellwright";
constexpr int kFormat = 1;

}  // namespace

Json about_model(const SafetensorsFile& file, const std::string& path) {
  const auto about = file.metadata.find(kKey);
  if (about == file.metadata.end()) {
    throw FormatError(fmt::format("{}: not a cellwright model: its metadata lacks the key '{}'", path, kKey));
  }
  if (json_deeper_than(about->second)) {
    throw FormatError(fmt::format("{}: the metadata '{}' is nested too deeply", path, kKey));
  }
  Json json = Json::parse(about->second, nullptr, false);
  if (!json.is_object())
    throw FormatError(fmt::format("{}: the metadata '{}' is not a JSON object", path, kKey));
  if (whole<int>(json.at("format")) > kFormat || whole<int>(json.at("language")) > syntax::kLanguageVersion) {
    throw FormatError(
        fmt::format("{}: written by a newer cellwright (format {}, language {}); update this one", path,
                    whole<int>(json.at("format")), whole<int>(json.at("language"))));
  }
  return json;
}

Json new_about() {
  Json json;
  json["format"] = kFormat;
  json["language"] = syntax::kLanguageVersion;
  return json;
}

void put_about(const Json& about, SafetensorsFile& file) { file.metadata[kKey] = about.dump(); }

std::vector<Tensor> read_parameters(const SafetensorsFile& file, const std::vector<TensorInfo>& infos,
                                    const std::string& path) {
  std::vector<Tensor> parameters;
  for (const TensorInfo& info : infos) {
    const Tensor& tensor = file.at(info.name, path);
    if (tensor.shape != info.shape || tensor.type != Tensor::Type::kF32) {
      throw FormatError(fmt::format("{}: tensor '{}' is {} [{}], but its cell asks for F32 [{}]", path,
                                    info.name, name_of(tensor.type), fmt::join(tensor.shape, ", "),
                                    fmt::join(info.shape, ", ")));
    }
    parameters.push_back(tensor);
  }
  return parameters;
}

Json training_record(const TrainedParameters<float>& model, const TrainingLoop& loop) {
  Json record;
  record["updates"] = loop.updates();
  record["finished"] = loop.finished();
  record["simd"] = kernels::kernels<float>(model.engine().options.simd).target;
  record["accurate"] = model.engine().options.accurate;
  record["scan"] = model.engine().options.scan;
  record["options"] = Json::parse(nlohmann::json(loop.options()).dump());
  record["history"] = Json::parse(loop.history_json());
  return record;
}

std::vector<Tensor> put_model(const TrainedParameters<float>& model, TrainingLoop* loop, bool keep_state,
                              const std::string& training_json, SafetensorsFile& file, Json& about) {
  if (loop) {
    about["training"] = training_record(model, *loop);
  } else if (!training_json.empty()) {
    about["training"] = Json::parse(training_json);
  }
  put_tensors(model, loop ? loop->best_parameters() : model.parameters(), "", file.tensors);
  if (loop == nullptr || !keep_state) return {};
  TrainingState state = loop->state();
  about["training_state"] = Json::parse(state.json);
  return std::move(state.tensors);
}

std::string read_record(const Json& about) {
  return about.contains("training") ? about["training"].dump() : "";
}

std::optional<TrainingState> read_state(const Json& about, const SafetensorsFile& file) {
  if (!about.contains("training_state")) return {};
  TrainingState state;
  state.json = about["training_state"].dump();
  for (const Tensor& t : file.tensors) {
    if (t.name.compare(0, 9, "training.") == 0) state.tensors.push_back(t);
  }
  return state;
}

std::vector<EvaluationReport> history_of_record(const std::string& training_json) {
  if (training_json.empty()) return {};
  return history_from_json(Json::parse(training_json).at("history").dump());
}

TrainOptions options_of_record(const std::string& training_json) {
  if (training_json.empty()) return {};
  return nlohmann::json::parse(training_json).at("options").get<TrainOptions>();
}

void with_errors_of(const std::string& path, const std::function<void()>& read) {
  try {
    read();
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

std::string task_of(const std::map<std::string, std::string>& metadata) {
  const auto about = metadata.find(kKey);
  if (about == metadata.end() || json_deeper_than(about->second)) return "";
  const Json json = Json::parse(about->second, nullptr, false);
  if (!json.is_object()) return "";
  const auto task = json.find("task");
  if (task == json.end()) return "text";
  const bool named = task->is_object() && task->contains("kind") && task->at("kind").is_string();
  return named ? task->at("kind").get<std::string>() : "";
}

}  // namespace cellwright
