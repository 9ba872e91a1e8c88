// trace_file.cpp: start at write_trace().
#include "explain/trace_file.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "cellwright/error.h"
#include "interop/safetensors.h"

namespace cellwright {
namespace {

bool ends_in(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

std::string json_text(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

const float* row(const TracedLine<float>& line, int step) {
  return line.values.data() + static_cast<std::size_t>(step) * static_cast<std::size_t>(line.size);
}

SafetensorsFile as_tensors(const Trace<float>& trace, const TracedText& text) {
  SafetensorsFile file;
  file.metadata["pieces"] = json_text(nlohmann::ordered_json(text.pieces));
  for (const TracedLine<float>& line : trace.lines)
    file.tensors.push_back(Tensor::of(line.name, {trace.steps, line.size}, line.values));
  file.tensors.push_back(Tensor::of("tokens", {trace.steps}, text.tokens));
  return file;
}

std::string as_json(const Trace<float>& trace, const TracedText& text) {
  nlohmann::ordered_json lines = nlohmann::ordered_json::object();
  for (const TracedLine<float>& line : trace.lines) {
    nlohmann::ordered_json rows = nlohmann::ordered_json::array();
    for (int t = 0; t < trace.steps; ++t)
      rows.push_back(std::vector<float>(row(line, t), row(line, t) + line.size));
    lines[line.name] = std::move(rows);
  }
  return json_text({{"tokens", text.tokens}, {"pieces", text.pieces}, {"lines", std::move(lines)}}) + "\n";
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

std::string as_csv(const Trace<float>& trace, const TracedText& text) {
  std::string out = "step,token,piece";
  for (const TracedLine<float>& line : trace.lines) {
    for (int k = 0; k < line.size; ++k) out += "," + quoted(fmt::format("{}[{}]", line.name, k));
  }
  out += "\n";
  for (int t = 0; t < trace.steps; ++t) {
    const auto i = static_cast<std::size_t>(t);
    out += fmt::format("{},{},{}", t, text.tokens[i], quoted(text.pieces[i]));
    for (const TracedLine<float>& line : trace.lines) {
      for (int k = 0; k < line.size; ++k) out += fmt::format(",{:.9g}", row(line, t)[k]);
    }
    out += "\n";
  }
  return out;
}

}  // namespace

void write_trace(const std::string& path, const Trace<float>& trace, const TracedText& text) {
  if (trace.lanes != 1)
    throw SpecError(fmt::format("a trace of {} lanes is no file; write one lane", trace.lanes));
  if (ends_in(path, ".safetensors")) {
    write_safetensors(path, as_tensors(trace, text));
  } else if (ends_in(path, ".json")) {
    write_file_atomically(path, as_json(trace, text));
  } else if (ends_in(path, ".csv")) {
    write_file_atomically(path, as_csv(trace, text));
  } else {
    throw SpecError(fmt::format(
        "'{}': a trace is written as .safetensors, .json or .csv; give one of these endings", path));
  }
}

}  // namespace cellwright
