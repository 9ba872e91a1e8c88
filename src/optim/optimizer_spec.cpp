// optimizer_spec.cpp: what a rule may be asked for, and its form in a model file.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cellwright/error.h"
#include "optim/json_fields.h"
#include "optim/optimizer.h"

namespace cellwright {

const std::vector<std::string>& optimizer_kinds() {
  static const std::vector<std::string> kinds = {"sgd",     "nesterov", "asgd", "nt-asgd", "rmsprop",
                                                 "adagrad", "adadelta", "adam", "adamw",   "nadam"};
  return kinds;
}

OptimizerSpec optimizer_defaults(const std::string& kind) {
  OptimizerSpec spec;
  spec.kind = kind;
  if (kind == "nesterov") spec.momentum = 0.9;
  if (kind == "adagrad") spec.epsilon = 1e-10;
  if (kind == "adadelta") {
    spec.alpha = 0.9;
    spec.epsilon = 1e-6;
  }
  check(spec);
  return spec;
}

void check(const OptimizerSpec& spec) {
  const std::string& kind = spec.kind;
  const auto& kinds = optimizer_kinds();
  if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end())
    throw SpecError(fmt::format("'{}' is no optimizer; use one of {}", kind, fmt::join(kinds, ", ")));
  const auto refuse = [](const char* name, const auto& value, const std::string& range) {
    throw SpecError(fmt::format("the optimizer's {} is {}; it must be {}", name, value, range));
  };
  const auto below_one = [&](const char* name, double value) {
    if (!(value >= 0 && value < 1)) refuse(name, value, "at least 0 and below 1");
  };
  const auto not_negative = [&](const char* name, double value) {
    if (!(value >= 0 && value < 1e30)) refuse(name, value, "at least 0");
  };
  below_one("momentum", spec.momentum);
  below_one("alpha", spec.alpha);
  below_one("beta1", spec.beta1);
  below_one("beta2", spec.beta2);
  below_one("ema", spec.ema);
  not_negative("epsilon", spec.epsilon);
  not_negative("momentum_decay", spec.momentum_decay);
  not_negative("weight_decay", spec.weight_decay);
  if (spec.t0 < 0) refuse("t0", spec.t0, "at least 0");
  if (spec.nonmonotone < 1) refuse("nonmonotone", spec.nonmonotone, "at least 1");
  if (kind == "nesterov" && spec.momentum == 0)
    refuse("momentum", spec.momentum, "above 0 with nesterov; 0.9 is usual");
  // Without it a number that never had a gradient would become 0/0.
  if ((kind == "adagrad" || kind == "adadelta" || kind == "nadam") && !(spec.epsilon > 1e-30))
    refuse("epsilon", spec.epsilon, "above 0 with " + kind);
  if (spec.ema > 0 && (kind == "asgd" || kind == "nt-asgd"))
    refuse("ema", spec.ema, "0 with " + kind + ", which has an average of its own");
}

void to_json(nlohmann::json& json, const OptimizerSpec& spec) {
  json = {{"kind", spec.kind},
          {"momentum", spec.momentum},
          {"alpha", spec.alpha},
          {"beta1", spec.beta1},
          {"beta2", spec.beta2},
          {"epsilon", spec.epsilon},
          {"momentum_decay", spec.momentum_decay},
          {"weight_decay", spec.weight_decay},
          {"t0", spec.t0},
          {"nonmonotone", spec.nonmonotone},
          {"ema", spec.ema}};
}

void from_json(const nlohmann::json& json, OptimizerSpec& spec) {
  const JsonFields fields(json, "optimizer");
  std::string kind = OptimizerSpec().kind;
  fields.get("kind", kind);
  OptimizerSpec read = optimizer_defaults(kind);
  fields.get("momentum", read.momentum);
  fields.get("alpha", read.alpha);
  fields.get("beta1", read.beta1);
  fields.get("beta2", read.beta2);
  fields.get("epsilon", read.epsilon);
  fields.get("momentum_decay", read.momentum_decay);
  fields.get("weight_decay", read.weight_decay);
  fields.get("t0", read.t0);
  fields.get("nonmonotone", read.nonmonotone);
  fields.get("ema", read.ema);
  check(read);
  spec = read;
}

}  // namespace cellwright
