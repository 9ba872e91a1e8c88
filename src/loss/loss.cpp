// loss.cpp: the table of losses, their specification as JSON and its bounds.
#include "loss/loss.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "cellwright/error.h"
#include "loss/makers.h"

namespace cellwright {
namespace {

struct Row {
  const char* kind;
  LossMaker<float> make_float;
  LossMaker<double> make_double;
};

constexpr Row kLosses[] = {
    {"softmax", make_softmax_loss<float>, make_softmax_loss<double>},
    {"bernoulli", make_bernoulli_loss<float>, make_bernoulli_loss<double>},
    {"mse", make_squared_loss<float>, make_squared_loss<double>},
    {"mae", make_absolute_loss<float>, make_absolute_loss<double>},
    {"huber", make_huber_loss<float>, make_huber_loss<double>},
    {"quantile", make_quantile_loss<float>, make_quantile_loss<double>},
    {"mixture", make_mixture_loss<float>, make_mixture_loss<double>},
    {"ctc", make_ctc_loss<float>, make_ctc_loss<double>},
    {"esr", make_esr_loss<float>, make_esr_loss<double>},
};

const Row* find(const std::string& kind) {
  for (const Row& row : kLosses) {
    if (kind == row.kind) return &row;
  }
  return nullptr;
}

constexpr int kMost = 1 << 20;

}  // namespace

const std::vector<std::string>& loss_kinds() {
  static const std::vector<std::string> kinds = [] {
    std::vector<std::string> all;
    for (const Row& row : kLosses) all.emplace_back(row.kind);
    return all;
  }();
  return kinds;
}

void check(const LossSpec& spec) {
  if (find(spec.kind) == nullptr) {
    throw SpecError(
        fmt::format("loss '{}' is not known; known are {}", spec.kind, fmt::join(loss_kinds(), ", ")));
  }
  if (spec.outputs < 1 || spec.outputs > kMost)
    throw SpecError(fmt::format("the loss' outputs are {}: they must be from 1 to {}", spec.outputs, kMost));
  if (!(spec.delta > 0) || !std::isfinite(spec.delta))
    throw SpecError(fmt::format("the loss' delta is {}: it must be more than 0", spec.delta));
  if (spec.components < 1 || spec.components > 1000)
    throw SpecError(fmt::format("the loss' components are {}: they must be from 1 to 1000", spec.components));
  if (!(spec.pre_emphasis >= 0 && spec.pre_emphasis < 1))
    throw SpecError(fmt::format("the loss' pre_emphasis is {}: it must be 0 or more, and less than 1",
                                spec.pre_emphasis));
  if (!(spec.dc >= 0) || !std::isfinite(spec.dc))
    throw SpecError(fmt::format("the loss' dc is {}: it must be 0 or more", spec.dc));
  if (spec.kind == "esr" && spec.outputs != 1)
    throw SpecError(fmt::format("the loss 'esr' is of one channel, not of {}", spec.outputs));
  if (spec.kind == "quantile" && spec.quantiles.empty())
    throw SpecError("the loss 'quantile' needs at least one quantile, as 0.1,0.5,0.9");
  if (spec.quantiles.size() > 1000) throw SpecError("the loss has more than 1000 quantiles");
  double before = 0;
  for (const double q : spec.quantiles) {
    if (!(q > before && q < 1))
      throw SpecError(fmt::format("quantile {} after {}: they must rise and lie between 0 and 1", q, before));
    before = q;
  }
}

void to_json(nlohmann::json& json, const LossSpec& spec) {
  json = {{"kind", spec.kind}, {"outputs", spec.outputs}};
  if (spec.kind == "huber") json["delta"] = spec.delta;
  if (spec.kind == "quantile") json["quantiles"] = spec.quantiles;
  if (spec.kind == "mixture") json["components"] = spec.components;
  if (spec.kind == "esr") {
    json["pre_emphasis"] = spec.pre_emphasis;
    json["dc"] = spec.dc;
  }
}

void from_json(const nlohmann::json& json, LossSpec& spec) {
  spec = LossSpec();
  try {
    json.at("kind").get_to(spec.kind);
    const auto& outputs = json.at("outputs");
    const auto n = outputs.is_number_integer() ? outputs.get<std::int64_t>() : 0;
    spec.outputs = n > kMost || n < 0 ? 0 : static_cast<int>(n);
    spec.delta = json.value("delta", spec.delta);
    spec.quantiles = json.value("quantiles", spec.quantiles);
    spec.pre_emphasis = json.value("pre_emphasis", spec.pre_emphasis);
    spec.dc = json.value("dc", spec.dc);
    const auto components = json.value("components", std::int64_t{spec.components});
    spec.components = components > kMost || components < 0 ? 0 : static_cast<int>(components);
    check(spec);
  } catch (const nlohmann::json::exception& e) {
    throw FormatError(fmt::format("loss: {}", e.what()));
  } catch (const SpecError& e) {
    throw FormatError(e.what());
  }
}

template <class T>
void LossFunction<T>::predict(const T* outputs, double* prediction) const {
  for (int i = 0; i < width(); ++i) prediction[i] = static_cast<double>(outputs[i]);
}

template <>
std::unique_ptr<LossFunction<float>> make_loss<float>(const LossSpec& spec) {
  check(spec);
  return find(spec.kind)->make_float(spec);
}
template <>
std::unique_ptr<LossFunction<double>> make_loss<double>(const LossSpec& spec) {
  check(spec);
  return find(spec.kind)->make_double(spec);
}

template class LossFunction<float>;
template class LossFunction<double>;

}  // namespace cellwright
