// record.cpp: see record.h.
#include "lab/record.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/json_depth.h"
#include "base/json_whole.h"
#include "cellwright/error.h"

namespace cellwright::lab {
namespace {

using Json = nlohmann::ordered_json;

Json options_to_json(const TrainingOptions& o) {
  return {{"layers", o.layers},
          {"embedding", o.embedding},
          {"batch", o.lanes},
          {"updates", o.updates},
          {"check_every", o.check_every},
          {"check_samples", o.check_samples},
          {"test_samples", o.test_samples},
          {"clip", o.clip_norm},
          {"enough", o.enough},
          {"data_seed", o.seed}};
}

/// The lists of a run's figures, one number a point.
std::vector<std::pair<const char*, double PointScore::*>> lists_of(const Task& task) {
  std::vector<std::pair<const char*, double PointScore::*>> lists = {
      {"accuracy", &PointScore::accuracy}, {"answers", &PointScore::answers}, {"whole", &PointScore::whole}};
  if (!task.error_name().empty()) lists.emplace_back("error", &PointScore::error);
  return lists;
}

Json result_to_json(const Task& task, const TrainingResult& r) {
  Json json = {{"cell", r.cell},       {"cell_hash", r.cell_hash},
               {"units", r.units},     {"parameters", r.parameters},
               {"rate", r.rate},       {"seed", r.seed},
               {"updates", r.updates}, {"best_update", r.best_update},
               {"solved", r.solved},   {"diverged", r.diverged},
               {"check", r.check}};
  for (const auto& [name, figure] : lists_of(task)) {
    Json& list = json[name] = Json::array();
    for (const PointScore& p : r.points) list.push_back(p.*figure);
  }
  json["inside"] = r.inside;
  return json;
}

TrainingResult result_from_json(const Task& task, const Json& j) {
  TrainingResult r;
  r.cell = j.at("cell").get<std::string>();
  r.cell_hash = j.at("cell_hash").get<std::string>();
  r.units = whole<int>(j.at("units"));
  r.parameters = whole<std::int64_t>(j.at("parameters"));
  r.rate = j.at("rate").get<double>();
  r.seed = whole<std::uint64_t>(j.at("seed"));
  r.updates = whole<int>(j.at("updates"));
  r.best_update = whole<int>(j.at("best_update"));
  r.solved = j.at("solved").get<bool>();
  r.diverged = j.at("diverged").get<bool>();
  r.check = j.at("check").get<double>();
  r.inside = j.at("inside");
  r.points.resize(task.points().size());
  for (const auto& [name, figure] : lists_of(task)) {
    const auto list = j.at(name).get<std::vector<double>>();
    if (list.size() != r.points.size())
      throw FormatError(fmt::format("'{}' should have {} numbers", name, r.points.size()));
    for (std::size_t i = 0; i < list.size(); ++i) r.points[i].*figure = list[i];
  }
  return r;
}

Json points_to_json(const Task& task) {
  Json points = Json::array();
  for (const Point& p : task.points())
    points.push_back({{"length", p.length},
                      {"variant", p.variant},
                      {"label", p.label},
                      {"beyond", p.beyond},
                      {"chance", task.chance(p)}});
  return points;
}

Json spreads_to_json(const std::vector<Summary::Spread>& spreads) {
  Json all = Json::array();
  for (const auto& s : spreads) all.push_back({{"mean", s.mean}, {"low", s.low}, {"high", s.high}});
  return all;
}

/// The first entry in which two objects differ, for a message; "" where they are equal.
std::string difference(const Json& made, const Json& asked) {
  for (const auto& [key, value] : asked.items()) {
    if (!made.contains(key) || made[key] != value)
      return fmt::format("{} {}, asked for is {}", key, made.contains(key) ? made[key].dump() : "unknown",
                         value.dump());
  }
  return "";
}

}  // namespace

std::string study_to_json(const Task& task, const StudyOptions& options,
                          const std::vector<TrainingResult>& results) {
  Json all = {{"lab", task.name()},
              {"language", task.language()},
              {"options", options_to_json(options.training)},
              {"points", points_to_json(task)}};
  Json& runs = all["runs"] = Json::array();
  for (const TrainingResult& r : results) runs.push_back(result_to_json(task, r));
  Json& summary = all["summary"] = Json::array();
  for (const Summary& s : summarise(task, options, results)) {
    summary.push_back({{"cell", s.cell},
                       {"units", s.units},
                       {"parameters", s.parameters},
                       {"rate", s.rate},
                       {"seeds", s.runs.size()},
                       {"solved", s.solved},
                       {"accuracy", spreads_to_json(s.accuracy)}});
    if (!task.error_name().empty()) summary.back()["error"] = spreads_to_json(s.error);
  }
  return all.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::vector<TrainingResult> results_from_json(const std::string& text, const std::string& name,
                                              const Task& task, const StudyOptions& options) {
  std::vector<TrainingResult> results;
  Json all;
  try {
    if (json_deeper_than(text)) throw FormatError("it is nested too deeply");  // parts are copied and printed
    all = Json::parse(text);
    if (!all.is_object() || !all.contains("lab") || !all.contains("runs"))
      throw FormatError("it has no 'lab' and no 'runs'");
  } catch (const std::exception& error) {
    throw FormatError(fmt::format("{}: it is no file of results of the lab: {}", name, error.what()));
  }
  const Json asked_task = {
      {"lab", task.name()}, {"language", task.language()}, {"points", points_to_json(task)}};
  std::string other = difference(all, asked_task);
  if (other.empty() && all.contains("options") && all["options"].is_object())
    other = difference(all["options"], options_to_json(options.training));
  if (!other.empty())
    throw SpecError(
        fmt::format("{} holds results of {}; give another --out, or --force to begin anew", name, other));
  try {
    for (const Json& run : all["runs"]) results.push_back(result_from_json(task, run));
  } catch (const std::exception& error) {
    throw FormatError(fmt::format("{}: run {} cannot be read: {}", name, results.size() + 1, error.what()));
  }
  return results;
}

}  // namespace cellwright::lab
