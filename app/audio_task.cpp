#include "audio_task.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "base/json_whole.h"
#include "cellwright/error.h"

namespace cellwright::app {

AudioTask audio_task_of(const SavedSequenceModel& saved, const std::string& path) {
  AudioTask task;
  try {
    task.rate = whole<int>(saved.task.at("rate"));
    saved.task.at("knobs").get_to(task.knobs);
  } catch (const nlohmann::json::exception& e) {
    throw FormatError(fmt::format("{}: task: {}", path, e.what()));
  }
  if (task.rate < 1 || static_cast<int>(task.knobs.size()) + 1 != saved.spec.inputs ||
      saved.spec.loss.kind != "esr" || saved.spec.reading != Reading::each)
    throw FormatError(fmt::format("{}: its task does not fit its model", path));
  return task;
}

Knobs parse_knobs(const std::string& text, const std::string& option) {
  Knobs knobs;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string one = text.substr(at, end - at);
    const std::size_t equals = one.find('=');
    char* stop = nullptr;
    const double value = equals == std::string::npos ? 0 : std::strtod(one.c_str() + equals + 1, &stop);
    if (equals == std::string::npos || equals == 0 || equals + 1 == one.size() || *stop != '\0' ||
        !std::isfinite(value))
      throw SpecError(fmt::format("{} wants NAME=NUMBER,…, found '{}'", option, one));
    const std::string name = one.substr(0, equals);
    for (const auto& knob : knobs) {
      if (knob.first == name) throw SpecError(fmt::format("{}: the knob '{}' is set twice", option, name));
    }
    knobs.emplace_back(name, value);
    at = end + 1;
  }
  return knobs;
}

std::vector<double> knob_values(const Knobs& given, const std::vector<std::string>& names,
                                const std::string& option) {
  std::vector<double> values;
  for (const std::string& name : names) {
    const auto found =
        std::find_if(given.begin(), given.end(), [&](const auto& k) { return k.first == name; });
    if (found == given.end())
      throw SpecError(fmt::format("{}: the knob '{}' is not set; its knobs are {}", option, name,
                                  fmt::join(names, ", ")));
    values.push_back(found->second);
  }
  for (const auto& knob : given) {
    if (std::find(names.begin(), names.end(), knob.first) == names.end())
      throw SpecError(fmt::format("{}: there is no knob '{}'{}", option, knob.first,
                                  names.empty() ? "; the model has none"
                                                : fmt::format("; its knobs are {}", fmt::join(names, ", "))));
  }
  return values;
}

}  // namespace cellwright::app
