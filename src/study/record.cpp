#include "study/record.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/json_depth.h"
#include "base/json_whole.h"
#include "base/rng.h"
#include "cellwright/error.h"

namespace cellwright::study {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormat = 1;
constexpr int kMostUnits = 1 << 20;  // as a model file's

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

double figure(const Json& value) {
  return value.is_null() ? std::numeric_limits<double>::infinity() : value.get<double>();
}

/// What must be the same to go on: all but the units, which are matched.
std::string hash_of(LayerSpec layer) {
  ModelSpec spec;
  spec.classes = 1;
  layer.units = 1;
  spec.layers.push_back(std::move(layer));
  return fmt::format("{:016x}", hash_name(to_json(spec)));
}

Json study_of(const StudyTask& task, const CompareOptions& options) {
  return {{"on", task.description()},
          {"match", match_word(options.match)},
          {"rates", {options.lowest_rate, options.highest_rate}},
          {"seed", options.seed}};
}

Json estimate_json(const Estimate& e) {
  if (e.count == 0) return nullptr;
  return {
      {"count", e.count}, {"mean", e.mean}, {"deviation", e.deviation}, {"half_width", number(e.half_width)}};
}

Json run_json(const StudyRun& run) {
  const TrialResult& r = run.result;
  return {{"candidate", run.candidate}, {"kind", run.final ? "final" : "trial"},
          {"index", run.index},         {"learning_rate", run.learning_rate},
          {"valid", number(r.valid)},   {"test", number(r.test)},
          {"updates", r.updates},       {"best_update", r.best_update},
          {"seconds", r.seconds},       {"diverged", r.diverged}};
}

StudyRun run_from(const Json& json) {
  StudyRun run;
  run.candidate = json.at("candidate").get<std::string>();
  run.final = json.at("kind").get<std::string>() == "final";
  run.index = whole<int>(json.at("index"));
  run.learning_rate = json.at("learning_rate").get<double>();
  run.result.valid = figure(json.at("valid"));
  run.result.test = figure(json.at("test"));
  run.result.updates = whole<std::int64_t>(json.at("updates"));
  run.result.best_update = whole<std::int64_t>(json.at("best_update"));
  run.result.seconds = json.at("seconds").get<double>();
  run.result.diverged = json.at("diverged").get<bool>();
  return run;
}

Json summary_json(const Summary& s) {
  return {{"candidate", s.candidate->name},
          {"units", s.candidate->layer.units},
          {"parameters", s.parameters},
          {"learning_rate", s.learning_rate},
          {"trials", s.trials},
          {"finals", s.finals},
          {"diverged", s.diverged},
          {"valid", estimate_json(s.valid)},
          {"test", estimate_json(s.test)},
          {"seconds", s.seconds},
          {"difference", estimate_json(s.against.difference)},
          {"p", s.against.p},
          {"adjusted_p", s.adjusted_p},
          {"verdict", verdict_word(s.verdict)}};
}

/// The first key whose value differs.
std::string difference(const Json& file, const Json& asked, const std::string& prefix = "") {
  for (const auto& [key, value] : asked.items()) {
    const std::string path = prefix + key;
    if (!file.contains(key)) return path + ", which the file lacks";
    if (file.at(key) == value) continue;
    if (value.is_object() && file.at(key).is_object()) return difference(file.at(key), value, path + ".");
    return fmt::format("{}: {} there, {} now", path, file.at(key).dump(), value.dump());
  }
  return "";
}

}  // namespace

std::string study_to_json(const StudyTask& task, const CompareOptions& options,
                          const std::vector<Candidate>& candidates, const std::vector<StudyRun>& runs) {
  Json json = {{"cellwright.study", kFormat}, {"study", study_of(task, options)}};
  json["trials"] = options.trials;
  json["seeds"] = options.seeds;
  json["confidence"] = options.confidence;
  json["metric"] = task.metric();
  json["candidates"] = Json::array();
  for (const Candidate& c : candidates) {
    json["candidates"].push_back({{"name", c.name},
                                  {"units", c.layer.units},
                                  {"parameters", task.parameters(c.layer)},
                                  {"hash", hash_of(c.layer)}});
  }
  json["runs"] = Json::array();
  for (const StudyRun& run : runs) json["runs"].push_back(run_json(run));
  json["summary"] = Json::array();
  for (const Summary& s : summarise(task, options, candidates, runs))
    json["summary"].push_back(summary_json(s));
  return json.dump(1) + "\n";
}

StudyRecord study_from_json(const std::string& text, const std::string& name, const StudyTask& task,
                            const CompareOptions& options, const std::vector<Candidate>& candidates) try {
  const bool deep = json_deeper_than(text);  // its parts are printed and compared
  const Json json = deep ? Json() : Json::parse(text);
  if (!json.is_object() || !json.contains("cellwright.study"))
    throw FormatError(name + ": this is no file of a comparison; give another --out");
  if (whole<int>(json.at("cellwright.study")) != kFormat) {
    throw FormatError(fmt::format("{}: a comparison in format {}, this program reads {}; give another --out",
                                  name, json.at("cellwright.study").dump(), kFormat));
  }
  const Json asked = Json::parse(study_of(task, options).dump());
  const std::string differs = difference(json.at("study"), asked);
  if (!differs.empty()) {
    throw SpecError(fmt::format(
        "{}: a comparison was begun there with other settings ({}); take those, or give another --out", name,
        differs));
  }
  StudyRecord record;
  const Json& there = json.at("candidates");
  for (std::size_t c = 0; c < there.size(); ++c) {
    const std::string known = there.at(c).at("name").get<std::string>();
    const bool same = c < candidates.size() && candidates[c].name == known &&
                      there.at(c).at("hash").get<std::string>() == hash_of(candidates[c].layer) &&
                      (c > 0 || whole<int>(there.at(c).at("units")) == candidates[c].layer.units);
    if (!same) {
      throw SpecError(
          fmt::format("{}: a comparison was begun there whose candidate {} is '{}', with equations, units or "
                      "options of its "
                      "own; name the same candidates first, or give another --out",
                      name, c + 1, known));
    }
    const int units = whole<int>(there.at(c).at("units"));
    if (units < 1 || units > kMostUnits)
      throw FormatError(fmt::format("{}: candidate '{}' has {} units", name, known, units));
    record.units.push_back(units);
  }
  for (const Json& one : json.at("runs")) record.runs.push_back(run_from(one));
  return record;
} catch (const nlohmann::json::exception& error) {
  throw FormatError(
      fmt::format("{}: this is no file of a comparison ({}); give another --out", name, error.what()));
}

}  // namespace cellwright::study
