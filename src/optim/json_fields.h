// json_fields.h: optional fields of a JSON object, with our errors in place of the JSON library's.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "cellwright/error.h"

namespace cellwright {

class JsonFields {
 public:
  /// `owner` is for messages: "optimizer". FormatError unless an object.
  JsonFields(const nlohmann::json& json, const char* owner) : json_(json), owner_(owner) {
    if (!json.is_object())
      throw FormatError(fmt::format("{}: expected a JSON object, found {}", owner, json.type_name()));
  }

  // An absent field leaves `value` as it is.
  void get(const char* key, std::string& value) const {
    if (const auto* field = find(key, "a string", [](const auto& j) { return j.is_string(); }))
      value = *field;
  }
  void get(const char* key, double& value) const {
    if (const auto* field = find(key, "a number", [](const auto& j) { return j.is_number(); }))
      value = *field;
  }
  /// Exactly an integer of at most 2^53, in whatever form the number is written.
  void get(const char* key, std::int64_t& value) const {
    const auto whole = [](const auto& j) {
      if (!j.is_number()) return false;
      const double number = j.template get<double>();
      return number == std::floor(number) && std::fabs(number) <= 0x1p53;
    };
    if (const auto* field = find(key, "an integer", whole))
      value = static_cast<std::int64_t>(field->get<double>());
  }

 private:
  template <class Fits>
  const nlohmann::json* find(const char* key, const char* expected, Fits fits) const {
    const auto found = json_.find(key);
    if (found == json_.end()) return nullptr;
    if (!fits(*found)) {
      throw FormatError(
          fmt::format("{}: field '{}' should be {}, found {}", owner_, key, expected, found->type_name()));
    }
    return &*found;
  }

  const nlohmann::json& json_;
  const char* owner_;
};

}  // namespace cellwright
