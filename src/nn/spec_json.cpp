// spec_json.cpp: see spec_json.h; what comes from a file is not trusted.
#include "nn/spec_json.h"

#include <fmt/format.h>

#include <cmath>

#include "cellwright/error.h"

namespace cellwright::spec_json {
namespace {

constexpr std::size_t kMaxLayers = 256;
constexpr std::size_t kMaxText = std::size_t{1} << 20;
constexpr std::size_t kMaxNumbers = 65536;

}  // namespace

void fail(const std::string& where, const std::string& what) {
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

double number_or(const Json& object, const std::string& where, const char* key, double low, double high,
                 double otherwise) {
  const auto it = object.find(key);
  if (it == object.end()) return otherwise;
  const double x = number(*it, where + "." + key);
  if (x < low || x > high) fail(where + "." + key, fmt::format("is {}, not from {} to {}", x, low, high));
  return x;
}

bool flag_or(const Json& object, const std::string& where, const char* key, bool otherwise) {
  const auto it = object.find(key);
  if (it == object.end()) return otherwise;
  if (!it->is_boolean()) fail(where + "." + key, "is neither true nor false");
  return it->get<bool>();
}

namespace {

constexpr const char* kDirections[] = {"forward", "reverse", "both"};

LayerSpec::Direction direction_from(const Json& object, const std::string& where) {
  const auto it = object.find("direction");
  if (it == object.end()) return LayerSpec::Direction::forward;
  const std::string name = text(*it, where + ".direction");
  for (int i = 0; i < 3; ++i) {
    if (name == kDirections[i]) return static_cast<LayerSpec::Direction>(i);
  }
  fail(where + ".direction", "is none of forward, reverse, both");
}

Json regularisation_json(const Regularisation& r) {
  Json j = Json::object();
  const auto put = [&](const char* key, double x) {
    if (x != 0) j[key] = x;
  };
  put("input_dropout", r.input_dropout);
  put("output_dropout", r.output_dropout);
  if (r.variational) j["variational"] = true;
  put("recurrent_dropout", r.recurrent_dropout);
  put("weight_drop", r.weight_drop);
  if (!r.zoneout.empty()) j["zoneout"] = r.zoneout;
  put("activation_penalty", r.activation_penalty);
  put("temporal_penalty", r.temporal_penalty);
  return j;
}

Regularisation regularisation_from(const Json& layer, const std::string& outer) {
  Regularisation r;
  const auto it = layer.find("regularisation");
  if (it == layer.end()) return r;
  const std::string where = outer + ".regularisation";
  if (!it->is_object()) fail(where, "is not an object");
  constexpr double kMostDropped = 0.999, kMostPenalty = 1e6;
  r.input_dropout = number_or(*it, where, "input_dropout", 0, kMostDropped, 0);
  r.output_dropout = number_or(*it, where, "output_dropout", 0, kMostDropped, 0);
  r.variational = flag_or(*it, where, "variational", false);
  r.recurrent_dropout = number_or(*it, where, "recurrent_dropout", 0, kMostDropped, 0);
  r.weight_drop = number_or(*it, where, "weight_drop", 0, kMostDropped, 0);
  r.activation_penalty = number_or(*it, where, "activation_penalty", 0, kMostPenalty, 0);
  r.temporal_penalty = number_or(*it, where, "temporal_penalty", 0, kMostPenalty, 0);
  const auto zones = it->find("zoneout");
  if (zones == it->end()) return r;
  if (!zones->is_object() || zones->size() > kMaxNumbers)
    fail(where + ".zoneout", "is not a reasonable object");
  for (const auto& item : zones->items())
    r.zoneout[item.key()] = number_or(*zones, where + ".zoneout", item.key().c_str(), 0, kMostDropped, 0);
  return r;
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
  layer.direction = direction_from(j, where);
  layer.residual = flag_or(j, where, "residual", false);
  layer.regularisation = regularisation_from(j, where);
  return layer;
}

}  // namespace

Json layers_to_json(const std::vector<LayerSpec>& layers) {
  Json list = Json::array();
  for (const LayerSpec& layer : layers) {
    Json l;
    l["file"] = layer.cell_file;
    l["units"] = layer.units;
    l["sizes"] = Json::object();
    for (const auto& [name, size] : layer.sizes) l["sizes"][name] = size;
    l["options"] = Json::object();
    for (const auto& [name, values] : layer.options) l["options"][name] = values;
    if (layer.direction != LayerSpec::Direction::forward)
      l["direction"] = kDirections[static_cast<int>(layer.direction)];
    if (layer.residual) l["residual"] = true;
    if (layer.regularisation != Regularisation{})
      l["regularisation"] = regularisation_json(layer.regularisation);
    l["cell"] = layer.cell_text;
    list.push_back(std::move(l));
  }
  return list;
}

std::vector<LayerSpec> layers_from_json(const Json& top) {
  const Json& layers = field(top, "the top", "layers");
  if (!layers.is_array()) fail("layers", "is not a list");
  if (layers.empty() || layers.size() > kMaxLayers) {
    fail("layers", fmt::format("has {} entries, not from 1 to {}", layers.size(), kMaxLayers));
  }
  std::vector<LayerSpec> result;
  for (std::size_t i = 0; i < layers.size(); ++i)
    result.push_back(layer_from(layers[i], fmt::format("layers[{}]", i)));
  return result;
}

}  // namespace cellwright::spec_json
