// doctor_log.cpp: a training seen from its log alone. Start at examine_log() at the end.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cellwright/error.h"
#include "explain/doctor.h"

namespace cellwright {
namespace {

using nlohmann::json;

struct Log {
  std::vector<double> norms, losses;
  std::vector<std::int64_t> updates;
  json gradients;  ///< the last record of them
  std::string error;
};

double number(const json& line, const char* key) {
  const auto found = line.find(key);
  return found != line.end() && found->is_number() ? found->get<double>() : std::nan("");
}

Log read(const std::string& text, const std::string& name) {
  Log log;
  int number_of_line = 0;
  bool any = false;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    ++number_of_line;
    if (line.empty()) continue;
    const json object = json::parse(line, nullptr, false);
    if (!object.is_object() || !object.contains("event") || !object["event"].is_string()) {
      if (end == text.size() && any) break;  // a training that was killed while it wrote
      throw FormatError(fmt::format(
          "{}:{}: this is no line of a training's log; the doctor reads what 'train text --log' writes", name,
          number_of_line));
    }
    any = true;
    const std::string event = object["event"].get<std::string>();
    if (event == "start") log = Log();  // the last training of the file
    if (event == "update") {
      log.norms.push_back(number(object, "gradient_norm"));
      log.losses.push_back(number(object, "loss"));
      const double update = number(object, "update");
      log.updates.push_back(
          std::isfinite(update) && std::fabs(update) < 9e15 ? static_cast<std::int64_t>(update) : -1);
    }
    if (event == "gradients") log.gradients = object;
    if (event == "end" && object.value("outcome", json()) == "error" &&
        object.value("message", json()).is_string())
      log.error = object["message"].get<std::string>();
  }
  if (!any) throw FormatError(fmt::format("{}: the log is empty", name));
  return log;
}

double median(std::vector<double> v) {
  std::nth_element(v.begin(), v.begin() + static_cast<std::ptrdiff_t>(v.size() / 2), v.end());
  return v[v.size() / 2];
}

void judge_course(const Log& log, Examination& e) {
  for (std::size_t i = 0; i < log.norms.size(); ++i) {
    if (std::isfinite(log.norms[i]) && std::isfinite(log.losses[i])) continue;
    Diagnosis d{Diagnosis::Kind::kNotFinite,
                fmt::format("at update {} the {} is not finite; look at the model before it with 'doctor "
                            "MODEL', lower --lr or set --clip",
                            log.updates[i], std::isfinite(log.losses[i]) ? "gradient" : "loss")};
    d.step = static_cast<int>(i);
    e.found.push_back(std::move(d));
    break;
  }
  std::vector<double> norms;
  for (double n : log.norms) {
    if (std::isfinite(n)) norms.push_back(n);
  }
  if (norms.size() >= 8) {
    const std::size_t quarter = norms.size() / 4;
    const double early = median({norms.begin(), norms.begin() + static_cast<std::ptrdiff_t>(quarter)}),
                 late = median({norms.end() - static_cast<std::ptrdiff_t>(quarter), norms.end()}),
                 all = median(norms);
    const double largest = *std::max_element(norms.begin(), norms.end());
    if (late >= 10 * early) {
      e.found.push_back(
          {Diagnosis::Kind::kExploding, fmt::format("the gradient's norm grew from {:.3g} to {:.3g} in the "
                                                    "course of training; lower --lr or set --clip",
                                                    early, late)});
    } else if (largest >= 20 * all) {
      e.found.push_back(
          {Diagnosis::Kind::kSpikes,
           fmt::format("the gradient's norm, {:.3g} as a rule, reached {:.3g}; set --clip", all, largest)});
    }
    if (late < 1e-3 * early || late < 1e-6)
      e.found.push_back(
          {Diagnosis::Kind::kVanishing, fmt::format("the gradient's norm fell from {:.3g} to {:.3g}: the "
                                                    "training has come to rest, or its units are saturated",
                                                    early, late)});
  }
}

void judge_gradients(const json& record, Examination& e) {
  const auto states = record.find("states");
  if (states == record.end() || !states->is_array()) return;
  for (const json& state : *states) {
    if (!state.is_object() || !state.value("total", json()).is_array()) continue;
    std::vector<double> norms;
    for (const json& v : state["total"]) norms.push_back(v.is_number() ? v.get<double>() : std::nan(""));
    const json name = state.value("name", json());
    Diagnosis d;
    if (judge_by_lag(name.is_string() ? name.get<std::string>() : "a state", norms, &d))
      e.found.push_back(std::move(d));
  }
}

}  // namespace

Examination examine_log(const std::string& text, const std::string& name) {
  const Log log = read(text, name);
  Examination e;
  if (!log.error.empty())
    e.found.push_back({Diagnosis::Kind::kDiverged, "the training ended by an error: " + log.error});
  judge_course(log, e);
  if (log.gradients.is_object()) judge_gradients(log.gradients, e);
  std::vector<double> late(log.norms.begin() + static_cast<std::ptrdiff_t>(log.norms.size() / 4),
                           log.norms.end());
  judge_norms(std::move(late), e);
  return e;
}

}  // namespace cellwright
