// schedule.cpp: see schedule.h.
#include "optim/schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cellwright/error.h"
#include "optim/json_fields.h"

namespace cellwright {
namespace {

constexpr double kPi = 3.141592653589793;

double epochs_past(double after, double epoch) {
  const double running = std::floor(epoch + 1e-9) + 1;
  return std::max(0.0, running - after);
}

double factor(const ScheduleSpec& spec, const Progress& progress) {
  if (spec.kind == "exponential") return std::pow(spec.decay, epochs_past(spec.after, progress.epoch));
  if (spec.kind == "zaremba") return std::pow(spec.decay, -epochs_past(spec.after, progress.epoch));
  if (spec.kind == "cosine") {
    const double length = static_cast<double>(progress.total - spec.warmup);
    const double done = static_cast<double>(progress.update - spec.warmup);
    const double part = length > 0 ? std::clamp(done / length, 0.0, 1.0) : 1.0;
    return spec.floor + (1 - spec.floor) * 0.5 * (1 + std::cos(kPi * part));
  }
  return 1;
}

}  // namespace

void check(const ScheduleSpec& spec) {
  const auto refuse = [](const char* name, double value, const char* range) {
    throw SpecError(fmt::format("the schedule's {} is {}; it must be {}", name, value, range));
  };
  const bool exponential = spec.kind == "exponential", zaremba = spec.kind == "zaremba";
  if (!exponential && !zaremba && spec.kind != "constant" && spec.kind != "cosine") {
    throw SpecError(
        fmt::format("'{}' is no schedule; use constant, exponential, cosine or zaremba", spec.kind));
  }
  if (exponential && !(spec.decay > 0 && spec.decay <= 1))
    refuse("decay", spec.decay, "above 0 and at most 1");
  if (zaremba && !(spec.decay >= 1 && spec.decay < 1e30))
    refuse("decay", spec.decay, "a divisor of at least 1");
  if (!(spec.after >= 0 && spec.after < 1e30)) refuse("after", spec.after, "at least 0");
  if (!(spec.floor >= 0 && spec.floor <= 1)) refuse("floor", spec.floor, "at least 0 and at most 1");
  if (spec.warmup < 0) refuse("warmup", static_cast<double>(spec.warmup), "at least 0");
}

double learning_rate(const ScheduleSpec& spec, double base, const Progress& progress) {
  double rate = base * factor(spec, progress);
  if (progress.update < spec.warmup) {
    rate *= static_cast<double>(progress.update + 1) / static_cast<double>(spec.warmup);
  }
  return rate;
}

void to_json(nlohmann::json& json, const ScheduleSpec& spec) {
  json = {{"kind", spec.kind},
          {"decay", spec.decay},
          {"after", spec.after},
          {"floor", spec.floor},
          {"warmup", spec.warmup}};
}

void from_json(const nlohmann::json& json, ScheduleSpec& spec) {
  ScheduleSpec read;
  const JsonFields fields(json, "schedule");
  fields.get("kind", read.kind);
  fields.get("decay", read.decay);
  fields.get("after", read.after);
  fields.get("floor", read.floor);
  fields.get("warmup", read.warmup);
  check(read);
  spec = read;
}

}  // namespace cellwright
