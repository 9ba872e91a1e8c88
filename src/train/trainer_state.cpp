// trainer_state.cpp: everything the next update depends on, out of a trainer and back. Tensors are stored one
// by one in their cells' shapes, so that a state outlives a change of the packed layout.
#include <fmt/format.h>

#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include "cellwright/error.h"
#include "nn/model_tensors.h"
#include "train/trainer.h"

namespace cellwright {
namespace {

using Json = nlohmann::json;

constexpr int kVersion = 1;

std::string current_name(const std::string& tensor) { return "training.current." + tensor; }

std::string optimizer_name(const std::string& state, const std::string& tensor) {
  return "training.optimizer." + state + "." + tensor;
}

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

Json history_to_json(const std::vector<EvaluationReport>& history) {
  Json list = Json::array();  // NaN becomes null
  for (const EvaluationReport& r : history) {
    list.push_back({{"epoch", r.epoch},
                    {"update", r.update},
                    {"train_loss", r.train_loss},
                    {"valid_loss", r.valid_loss},
                    {"best", r.best},
                    {"improved", r.improved},
                    {"epoch_end", r.epoch_end},
                    {"learning_rate", r.learning_rate}});
  }
  return list;
}

std::vector<EvaluationReport> history_from(const Json& list) {
  std::vector<EvaluationReport> history;
  for (const Json& j : list) {
    EvaluationReport r;
    j.at("epoch").get_to(r.epoch);
    j.at("update").get_to(r.update);
    r.train_loss = number_or_nan(j.at("train_loss"));
    r.valid_loss = number_or_nan(j.at("valid_loss"));
    r.best = number_or_nan(j.at("best"));
    j.at("improved").get_to(r.improved);
    j.at("epoch_end").get_to(r.epoch_end);
    j.at("learning_rate").get_to(r.learning_rate);
    history.push_back(r);
  }
  return history;
}

}  // namespace

std::vector<EvaluationReport> history_from_json(const std::string& json) {
  try {
    return history_from(Json::parse(json));
  } catch (const Json::exception& e) {
    throw FormatError(fmt::format("training history: {}", e.what()));
  }
}

std::uint64_t Trainer::data_hash() const { return data_.train->tokens().hash(); }

std::string Trainer::history_json() const { return history_to_json(history_).dump(); }

TrainingState Trainer::state() {
  TrainingState out;
  const float* current = last_.empty() ? model_.parameters() : last_.data();
  const std::vector<TensorInfo>& infos = model_.tensors();
  const bool own = have_best_ && std::memcmp(current, best_.data(), model_.size() * sizeof(float)) != 0;
  for (std::size_t i = 0; own && i < infos.size(); ++i) {
    out.tensors.push_back(Tensor::of(current_name(infos[i].name), infos[i].shape, model_.unpack(i, current)));
  }
  for (const auto& s : optimizer_->states()) {
    for (std::size_t i = 0; i < infos.size(); ++i) {
      out.tensors.push_back(Tensor::of(optimizer_name(s.name, infos[i].name), infos[i].shape,
                                       model_.unpack(i, s.array->data())));
    }
  }
  Json carried = Json::array();
  for (std::size_t l = 0; l < carried_.layers.size() && window_ > 0; ++l) {  // an epoch begins afresh
    const LayerState<float>& layer = carried_.layers[l];
    carried.push_back({{"step", layer.step}, {"fresh", layer.fresh}});
    for (std::size_t s = 0; s < layer.values.size(); ++s) {
      const std::int64_t lanes = layer.lanes,
                         size = static_cast<std::int64_t>(layer.values[s].size()) / lanes;
      out.tensors.push_back(Tensor::of(carried_name(l, s), {lanes, size},
                                       std::vector<float>(layer.values[s].begin(), layer.values[s].end())));
    }
  }
  const Json json = {
      {"version", kVersion},
      {"options", options_},
      {"epoch", epoch_},
      {"window", window_},
      {"update", update_},
      {"sum_nats", sum_nats_},
      {"sum_tokens", sum_tokens_},
      {"early_stop", early_},
      {"history", history_to_json(history_)},
      {"have_best", have_best_},
      {"own_current", own},
      {"optimizer_steps", optimizer_->steps()},
      {"carried", carried},
      {"data",
       {{"hash", data_hash()}, {"first", data_.train_range.first}, {"last", data_.train_range.last}}}};
  out.json = json.dump();
  return out;
}

void Trainer::resume(const TrainingState& state) {
  const Json j = Json::parse(state.json, nullptr, false);
  if (j.is_discarded()) throw FormatError("training state: not JSON");
  try {
    if (j.at("version").get<int>() != kVersion)
      throw FormatError(fmt::format("training state: version {} is not known", j.at("version").get<int>()));
    const auto old = j.at("options").get<TrainOptions>();
    const auto same = [](const char* what, const auto& was, const auto& is) {
      if (was != is)
        throw SpecError(
            fmt::format("cannot resume: {} was {}, and is {} now; use the same again", what, was, is));
    };
    same("batch", old.batch, options_.batch);
    same("steps", old.steps, options_.steps);
    same("stride", old.k1(), options_.k1());
    same("the optimizer", old.optimizer.kind, options_.optimizer.kind);
    const Json& data = j.at("data");
    if (data.at("hash").get<std::uint64_t>() != data_hash() ||
        data.at("first").get<int>() != data_.train_range.first ||
        data.at("last").get<int>() != data_.train_range.last) {
      throw SpecError(
          "cannot resume: the training text is not the one it began with; give the same files, split and "
          "token kind");
    }
    const int window = j.at("window").get<int>();
    if (window < 0 || window > data_.train_range.size() || j.at("epoch").get<int>() < 0)
      throw FormatError("training state: window or epoch out of range");

    const std::vector<TensorInfo>& infos = model_.tensors();
    if (j.at("have_best").get<bool>()) {
      best_ = AlignedArray<float>(model_.size());
      std::copy_n(model_.parameters(), model_.size(), best_.data());
      have_best_ = true;
    }
    if (j.at("own_current").get<bool>()) {
      for (std::size_t i = 0; i < infos.size(); ++i)
        model_.set(i, values_of(state.tensors, current_name(infos[i].name), count_of(infos[i])));
    }
    for (const auto& s : optimizer_->states()) {
      for (std::size_t i = 0; i < infos.size(); ++i) {
        model_.pack(i, values_of(state.tensors, optimizer_name(s.name, infos[i].name), count_of(infos[i])),
                    s.array->data());
      }
    }
    optimizer_->set_steps(j.at("optimizer_steps").get<std::int64_t>());
    start_epoch();
    if (window > 0) {
      const Json& carried = j.at("carried");
      if (carried.size() != carried_.layers.size())
        throw FormatError("training state: it has another number of layers");
      for (std::size_t l = 0; l < carried_.layers.size(); ++l) {
        LayerState<float>& layer = carried_.layers[l];
        carried[l].at("step").get_to(layer.step);
        const auto fresh = carried[l].at("fresh").get<std::vector<std::uint8_t>>();
        if (fresh.size() != layer.fresh.size())
          throw FormatError("training state: it has another number of lanes");
        layer.fresh = fresh;
        for (std::size_t s = 0; s < layer.values.size(); ++s) {
          const std::vector<float> values =
              values_of(state.tensors, carried_name(l, s), layer.values[s].size());
          std::copy(values.begin(), values.end(), layer.values[s].begin());
        }
      }
    }
    j.at("epoch").get_to(epoch_);
    window_ = window;
    j.at("update").get_to(update_);
    j.at("sum_nats").get_to(sum_nats_);
    j.at("sum_tokens").get_to(sum_tokens_);
    j.at("early_stop").get_to(early_);
    early_.patience = options_.patience;
    history_ = history_from(j.at("history"));
    saved_ = true;
  } catch (const Json::exception& e) {
    throw FormatError(fmt::format("training state: {}", e.what()));
  }
}

}  // namespace cellwright
