// early_stop.cpp: see early_stop.h.
#include "optim/early_stop.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "optim/json_fields.h"

namespace cellwright {

bool EarlyStop::observe(double loss) {
  if (loss < best - least) {
    best = loss;
    since_best = 0;
    return true;
  }
  ++since_best;
  return false;
}

void to_json(nlohmann::json& json, const EarlyStop& stop) {
  json = {
      {"patience", stop.patience}, {"least", stop.least}, {"since_best", stop.since_best}, {"best", nullptr}};
  if (std::isfinite(stop.best)) json["best"] = stop.best;
}

void from_json(const nlohmann::json& json, EarlyStop& stop) {
  EarlyStop read;
  const JsonFields fields(json, "early stop");
  fields.get("patience", read.patience);
  fields.get("least", read.least);
  fields.get("since_best", read.since_best);
  const auto best = json.find("best");
  if (best != json.end() && !best->is_null()) fields.get("best", read.best);
  stop = read;
}

}  // namespace cellwright
