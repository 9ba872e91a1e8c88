// train_options.cpp: see train_options.h.
#include "train/train_options.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/json_whole.h"
#include "cellwright/error.h"

namespace cellwright {
namespace {

template <class V>
void at_least(const char* name, V value, V least) {
  if (value < least) throw SpecError(fmt::format("{} is {}: it must be at least {}", name, value, least));
}

void non_negative(const char* name, double value) {
  if (!(value >= 0) || !std::isfinite(value))
    throw SpecError(fmt::format("{} is {}: it must be a number of 0 or more", name, value));
}

template <class V>
void read(const nlohmann::json& json, const char* key, V& value) {
  const auto it = json.find(key);
  if (it == json.end()) return;
  if constexpr (std::is_integral_v<V> && !std::is_same_v<V, bool>) {
    value = whole<V>(*it);
  } else {
    it->get_to(value);
  }
}

}  // namespace

void check(const TrainOptions& o, bool whole) {
  at_least("epochs", o.epochs, 0);
  at_least("batch", o.batch, 1);
  at_least("steps", o.steps, whole ? 0 : 1);
  at_least("stride", o.stride, 0);
  if (o.steps > 0 && o.steps % o.k1() != 0) {
    throw SpecError(
        fmt::format("stride {} does not divide steps {}: a window must hold a whole number of strides",
                    o.stride, o.steps));
  }
  check(o.optimizer);
  check(o.schedule);
  non_negative("learning rate", o.learning_rate);
  non_negative("clip_norm", o.clip_norm);
  non_negative("clip_value", o.clip_value);
  for (const GroupSpec& group : o.groups) check(group);
  non_negative("gradient_noise", o.gradient_noise);
  non_negative("max_norm", o.max_norm);
  at_least("patience", o.patience, std::int64_t{0});
  at_least("evaluate_every", o.evaluate_every, std::int64_t{0});
  at_least("save_every", o.save_every, std::int64_t{0});
}

void to_json(nlohmann::json& json, const TrainOptions& o) {
  json = {{"epochs", o.epochs},
          {"batch", o.batch},
          {"steps", o.steps},
          {"stride", o.k1()},
          {"optimizer", o.optimizer},
          {"learning_rate", o.learning_rate},
          {"schedule", o.schedule},
          {"clip_norm", o.clip_norm},
          {"clip_value", o.clip_value},
          {"groups", o.groups},
          {"gradient_noise", o.gradient_noise},
          {"max_norm", o.max_norm},
          {"seed", o.seed},
          {"patience", o.patience},
          {"evaluate_every", o.evaluate_every},
          {"save_every", o.save_every}};
}

void from_json(const nlohmann::json& json, TrainOptions& o) {
  if (!json.is_object()) throw FormatError("training options: not an object");
  o = TrainOptions();
  try {
    read(json, "epochs", o.epochs);
    read(json, "batch", o.batch);
    read(json, "steps", o.steps);
    read(json, "stride", o.stride);
    read(json, "optimizer", o.optimizer);
    read(json, "learning_rate", o.learning_rate);
    read(json, "schedule", o.schedule);
    read(json, "clip_norm", o.clip_norm);
    read(json, "clip_value", o.clip_value);
    read(json, "groups", o.groups);
    read(json, "gradient_noise", o.gradient_noise);
    read(json, "max_norm", o.max_norm);
    read(json, "seed", o.seed);
    read(json, "patience", o.patience);
    read(json, "evaluate_every", o.evaluate_every);
    read(json, "save_every", o.save_every);
    check(o);
  } catch (const nlohmann::json::exception& e) {
    throw FormatError(fmt::format("training options: {}", e.what()));
  } catch (const SpecError& e) {
    throw FormatError(fmt::format("training options: {}", e.what()));
  }
}

}  // namespace cellwright
