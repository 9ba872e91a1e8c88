// spec_json.h: what specifications have in common as JSON: fields that are not trusted, and the list of
// layers. Inner header of the room. Errors are FormatErrors that begin with "model specification:".
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "nn/spec.h"

namespace cellwright::spec_json {

using Json = nlohmann::ordered_json;

// Far above any model that can be trained on a CPU, and low enough that no product of two of them overflows
// 64 bits.
inline constexpr std::int64_t kMaxSize = std::int64_t{1} << 20;
inline constexpr std::int64_t kMaxClasses = std::int64_t{1} << 24;

[[noreturn]] void fail(const std::string& where, const std::string& what);

const Json& field(const Json& object, const std::string& where, const char* key);
std::int64_t integer(const Json& value, const std::string& where, std::int64_t low, std::int64_t high);
double number(const Json& value, const std::string& where);
std::string text(const Json& value, const std::string& where);

/// Absent: `otherwise`, as files of earlier versions have it.
double number_or(const Json& object, const std::string& where, const char* key, double low, double high,
                 double otherwise);
bool flag_or(const Json& object, const std::string& where, const char* key, bool otherwise);

Json layers_to_json(const std::vector<LayerSpec>& layers);
std::vector<LayerSpec> layers_from_json(const Json& top);  ///< of its "layers"

}  // namespace cellwright::spec_json
