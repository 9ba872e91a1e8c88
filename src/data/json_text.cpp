// json_text.cpp: see json_text.h.
#include "data/json_text.h"

#include <fmt/format.h>

#include "cellwright/error.h"

namespace cellwright {
namespace {

/// The parser's message without its own tag and without the line where there is but one.
std::string reason_of(std::string_view message) {
  if (const std::size_t tag = message.find("] "); tag != std::string_view::npos)
    message.remove_prefix(tag + 2);
  for (const std::string_view prefix : {"parse error at ", "line 1, "}) {
    if (message.substr(0, prefix.size()) == prefix) message.remove_prefix(prefix.size());
  }
  return std::string(message.substr(0, 200));
}

}  // namespace

nlohmann::json parse_json(std::string_view text, const std::string& where) {
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::exception& e) {
    throw FormatError(fmt::format("{}: this is no JSON: {}", where, reason_of(e.what())));
  }
}

nlohmann::json parse_json_object(std::string_view text, const std::string& where) {
  nlohmann::json json = parse_json(text, where);
  if (!json.is_object()) throw FormatError(fmt::format("{}: this is no JSON object", where));
  return json;
}

}  // namespace cellwright
