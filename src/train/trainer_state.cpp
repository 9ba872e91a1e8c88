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

// A text and the part of it that is used; null where there is none.
Json text_to_json(const Streams* streams, WindowRange range) {
  if (streams == nullptr) return nullptr;
  return {{"hash", streams->tokens().hash()}, {"first", range.first}, {"last", range.last}};
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

std::string Trainer::history_json() const { return history_to_json(history_).dump(); }

TrainingState Trainer::state() {
  TrainingState out;
  const float* current = last_.empty() ? model_.parameters() : last_.data();
  const std::vector<TensorInfo>& infos = model_.tensors();
  const float* shown = best_parameters();
  const bool own = shown != current && std::memcmp(current, shown, model_.size() * sizeof(float)) != 0;
  for (std::size_t i = 0; own && i < infos.size(); ++i) {
    out.tensors.push_back(Tensor::of(current_name(infos[i].name), infos[i].shape, model_.unpack(i, current)));
  }
  for (const auto& s : change_.states()) {
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
  const Json json = {{"version", kVersion},
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
                     {"optimizer_steps", change_.steps()},
                     {"average_from", change_.average_from()},
                     {"plateau", plateau_},
                     {"accurate", model_.engine().options.accurate},
                     {"scan", model_.engine().options.scan},
                     {"carried", carried},
                     {"data", text_to_json(data_.train, data_.train_range)},
                     {"valid", text_to_json(data_.valid, data_.valid_range)}};
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
    require_same_options(old, options_);
    if (j.contains("accurate"))
      require_same("the accuracy of activations (--accurate)", j.at("accurate"),
                   model_.engine().options.accurate);
    require_same("whether recurrences are scanned (--scan)", Json(j.value("scan", false)),
                 model_.engine().options.scan);
    const auto same_text = [&](const char* key, const char* name, const Json& now) {
      if (j.contains(key) && j.at(key) != now)
        throw SpecError(
            fmt::format("cannot resume: the {} text is not the one it began with; give the same files, split "
                        "and token kind",
                        name));
    };
    j.at("data");
    same_text("data", "training", text_to_json(data_.train, data_.train_range));
    same_text("valid", "validation", text_to_json(data_.valid, data_.valid_range));
    const int window = j.at("window").get<int>();
    if (window < 0 || window > data_.train_range.size() || j.at("epoch").get<int>() < 0)
      throw FormatError("training state: window or epoch out of range");

    const auto steps = j.at("optimizer_steps").get<std::int64_t>();
    const auto average_from = j.value("average_from", std::int64_t{-1});
    constexpr std::int64_t kMost = std::int64_t{1} << 53;
    if (steps < 0 || steps > kMost || average_from < -1 || average_from > kMost)
      throw FormatError("training state: steps of the optimizer or the average out of range");

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
    change_.set(steps, average_from);
    for (const auto& s : change_.states()) {
      for (std::size_t i = 0; i < infos.size(); ++i) {
        model_.pack(i, values_of(state.tensors, optimizer_name(s.name, infos[i].name), count_of(infos[i])),
                    s.array->data());
      }
    }
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
    if (j.contains("plateau")) j.at("plateau").get_to(plateau_);
    history_ = history_from(j.at("history"));
    saved_ = true;
  } catch (const Json::exception& e) {
    throw FormatError(fmt::format("training state: {}", e.what()));
  }
}

}  // namespace cellwright
