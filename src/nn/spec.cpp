// spec.cpp: a model's specification to JSON and back; what comes from a file is not trusted.
#include "nn/spec.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "cellwright/error.h"

namespace cellwright {
namespace {

using Json = nlohmann::ordered_json;

// Far above any model that can be trained on a CPU, and low enough that no product of two of them overflows
// 64 bits.
constexpr std::int64_t kMaxSize = std::int64_t{1} << 20;
constexpr std::int64_t kMaxClasses = std::int64_t{1} << 24;
constexpr std::size_t kMaxLayers = 256;
constexpr std::size_t kMaxText = std::size_t{1} << 20;
constexpr std::size_t kMaxNumbers = 65536;

[[noreturn]] void fail(const std::string& where, const std::string& what) {
  throw FormatError(fmt::format("model specification: {} {}", where, what));
}

const Json& field(const Json& object, const std::string& where, const char* key) {
  if (!object.is_object()) fail(where, "is not an object");
  const auto it = object.find(key);
  if (it == object.end()) fail(where, fmt::format("lacks '{}'", key));
  return *it;
}

std::int64_t integer(const Json& value, const std::string& where, std::int64_t low, std::int64_t high) {
  if (!value.is_number_integer()) fail(where, "is not a whole number");
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(high)) {
    fail(where, fmt::format("is {}, more than {}", value.get<std::uint64_t>(), high));
  }
  const auto n = value.get<std::int64_t>();
  if (n < low || n > high) fail(where, fmt::format("is {}, not from {} to {}", n, low, high));
  return n;
}

double number(const Json& value, const std::string& where) {
  if (!value.is_number()) fail(where, "is not a number");
  const auto x = value.get<double>();
  if (!std::isfinite(x)) fail(where, "is not finite");
  return x;
}

std::string text(const Json& value, const std::string& where) {
  if (!value.is_string()) fail(where, "is not a string");
  auto s = value.get<std::string>();
  if (s.size() > kMaxText) fail(where, fmt::format("has {} bytes, more than {}", s.size(), kMaxText));
  return s;
}

LayerSpec layer_from(const Json& j, const std::string& where) {
  LayerSpec layer;
  layer.cell_text = text(field(j, where, "cell"), where + ".cell");
  layer.cell_file = text(field(j, where, "file"), where + ".file");
  layer.units = static_cast<int>(integer(field(j, where, "units"), where + ".units", 1, kMaxSize));
  const Json& sizes = field(j, where, "sizes");
  if (!sizes.is_object() || sizes.size() > kMaxNumbers) fail(where + ".sizes", "is not a reasonable object");
  for (const auto& item : sizes.items()) {
    layer.sizes[item.key()] =
        static_cast<int>(integer(item.value(), where + ".sizes." + item.key(), 1, kMaxSize));
  }
  const Json& options = field(j, where, "options");
  if (!options.is_object() || options.size() > kMaxNumbers)
    fail(where + ".options", "is not a reasonable object");
  for (const auto& item : options.items()) {
    const std::string here = where + ".options." + item.key();
    if (!item.value().is_array() || item.value().size() > kMaxNumbers) fail(here, "is not a reasonable list");
    std::vector<double>& values = layer.options[item.key()];
    for (const Json& v : item.value()) values.push_back(number(v, here));
  }
  return layer;
}

}  // namespace

std::string to_json(const ModelSpec& spec) {
  Json j;
  j["classes"] = spec.classes;
  j["embedding"] = spec.embedding;
  j["init_uniform"] = spec.init_uniform;
  j["layers"] = Json::array();
  for (const LayerSpec& layer : spec.layers) {
    Json l;
    l["file"] = layer.cell_file;
    l["units"] = layer.units;
    l["sizes"] = Json::object();
    for (const auto& [name, size] : layer.sizes) l["sizes"][name] = size;
    l["options"] = Json::object();
    for (const auto& [name, values] : layer.options) l["options"][name] = values;
    l["cell"] = layer.cell_text;
    j["layers"].push_back(std::move(l));
  }
  return j.dump();
}

ModelSpec model_spec_from_json(const std::string& json) {
  const Json j = Json::parse(json, nullptr, false);
  if (j.is_discarded()) fail("the text", "is not JSON");
  ModelSpec spec;
  spec.classes = static_cast<int>(integer(field(j, "the top", "classes"), "classes", 1, kMaxClasses));
  spec.embedding = static_cast<int>(integer(field(j, "the top", "embedding"), "embedding", 0, kMaxSize));
  spec.init_uniform = number(field(j, "the top", "init_uniform"), "init_uniform");
  const Json& layers = field(j, "the top", "layers");
  if (!layers.is_array()) fail("layers", "is not a list");
  if (layers.empty() || layers.size() > kMaxLayers) {
    fail("layers", fmt::format("has {} entries, not from 1 to {}", layers.size(), kMaxLayers));
  }
  for (std::size_t i = 0; i < layers.size(); ++i)
    spec.layers.push_back(layer_from(layers[i], fmt::format("layers[{}]", i)));
  return spec;
}

}  // namespace cellwright
