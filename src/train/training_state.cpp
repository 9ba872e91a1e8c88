// training_state.cpp: see training_state.h.
#include "train/training_state.h"

#include <fmt/format.h>

#include <limits>

#include "base/json_whole.h"
#include "cellwright/error.h"

namespace cellwright {
namespace {

using Json = nlohmann::json;

std::string carried_name(std::size_t layer, std::size_t state) {
  return fmt::format("training.state.{}.{}", layer, state);
}

const Tensor& find(const std::vector<Tensor>& tensors, const std::string& name) {
  for (const Tensor& t : tensors) {
    if (t.name == name) return t;
  }
  throw FormatError(fmt::format("training state: tensor '{}' is missing", name));
}

std::vector<float> values_of(const std::vector<Tensor>& tensors, const std::string& name, std::size_t count) {
  std::vector<float> values = find(tensors, name).values<float>();
  if (values.size() != count)
    throw FormatError(
        fmt::format("training state: tensor '{}' has {} numbers, not {}", name, values.size(), count));
  return values;
}

double number_or_nan(const Json& json) {
  return json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
}

// What may differ from the first run's options: the user decides anew how long, how fast and how often. Every
// other option would change bits that the user did not mean to change, also one that is new here.
bool is_free(const std::string& option) {
  for (const char* free :
       {"epochs", "learning_rate", "schedule", "patience", "evaluate_every", "save_every"}) {
    if (option == free) return true;
  }
  return false;
}

}  // namespace

void require_same(const std::string& what, const Json& was, const Json& is) {
  const auto text = [](const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
  };
  if (was != is)
    throw SpecError(fmt::format("cannot resume: {} was {}, and is {} now; use the same again", what,
                                text(was), text(is)));
}

void require_same_options(const TrainOptions& old, const TrainOptions& now) {
  const Json was = old, is = now;
  require_same("the optimizer", was.at("optimizer").at("kind"), is.at("optimizer").at("kind"));
  for (const auto& [name, value] : was.items()) {
    if (is_free(name)) continue;
    if (!value.is_object()) {
      require_same(name, value, is.at(name));
    } else {
      for (const auto& [field, part] : value.items())
        require_same(fmt::format("the {}'s {}", name, field), part, is.at(name).at(field));
    }
  }
}

Json history_to_json(const std::vector<EvaluationReport>& history) {
  Json list = Json::array();
  for (const EvaluationReport& r : history) {
    list.push_back({{"epoch", r.epoch},
                    {"update", r.update},
                    {"train_loss", r.train_loss},
                    {"valid_loss", r.valid_loss},
                    {"best", r.best},
                    {"improved", r.improved},
                    {"epoch_end", r.epoch_end},
                    {"learning_rate", r.learning_rate}});
    if (!std::isnan(r.accuracy)) list.back()["accuracy"] = r.accuracy;
  }
  return list;
}

std::vector<EvaluationReport> history_from(const Json& list) {
  std::vector<EvaluationReport> history;
  for (const Json& j : list) {
    EvaluationReport r;
    r.epoch = whole<decltype(r.epoch)>(j.at("epoch"));
    r.update = whole<decltype(r.update)>(j.at("update"));
    r.train_loss = number_or_nan(j.at("train_loss"));
    r.valid_loss = number_or_nan(j.at("valid_loss"));
    r.best = number_or_nan(j.at("best"));
    j.at("improved").get_to(r.improved);
    j.at("epoch_end").get_to(r.epoch_end);
    j.at("learning_rate").get_to(r.learning_rate);
    if (j.contains("accuracy")) j.at("accuracy").get_to(r.accuracy);
    history.push_back(r);
  }
  return history;
}

std::vector<EvaluationReport> history_from_json(const std::string& json) {
  try {
    return history_from(Json::parse(json));
  } catch (const Json::exception& e) {
    throw FormatError(fmt::format("training history: {}", e.what()));
  }
}

void put_tensors(const TrainedParameters<float>& model, const float* flat, const std::string& prefix,
                 std::vector<Tensor>& tensors) {
  const std::vector<TensorInfo>& infos = model.tensors();
  for (std::size_t i = 0; i < infos.size(); ++i)
    tensors.push_back(Tensor::of(prefix + infos[i].name, infos[i].shape, model.unpack(i, flat)));
}

void take_tensors(const TrainedParameters<float>& model, const std::vector<Tensor>& tensors,
                  const std::string& prefix, float* flat) {
  const std::vector<TensorInfo>& infos = model.tensors();
  for (std::size_t i = 0; i < infos.size(); ++i)
    model.pack(i, values_of(tensors, prefix + infos[i].name, count_of(infos[i])), flat);
}

Json put_carried(const StackState<float>& state, std::vector<Tensor>& tensors) {
  Json carried = Json::array();
  for (std::size_t l = 0; l < state.layers.size(); ++l) {
    const LayerState<float>& layer = state.layers[l];
    carried.push_back({{"step", layer.step}, {"fresh", layer.fresh}});
    for (std::size_t s = 0; s < layer.values.size(); ++s) {
      const std::int64_t lanes = layer.lanes,
                         size = static_cast<std::int64_t>(layer.values[s].size()) / lanes;
      tensors.push_back(Tensor::of(carried_name(l, s), {lanes, size},
                                   std::vector<float>(layer.values[s].begin(), layer.values[s].end())));
    }
  }
  return carried;
}

void take_carried(const Json& carried, const std::vector<Tensor>& tensors, StackState<float>& state) {
  if (carried.size() != state.layers.size())
    throw FormatError("training state: it has another number of layers");
  for (std::size_t l = 0; l < state.layers.size(); ++l) {
    LayerState<float>& layer = state.layers[l];
    layer.step = whole<std::int64_t>(carried[l].at("step"));
    if (layer.step < 0 || layer.step > std::int64_t{1} << 53)
      throw FormatError("training state: the steps of a layer are out of range");
    const auto fresh = carried[l].at("fresh").get<std::vector<std::uint8_t>>();
    if (fresh.size() != layer.fresh.size())
      throw FormatError("training state: it has another number of lanes");
    layer.fresh = fresh;
    for (std::size_t s = 0; s < layer.values.size(); ++s) {
      const std::vector<float> values = values_of(tensors, carried_name(l, s), layer.values[s].size());
      std::copy(values.begin(), values.end(), layer.values[s].begin());
    }
  }
}

}  // namespace cellwright
