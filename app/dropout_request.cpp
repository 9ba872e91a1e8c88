#include "dropout_request.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdlib>

#include "cellwright/error.h"

namespace cellwright::app {
namespace {

double checked(double value, const std::string& option, bool chance) {
  if (!(value >= 0) || !std::isfinite(value) || (chance && value >= 1)) {
    throw SpecError(fmt::format("{} must be 0 (none) or more{}, found {:g}", option,
                                chance ? ", and less than 1" : "", value));
  }
  return value;
}

std::map<std::string, double> zones_of(const std::vector<std::string>& given) {
  std::map<std::string, double> zones;
  for (const std::string& entry : given) {
    const std::size_t equals = entry.find('=');
    const std::string name = equals == std::string::npos ? "" : entry.substr(0, equals);
    const std::string number = equals == std::string::npos ? entry : entry.substr(equals + 1);
    char* end = nullptr;
    const double rate = std::strtod(number.c_str(), &end);
    if (number.empty() || *end != '\0' || (equals != std::string::npos && name.empty()))
      throw SpecError(fmt::format("--zoneout wants a chance, or STATE=X, found '{}'", entry));
    if (!zones.emplace(name, checked(rate, "--zoneout", true)).second)
      throw SpecError(fmt::format("--zoneout is given twice{}; give it once",
                                  name.empty() ? "" : fmt::format(" for '{}'", name)));
  }
  return zones;
}

std::string zones_text(const std::map<std::string, double>& zones) {
  std::string text;
  for (const auto& [name, rate] : zones)
    text += fmt::format(" {}{}{:g}", name, name.empty() ? "" : "=", rate);
  return text;
}

// As the options set them: of all layers alike, but for the input's, which is the first layer's.
const Regularisation& of(const ModelSpec& spec) { return spec.layers.front().regularisation; }

}  // namespace

void add_dropout_options(CLI::App* app, DropoutRequest& r) {
  const auto number = [&](const std::string& name, auto& field, const std::string& text) {
    app->add_option(name, field, text)->type_name("X")->group("Model");
  };
  number(
      "--dropout", r.dropout,
      "In training: chance that a value on its way between layers is dropped, below the first and above the "
      "last as well (0)");
  app->add_flag("--variational", r.variational, "With --dropout: one mask a window, not one a step")
      ->group("Model");
  number("--recurrent-dropout", r.recurrent,
         "In training: the same for states on their way into products, one mask a window (0)");
  app->add_option("--zoneout", r.zoneout,
                  "In training: chance that a unit of a state keeps its old value (0): X, or C=0.5,h=0.05")
      ->type_name("X|STATE=X,…")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->group("Model");
  number("--activation-penalty", r.activation_penalty,
         "In training: weight of the mean square of what each layer hands up (0)");
  number("--temporal-penalty", r.temporal_penalty,
         "In training: weight of the mean square of its change from step to step (0)");
}

void put_dropout(const DropoutRequest& request, ModelSpec& spec) {
  const std::map<std::string, double> zones = zones_of(request.zoneout);
  const double dropout = checked(request.dropout.value_or(0), "--dropout", true);
  if (request.variational && dropout == 0)
    throw SpecError("--variational says how --dropout draws its masks; give --dropout too, or leave it out");
  for (LayerSpec& layer : spec.layers) {
    Regularisation& r = layer.regularisation;
    r.input_dropout = &layer == &spec.layers.front() ? dropout : 0;
    r.output_dropout = dropout;
    r.variational = request.variational;
    r.recurrent_dropout = checked(request.recurrent.value_or(0), "--recurrent-dropout", true);
    r.zoneout = zones;
    r.activation_penalty = checked(request.activation_penalty.value_or(0), "--activation-penalty", false);
    r.temporal_penalty = checked(request.temporal_penalty.value_or(0), "--temporal-penalty", false);
  }
}

void check_same_dropout(const DropoutRequest& request, const ModelSpec& spec,
                        const std::function<void(const std::string& has)>& refuse) {
  const auto same = [&](const std::optional<double>& given, double has, const char* what) {
    if (given && *given != has)
      refuse(has > 0 ? fmt::format("{} {:g}", what, has) : fmt::format("no {}", what));
  };
  const Regularisation& r = of(spec);
  same(request.dropout, r.output_dropout, "dropout");
  if (request.variational && !r.variational) refuse("no variational dropout");
  same(request.recurrent, r.recurrent_dropout, "recurrent dropout");
  if (!request.zoneout.empty() && zones_of(request.zoneout) != r.zoneout)
    refuse(r.zoneout.empty() ? "no zoneout" : "zoneout" + zones_text(r.zoneout));
  same(request.activation_penalty, r.activation_penalty, "activation penalty");
  same(request.temporal_penalty, r.temporal_penalty, "temporal penalty");
}

std::string describe_dropout(const ModelSpec& spec) {
  std::string text;
  const auto rate = [&](const char* what, double x) {
    if (x > 0) text += fmt::format("{}{} {:g}", text.empty() ? "" : ", ", what, x);
  };
  const Regularisation& r = of(spec);
  rate(r.variational ? "variational dropout" : "dropout", r.output_dropout);
  rate("recurrent dropout", r.recurrent_dropout);
  if (!r.zoneout.empty()) text += (text.empty() ? "zoneout" : ", zoneout") + zones_text(r.zoneout);
  rate("activation penalty", r.activation_penalty);
  rate("temporal penalty", r.temporal_penalty);
  return text;
}

}  // namespace cellwright::app
