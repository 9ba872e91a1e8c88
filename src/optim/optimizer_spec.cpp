// optimizer_spec.cpp: what a rule may be asked for, and its form in a model file.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cellwright/error.h"
#include "optim/json_fields.h"
#include "optim/optimizer.h"

namespace cellwright {

void check(const OptimizerSpec& spec) {
  if (spec.kind != "sgd" && spec.kind != "rmsprop" && spec.kind != "adam" && spec.kind != "adamw") {
    throw SpecError(fmt::format("'{}' is no optimizer; use sgd, rmsprop, adam or adamw", spec.kind));
  }
  const auto below_one = [](const char* name, double value) {
    if (!(value >= 0 && value < 1)) {
      throw SpecError(
          fmt::format("the optimizer's {} is {}; it must be at least 0 and below 1", name, value));
    }
  };
  const auto not_negative = [](const char* name, double value) {
    if (!(value >= 0 && value < 1e30)) {
      throw SpecError(fmt::format("the optimizer's {} is {}; it must be at least 0", name, value));
    }
  };
  below_one("momentum", spec.momentum);
  below_one("alpha", spec.alpha);
  below_one("beta1", spec.beta1);
  below_one("beta2", spec.beta2);
  not_negative("epsilon", spec.epsilon);
  not_negative("weight_decay", spec.weight_decay);
}

void to_json(nlohmann::json& json, const OptimizerSpec& spec) {
  json = {{"kind", spec.kind},
          {"momentum", spec.momentum},
          {"alpha", spec.alpha},
          {"beta1", spec.beta1},
          {"beta2", spec.beta2},
          {"epsilon", spec.epsilon},
          {"weight_decay", spec.weight_decay}};
}

void from_json(const nlohmann::json& json, OptimizerSpec& spec) {
  OptimizerSpec read;
  const JsonFields fields(json, "optimizer");
  fields.get("kind", read.kind);
  fields.get("momentum", read.momentum);
  fields.get("alpha", read.alpha);
  fields.get("beta1", read.beta1);
  fields.get("beta2", read.beta2);
  fields.get("epsilon", read.epsilon);
  fields.get("weight_decay", read.weight_decay);
  check(read);
  spec = read;
}

}  // namespace cellwright
