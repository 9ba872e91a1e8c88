// schedule.cpp: see schedule.h.
#include "optim/schedule.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

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

// From `from` to `to` along half a cosine, `part` of the way.
double along_cosine(double from, double to, double part) {
  return to + (from - to) * 0.5 * (1 + std::cos(kPi * std::clamp(part, 0.0, 1.0)));
}

// The peak stands one update before the part `rise` is done, as in PyTorch, which counts updates from 0.
double one_cycle(const ScheduleSpec& spec, const Progress& progress) {
  const double total = static_cast<double>(progress.total), update = static_cast<double>(progress.update);
  const double peak = spec.rise * total - 1, last = total - 1;
  if (update <= peak) return along_cosine(spec.start, 1, peak > 0 ? update / peak : 1);
  const double from = std::max(peak, 0.0);
  return along_cosine(1, spec.floor, last > from ? (update - from) / (last - from) : 1);
}

double factor(const ScheduleSpec& spec, const Progress& progress) {
  if (spec.kind == "exponential") return std::pow(spec.decay, epochs_past(spec.after, progress.epoch));
  if (spec.kind == "zaremba") return std::pow(spec.decay, -epochs_past(spec.after, progress.epoch));
  if (spec.kind == "step") {
    const double done = std::floor(progress.epoch + 1e-9);
    return std::pow(spec.decay, std::floor(done / static_cast<double>(spec.every)));
  }
  if (spec.kind == "plateau") return progress.plateau;
  if (spec.kind == "one-cycle") return one_cycle(spec, progress);
  if (spec.kind == "cosine") {
    const double length = static_cast<double>(progress.total - spec.warmup);
    const double done = static_cast<double>(progress.update - spec.warmup);
    return along_cosine(1, spec.floor, length > 0 ? done / length : 1);
  }
  return 1;
}

}  // namespace

const std::vector<std::string>& schedule_kinds() {
  static const std::vector<std::string> kinds = {"constant", "exponential", "zaremba",  "step",
                                                 "plateau",  "cosine",      "one-cycle"};
  return kinds;
}

ScheduleSpec schedule_defaults(const std::string& kind) {
  ScheduleSpec spec;
  spec.kind = kind;
  if (kind == "zaremba") {
    spec.decay = 2;
    spec.after = 4;
  }
  if (kind == "step" || kind == "plateau") spec.decay = 0.5;
  if (kind == "one-cycle") spec.floor = 4e-6;
  check(spec);
  return spec;
}

bool needs_total(const ScheduleSpec& spec) { return spec.kind == "cosine" || spec.kind == "one-cycle"; }

void check(const ScheduleSpec& spec) {
  const auto refuse = [](const char* name, double value, const char* range) {
    throw SpecError(fmt::format("the schedule's {} is {}; it must be {}", name, value, range));
  };
  const auto& kinds = schedule_kinds();
  if (std::find(kinds.begin(), kinds.end(), spec.kind) == kinds.end())
    throw SpecError(fmt::format("'{}' is no schedule; use one of {}", spec.kind, fmt::join(kinds, ", ")));
  const bool factor = spec.kind == "exponential" || spec.kind == "step" || spec.kind == "plateau";
  if (factor && !(spec.decay > 0 && spec.decay <= 1)) refuse("decay", spec.decay, "above 0 and at most 1");
  if (spec.kind == "zaremba" && !(spec.decay >= 1 && spec.decay < 1e30))
    refuse("decay", spec.decay, "a divisor of at least 1");
  if (!(spec.after >= 0 && spec.after < 1e30)) refuse("after", spec.after, "at least 0");
  if (spec.every < 1) refuse("every", static_cast<double>(spec.every), "at least 1");
  if (spec.wait < 1) refuse("wait", static_cast<double>(spec.wait), "at least 1");
  if (!(spec.rise > 0 && spec.rise < 1)) refuse("rise", spec.rise, "above 0 and below 1");
  if (!(spec.start >= 0 && spec.start <= 1)) refuse("start", spec.start, "at least 0 and at most 1");
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

void Plateau::observe(const ScheduleSpec& spec, double loss) {
  constexpr double kLeastPart = 1e-4;
  if (spec.kind != "plateau") return;
  if (loss < best - kLeastPart * std::fabs(best) || (std::isinf(best) && std::isfinite(loss))) {
    best = loss;
    since_best = 0;
  } else if (++since_best >= spec.wait) {
    factor = std::max(factor * spec.decay, spec.floor);
    since_best = 0;
  }
}

void to_json(nlohmann::json& json, const Plateau& plateau) {
  json = {{"factor", plateau.factor}, {"since_best", plateau.since_best}, {"best", nullptr}};
  if (std::isfinite(plateau.best)) json["best"] = plateau.best;
}

void from_json(const nlohmann::json& json, Plateau& plateau) {
  Plateau read;
  const JsonFields fields(json, "plateau");
  fields.get("factor", read.factor);
  fields.get("since_best", read.since_best);
  const auto best = json.find("best");
  if (best != json.end() && !best->is_null()) fields.get("best", read.best);
  plateau = read;
}

void to_json(nlohmann::json& json, const ScheduleSpec& spec) {
  json = {{"kind", spec.kind},   {"decay", spec.decay}, {"after", spec.after},
          {"every", spec.every}, {"wait", spec.wait},   {"rise", spec.rise},
          {"start", spec.start}, {"floor", spec.floor}, {"warmup", spec.warmup}};
}

void from_json(const nlohmann::json& json, ScheduleSpec& spec) {
  const JsonFields fields(json, "schedule");
  std::string kind = ScheduleSpec().kind;
  fields.get("kind", kind);
  ScheduleSpec read = schedule_defaults(kind);
  fields.get("decay", read.decay);
  fields.get("after", read.after);
  fields.get("every", read.every);
  fields.get("wait", read.wait);
  fields.get("rise", read.rise);
  fields.get("start", read.start);
  fields.get("floor", read.floor);
  fields.get("warmup", read.warmup);
  check(read);
  spec = read;
}

}  // namespace cellwright
